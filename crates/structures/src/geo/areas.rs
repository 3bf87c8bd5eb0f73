//! Which cells a search goes through.

use super::cell::{Cell, Step};
use super::distance::{EARTH_RADIUS_M, degrees, radians};
use super::point::Point;

/// Scores from `from` on and below `to`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ScoreRange {
    /// The first score.
    pub from: f64,
    /// The first one behind it.
    pub to: f64,
}

/// A range of longitudes and latitudes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) west: f64,
    pub(super) south: f64,
    pub(super) east: f64,
    pub(super) north: f64,
}

/// At most so many cells are searched.
const CELLS_MAX: usize = 9;

/// The neighbours in the order in which they are searched, after the cell in the middle.
const NEIGHBOURS: [Step; 8] = [(0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1)];

/// Half the circumference of the earth on Mercator's map: what the whole map reaches.
const MAP_REACH_M: f64 = 20_037_726.37;

impl Bounds {
    /// Of a box around a point, in metres.
    pub(super) fn around(centre: Point, width_m: f64, height_m: f64) -> Self {
        let latitude_reach = degrees(height_m / 2.0 / EARTH_RADIUS_M);
        // Circles of latitude are shorter towards the pole: there the box reaches over more degrees.
        let polewards = if centre.latitude < 0.0 { -latitude_reach } else { latitude_reach };
        let longitude_reach =
            degrees(width_m / 2.0 / EARTH_RADIUS_M / radians(centre.latitude + polewards).cos());
        Self {
            west: centre.longitude - longitude_reach,
            south: centre.latitude - latitude_reach,
            east: centre.longitude + longitude_reach,
            north: centre.latitude + latitude_reach,
        }
    }
}

/// The ranges of scores in which places may be found that are within `reach_m` of the centre and within the bounds, in the order in which
/// they are to be searched. Around a pole the search begins at the edge of the map.
pub(super) fn areas(
    centre: Point,
    reach_m: f64,
    bounds: &Bounds,
) -> impl Iterator<Item = ScoreRange> + use<> {
    let cells = cells(centre.on_map(), reach_m, bounds);
    // On a map of a few cells the neighbours on both sides may be the same one.
    let mut last = None;
    let differing = cells.into_iter().flatten().filter(move |cell| last.replace(*cell) != Some(*cell));
    differing.map(|cell| {
        let shift = 2 * (Cell::STEPS_MAX - cell.steps());
        ScoreRange { from: (cell.bits() << shift) as f64, to: ((cell.bits() + 1) << shift) as f64 }
    })
}

fn cells(centre: Point, reach_m: f64, bounds: &Bounds) -> [Option<Cell>; CELLS_MAX] {
    let mut middle = Cell::around(centre, steps(reach_m, centre.latitude));
    if middle.steps() > 1 && !neighbours_reach(middle, bounds) {
        middle = Cell::around(centre, middle.steps() - 1);
    }
    let mut cells = [Some(middle); CELLS_MAX];
    for (cell, step) in cells.iter_mut().skip(1).zip(NEIGHBOURS) {
        *cell = is_needed(middle, step, bounds).then(|| middle.neighbour(step));
    }
    cells
}

/// How many halvings leave cells that are about as large as what is searched.
fn steps(reach_m: f64, latitude: f64) -> u32 {
    let mut reach_m = reach_m;
    if reach_m == 0.0 {
        return Cell::STEPS_MAX;
    }
    let mut steps = 1;
    // 1e-308 metres would be doubled a thousand times: more than that many halvings there aren't.
    while reach_m < MAP_REACH_M && steps < 2 * Cell::STEPS_MAX {
        reach_m *= 2.0;
        steps += 1;
    }
    // A cell less, so that the nine cover the whole in most cases; towards the poles cells are narrower.
    let narrower = [66.0, 80.0].iter().filter(|limit| latitude.abs() > **limit).count() as u32;
    u32::saturating_sub(steps, 2 + narrower).clamp(1, Cell::STEPS_MAX)
}

/// Whether the cells around the middle one reach the bounds on all sides.
fn neighbours_reach(middle: Cell, bounds: &Bounds) -> bool {
    middle.neighbour((0, 1)).north() >= bounds.north
        && middle.neighbour((0, -1)).south() <= bounds.south
        && middle.neighbour((1, 0)).east() >= bounds.east
        && middle.neighbour((-1, 0)).west() <= bounds.west
}

/// Whether what lies beyond the side of the middle cell to which a step leads is searched. All is on a map of four cells.
fn is_needed(middle: Cell, (east, north): Step, bounds: &Bounds) -> bool {
    let ends_before = (north < 0 && middle.south() < bounds.south)
        || (north > 0 && middle.north() > bounds.north)
        || (east < 0 && middle.west() < bounds.west)
        || (east > 0 && middle.east() > bounds.east);
    middle.steps() < 2 || !ends_before
}
