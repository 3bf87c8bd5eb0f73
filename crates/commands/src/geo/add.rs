//! Places: adding.
//!
//! ```text
//! GEOADD key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]
//! ```

use engine::{Args, CommandError, Ctx, Effect, Event};
use keyspace::{Key, SortedSet};
use structures::geo::Point;
use structures::sorted_set::{Condition, Outcome, Presence};

use super::options::point;
use crate::sorted_sets::limits::limits;

const ZADD: Event = Event::sorted_set("zadd");

/// Words of a place: longitude, latitude, member.
const PLACE_WORDS: usize = 3;

pub(super) fn geoadd(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let key = cx.args.key()?;
    let options = Options::parse(&mut cx.args)?;
    let places = places(cx.args)?;
    let counts = add(cx, &key, options, &places)?;
    if counts.added + counts.changed > 0 {
        record(cx, &key, options, &places);
    }
    cx.reply.integer((counts.added + if options.counts_changed { counts.changed } else { 0 }) as i64);
    Ok(())
}

#[derive(Copy, Clone)]
struct Options {
    presence: Option<Presence>,
    counts_changed: bool,
}

impl Options {
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let (mut absent, mut present, mut counts_changed) = (false, false, false);
        loop {
            if args.option("NX") {
                absent = true;
            } else if args.option("XX") {
                present = true;
            } else if args.option("CH") {
                counts_changed = true;
            } else {
                break;
            }
        }
        if (absent && present) || !args.remaining().is_multiple_of(PLACE_WORDS) {
            return Err(CommandError::Syntax);
        }
        let presence = match (absent, present) {
            (true, _) => Some(Presence::Absent),
            (_, true) => Some(Presence::Present),
            _ => None,
        };
        Ok(Self { presence, counts_changed })
    }

    /// The options as words of a request.
    fn words<'w>(self) -> impl Iterator<Item = &'w [u8]> {
        let presence = self.presence.map(|presence| match presence {
            Presence::Absent => &b"NX"[..],
            Presence::Present => b"XX",
        });
        presence.into_iter().chain(self.counts_changed.then_some(&b"CH"[..]))
    }
}

struct Place<'a> {
    score: f64,
    member: &'a [u8],
}

fn places<'a>(mut args: Args<'a>) -> Result<Vec<Place<'a>>, CommandError> {
    let mut places = Vec::with_capacity(args.remaining() / PLACE_WORDS);
    while !args.is_empty() {
        let point: Point = point(&mut args)?;
        places.push(Place { score: point.score(), member: args.word()? });
    }
    if places.is_empty() {
        return Err(CommandError::Syntax);
    }
    Ok(places)
}

#[derive(Default)]
struct Counts {
    added: usize,
    changed: usize,
}

fn add(
    cx: &mut Ctx<'_>,
    key: &Key<'_>,
    options: Options,
    places: &[Place<'_>],
) -> Result<Counts, CommandError> {
    let mut counts = Counts::default();
    if options.presence == Some(Presence::Present) && cx.view.get_mut::<SortedSet>(key)?.is_none() {
        return Ok(counts);
    }
    let limits = limits(cx.engine);
    let condition = Condition { presence: options.presence, comparison: None };
    let mut set = cx.view.get_or_create::<SortedSet>(key)?;
    for place in places {
        match set.update(place.member, place.score, condition, &limits) {
            Outcome::Added(_) => counts.added += 1,
            Outcome::Changed(_) => counts.changed += 1,
            Outcome::Refused | Outcome::Unchanged(_) => {}
        }
    }
    Ok(counts)
}

/// Whoever repeats it has the scores ready.
fn record(cx: &mut Ctx<'_>, key: &Key<'_>, options: Options, places: &[Place<'_>]) {
    let mut scores: Vec<itoa::Buffer> = vec![itoa::Buffer::new(); places.len()];
    let mut words = Vec::with_capacity(4 + 2 * places.len());
    words.extend([&b"ZADD"[..], key.bytes()]);
    words.extend(options.words());
    for (place, buffer) in places.iter().zip(&mut scores) {
        // Scores of points are whole numbers of 52 bits.
        words.extend([buffer.format(place.score as i64).as_bytes(), place.member]);
    }
    cx.view.record(key, ZADD, Effect::Instead(&words));
}
