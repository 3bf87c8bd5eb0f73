//! What is searched.

use super::areas::{Bounds, ScoreRange, areas};
use super::distance::{Centre, Reach, SLACK, along_meridian, distance};
use super::point::Point;
use super::polygon::Polygon;

/// The form of what is searched, in metres.
#[derive(Clone, Debug)]
pub enum Shape {
    /// All that is within a distance.
    Circle {
        /// The distance.
        radius_m: f64,
    },
    /// All that is in a box, half of it on each side.
    Box {
        /// From west to east.
        width_m: f64,
        /// From south to north.
        height_m: f64,
    },
    /// All that is in a polygon, wherever the centre is.
    Polygon(Polygon),
}

/// A shape around a point.
#[derive(Clone, Debug)]
pub struct Region {
    centre: Centre,
    shape: Shape,
    /// Of a circle.
    reach: Reach,
}

impl Region {
    /// A shape around a point. No length is negative or NaN.
    pub fn new(centre: Point, shape: Shape) -> Self {
        let centre = Centre::new(centre);
        let reach = match &shape {
            Shape::Circle { radius_m } => Reach::around(&centre, *radius_m),
            Shape::Box { .. } | Shape::Polygon(_) => Reach::WHOLE_EARTH,
        };
        Self { centre, shape, reach }
    }

    /// A polygon, around its own centre.
    pub fn of_polygon(polygon: Polygon) -> Self {
        Self::new(polygon.centre(), Shape::Polygon(polygon))
    }

    /// The point from which distances are measured.
    pub fn centre(&self) -> Point {
        self.centre.point()
    }

    /// The scores of all points in the region, with others around it: at most nine ranges, in the order in which the peers go through them.
    pub fn areas(&self) -> impl Iterator<Item = ScoreRange> + use<> {
        let (reach_m, bounds) = match &self.shape {
            Shape::Circle { radius_m } => {
                (*radius_m, Bounds::around(self.centre(), 2.0 * radius_m, 2.0 * radius_m))
            }
            Shape::Box { width_m, height_m } => {
                let half_diagonal_m =
                    (width_m / 2.0 * (width_m / 2.0) + height_m / 2.0 * (height_m / 2.0)).sqrt();
                (half_diagonal_m, Bounds::around(self.centre(), *width_m, *height_m))
            }
            Shape::Polygon(polygon) => (polygon.reach_m(), polygon.bounds()),
        };
        areas(self.centre(), reach_m, &bounds)
    }

    /// The distance of a point from the centre, in metres, if the point lies in the region.
    #[inline]
    pub fn distance_within(&self, point: Point) -> Option<f64> {
        let centre = self.centre.point();
        match &self.shape {
            Shape::Circle { radius_m } => {
                // The way to the north or south alone is shorter and cheaper to tell; most points of a far cell end here.
                if along_meridian(centre.latitude, point.latitude) > *radius_m * SLACK {
                    return None;
                }
                self.centre.distance_upto(point, &self.reach).filter(|distance| distance <= radius_m)
            }
            Shape::Box { width_m, height_m } => {
                let sideways = Point { longitude: centre.longitude, latitude: point.latitude };
                let is_within = along_meridian(centre.latitude, point.latitude) <= height_m / 2.0
                    && distance(point, sideways) <= width_m / 2.0;
                is_within.then(|| distance(centre, point))
            }
            Shape::Polygon(polygon) => polygon.contains(point).then(|| distance(centre, point)),
        }
    }
}
