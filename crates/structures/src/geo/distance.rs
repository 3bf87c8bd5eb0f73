//! Distances on a sphere.

use std::f64::consts::{FRAC_PI_2, PI};

use super::point::Point;

/// The radius of the earth in metres, as the peers have it.
pub(super) const EARTH_RADIUS_M: f64 = 6_372_797.560_856;

const RADIANS: f64 = PI / 180.0;

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
    Centre::new(from).distance(to)
}

/// A point from which several distances are measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Centre {
    point: Point,
    cos_latitude: f64,
}

impl Centre {
    pub(super) fn new(point: Point) -> Self {
        Self { point, cos_latitude: radians(point.latitude).cos() }
    }

    pub(super) fn point(&self) -> Point {
        self.point
    }

    #[inline]
    fn distance(&self, to: Point) -> f64 {
        self.distance_upto(to, &Reach::WHOLE_EARTH).expect("nothing is farther")
    }

    /// The distance of a point; `None` if it is surely beyond the reach.
    #[inline]
    pub(super) fn distance_upto(&self, to: Point, reach: &Reach) -> Option<f64> {
        let half = (radians(to.longitude) - radians(self.point.longitude)) / 2.0;
        if reach.is_beyond(half) {
            return None;
        }
        let v = half.sin();
        if v == 0.0 {
            return Some(along_meridian(self.point.latitude, to.latitude));
        }
        let (from, to) = (radians(self.point.latitude), radians(to.latitude));
        let u = ((to - from) / 2.0).sin();
        let a = u * u + self.cos_latitude * to.cos() * v * v;
        if a > reach.square { None } else { Some(2.0 * EARTH_RADIUS_M * a.sqrt().asin()) }
    }
}

/// How far points may be that are of interest, in terms of the formula: those that are surely beyond it need no measuring.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// Of half the chord, on a sphere of radius 1.
    square: f64,
    /// At most the product of the cosines of the latitudes of the centre and of any point within reach.
    cosines: f64,
}

impl Reach {
    pub(super) const WHOLE_EARTH: Self = Self { square: f64::INFINITY, cosines: 0.0 };

    /// Points up to `radius_m` from `centre`.
    pub(super) fn around(centre: &Centre, radius_m: f64) -> Self {
        let angle = radius_m / EARTH_RADIUS_M;
        let northernmost = radians(centre.point.latitude).abs() + angle;
        if northernmost >= FRAC_PI_2 || angle >= FRAC_PI_2 {
            return Self::WHOLE_EARTH;
        }
        let sin = (angle / 2.0).sin();
        Self { square: sin * sin * SLACK, cosines: centre.cos_latitude * northernmost.cos() / SLACK }
    }

    /// Whether a point is surely too far to the east or west, by half the angle to it.
    #[inline]
    fn is_beyond(&self, half: f64) -> bool {
        let half = half.abs().min((PI - half.abs()).abs());
        // Not more than the sine.
        let sin = half - half * half * half / 6.0;
        self.cosines * sin * sin > self.square
    }
}

/// Sines and cosines round: only what is surely too far away is left out.
pub(super) const SLACK: f64 = 1.0 + 1e-9;

/// The way between two latitudes, straight to the north or south.
pub(super) fn along_meridian(from: f64, to: f64) -> f64 {
    EARTH_RADIUS_M * (radians(to) - radians(from)).abs()
}
