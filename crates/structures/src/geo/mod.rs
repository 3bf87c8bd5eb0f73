//! Places on the earth, as scores of a sorted set.
//!
//! ```text
//! longitude ─┐                                        ┌─▶ area ──▶ scores from .. to
//!            ├─▶ 26 bits each, interleaved ──▶ score ─┤
//! latitude ──┘   lat in bit 0, lon in bit 1           └─▶ Point: the middle of the cell
//! ```
//!
//! The longitudes from -180 to 180 and the latitudes from -85.05112878 to 85.05112878 are halved again and again; each half gives a bit. A place is a cell
//! of 26 halvings both ways, 0.6 m wide at the equator, and 52 bits fit into the score, a double. Places that have the first bits in common are
//! neighbours, and a range of scores. So a search takes a cell about as large as its [`Shape`], with the eight cells around it, goes through
//! their scores, and measures what it meets.
//!
//! Distances are those on a sphere. Cells, their order, and every digit are those of Redis and Valkey.

mod areas;
mod cell;
mod distance;
mod geohash;
mod point;
mod polygon;
mod shape;
mod unit;

pub use areas::ScoreRange;
pub use distance::distance;
pub use geohash::geohash;
pub use point::{LATITUDE_MAX, LONGITUDE_MAX, Point};
pub use polygon::{Polygon, VERTICES_MIN};
pub use shape::{Region, Shape};
pub use unit::Unit;
