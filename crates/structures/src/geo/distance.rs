//! Distances on a sphere.

use super::point::Point;

/// The radius of the earth in metres, as the peers have it.
pub(super) const EARTH_RADIUS_M: f64 = 6_372_797.560_856;

const RADIANS: f64 = std::f64::consts::PI / 180.0;

/// Degrees in radians.
pub(super) fn radians(degrees: f64) -> f64 {
    degrees * RADIANS
}

/// Radians in degrees.
pub(super) fn degrees(radians: f64) -> f64 {
    radians / RADIANS
}

/// The way from one point to another along a great circle, in metres (haversine formula).
pub fn distance(from: Point, to: Point) -> f64 {
    let v = ((radians(to.longitude) - radians(from.longitude)) / 2.0).sin();
    if v == 0.0 {
        return along_meridian(from.latitude, to.latitude);
    }
    let (from, to) = (radians(from.latitude), radians(to.latitude));
    let u = ((to - from) / 2.0).sin();
    let a = u * u + from.cos() * to.cos() * v * v;
    2.0 * EARTH_RADIUS_M * a.sqrt().asin()
}

/// The way between two latitudes, straight to the north or south.
pub(super) fn along_meridian(from: f64, to: f64) -> f64 {
    EARTH_RADIUS_M * (radians(to) - radians(from)).abs()
}
