//! What happens to the bytes of one direction of a connection.

use std::ops::RangeInclusive;
use std::time::Duration;

use fastrand::Rng;

/// What may happen on a network.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// Sizes of the pieces that pass on at once.
    pieces: Pieces,
    /// One piece in so many waits until all of it is there, so that what was sent apart arrives together. 0 for none.
    merge_one_in: usize,
    /// One piece in so many waits for up to [`PAUSE_MAX`] first. 0 for none.
    pause_one_in: usize,
    /// After how many bytes a direction ends, if at all.
    ending_after: Option<(usize, usize)>,
}

#[derive(Clone, Copy, Debug)]
enum Pieces {
    /// Single bytes for a stretch, then a large piece, so that large values get through.
    Bytes,
    /// As many pieces of 1 byte as of 1 to 2, 1 to 4, … up to this power of two.
    UpTo(u32),
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    Request,
    /// From the server to the client.
    Reply,
}

/// How a connection ends before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Both sides are reset (RST).
    Reset,
    /// This direction is closed (FIN) and the other goes on.
    HalfClose,
    /// Both sides are closed (FIN).
    Close,
}

/// What is done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Passes up to so many bytes on as soon as there are any.
    Pass(usize),
    /// Gathers so many bytes, or what comes until nothing more does, and passes them on at once.
    Merge(usize),
    /// Waits.
    Pause(Duration),
    /// Ends the connection. Nothing follows.
    End(Ending),
}

/// The steps of one direction.
#[derive(Clone, Debug)]
pub struct Plan {
    faults: Faults,
    random: Rng,
    /// Bytes planned so far.
    planned: usize,
    ending: Option<(usize, Ending)>,
    has_paused: bool,
}

const PAUSE_MAX: Duration = Duration::from_millis(3);
/// Stretches of [`Pieces::Bytes`], and what passes between them.
const BYTES_STRETCH: usize = 4 * 1024;
const BYTES_BETWEEN: usize = 256 * 1024;

impl Faults {
    /// Every byte is a piece of its own, in long stretches.
    pub const BYTE_BY_BYTE: Self =
        Self { pieces: Pieces::Bytes, merge_one_in: 0, pause_one_in: 0, ending_after: None };

    /// Pieces of any size, some late, some together. Every connection goes on for ever.
    pub const ROUGH: Self =
        Self { pieces: Pieces::UpTo(16), merge_one_in: 8, pause_one_in: 40, ending_after: None };

    /// The same in small pieces, and connections end within `bytes` in each direction.
    pub const fn cutting(bytes: RangeInclusive<usize>) -> Self {
        let ending_after = Some((*bytes.start(), *bytes.end()));
        Self { pieces: Pieces::UpTo(7), merge_one_in: 8, pause_one_in: 40, ending_after }
    }
}

impl Plan {
    /// The plan of a direction of a connection, the connections counted from 0.
    pub fn new(faults: Faults, seed: u64, connection: u64, direction: Direction) -> Self {
        let mut random =
            Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (connection << 1) ^ direction as u64);
        let ending = faults.ending_after.map(|(least, most)| {
            let endings = [Ending::Reset, Ending::HalfClose, Ending::Close];
            (random.usize(least..=most), endings[random.usize(..endings.len())])
        });
        Self { faults, random, planned: 0, ending, has_paused: false }
    }

    /// The next step.
    pub fn next_step(&mut self) -> Step {
        let left = match self.ending {
            Some((after, ending)) if self.planned >= after => return Step::End(ending),
            Some((after, _)) => after - self.planned,
            None => usize::MAX,
        };
        if !self.has_paused && self.one_in(self.faults.pause_one_in) {
            self.has_paused = true;
            return Step::Pause(PAUSE_MAX.mul_f64(self.random.f64()));
        }
        self.has_paused = false;
        let bytes = self.piece().min(left);
        if self.one_in(self.faults.merge_one_in) { Step::Merge(bytes) } else { Step::Pass(bytes) }
    }

    /// So many bytes of the last piece were passed on; a piece that was not all there counts as what it was.
    pub fn passed(&mut self, bytes: usize) {
        self.planned += bytes;
    }

    fn one_in(&mut self, chances: usize) -> bool {
        chances > 0 && self.random.usize(..chances) == 0
    }

    fn piece(&mut self) -> usize {
        match self.faults.pieces {
            Pieces::UpTo(power) => {
                let power = self.random.u32(..=power);
                self.random.usize(1..=1 << power)
            }
            Pieces::Bytes => match self.planned % (BYTES_STRETCH + BYTES_BETWEEN) {
                at if at < BYTES_STRETCH => 1,
                at => BYTES_STRETCH + BYTES_BETWEEN - at,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(seed: u64, connection: u64, direction: Direction) -> Vec<Step> {
        let mut plan = Plan::new(Faults::cutting(50..=2_000), seed, connection, direction);
        let mut steps = Vec::new();
        while !matches!(steps.last(), Some(Step::End(_))) {
            steps.push(plan.next_step());
            if let Some(Step::Pass(bytes) | Step::Merge(bytes)) = steps.last() {
                plan.passed(*bytes);
            }
        }
        steps
    }

    #[test]
    fn a_seed_gives_the_same_plan_again_and_every_direction_its_own() {
        let first = steps(1, 0, Direction::Request);
        assert_eq!(first, steps(1, 0, Direction::Request));
        for other in
            [steps(2, 0, Direction::Request), steps(1, 1, Direction::Request), steps(1, 0, Direction::Reply)]
        {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn a_connection_ends_where_it_is_planned() {
        for seed in 0..100 {
            let passed: usize = steps(seed, 0, Direction::Reply)
                .iter()
                .map(|step| if let Step::Pass(bytes) | Step::Merge(bytes) = step { *bytes } else { 0 })
                .sum();
            assert!((50..=2_000).contains(&passed), "{passed}");
        }
    }

    #[test]
    fn byte_by_byte_lets_large_values_through() {
        let mut plan = Plan::new(Faults::BYTE_BY_BYTE, 1, 0, Direction::Request);
        for _ in 0..BYTES_STRETCH {
            assert_eq!(plan.next_step(), Step::Pass(1));
            plan.passed(1);
        }
        assert_eq!(plan.next_step(), Step::Pass(BYTES_BETWEEN));
        plan.passed(10);
        assert_eq!(plan.next_step(), Step::Pass(BYTES_BETWEEN - 10));
    }
}
