//! Polygons.

use super::areas::Bounds;
use super::distance::{degrees, distance, radians};
use super::point::Point;

/// The fewest vertices of a polygon.
pub const VERTICES_MIN: usize = 3;

/// A polygon: its edges are straight on a map with degrees for both axes, and the last vertex is joined to the first.
#[derive(Clone, Debug)]
pub struct Polygon {
    vertices: Vec<Point>,
}

impl Polygon {
    /// A polygon of three vertices at least.
    pub fn new(vertices: Vec<Point>) -> Option<Self> {
        (vertices.len() >= VERTICES_MIN).then_some(Self { vertices })
    }

    /// The middle of the vertices: the point of the sphere below the mean of their places in space. It may lie nearer to
    /// a pole than any vertex.
    pub fn centre(&self) -> Point {
        let (mut x, mut y, mut z) = (0.0, 0.0, 0.0);
        for vertex in &self.vertices {
            let (longitude, latitude) = (radians(vertex.longitude), radians(vertex.latitude));
            x += latitude.cos() * longitude.cos();
            y += latitude.cos() * longitude.sin();
            z += latitude.sin();
        }
        Point { longitude: degrees(y.atan2(x)), latitude: degrees(z.atan2((x * x + y * y).sqrt())) }
    }

    /// Whether a point lies inside: a line from it to the east crosses an odd number of edges.
    pub fn contains(&self, point: Point) -> bool {
        let mut is_inside = false;
        let Some(mut before) = self.vertices.last() else { return false };
        for vertex in &self.vertices {
            let crosses_latitude = (vertex.latitude > point.latitude) != (before.latitude > point.latitude);
            if crosses_latitude && point.longitude < longitude_at(*vertex, *before, point.latitude) {
                is_inside = !is_inside;
            }
            before = vertex;
        }
        is_inside
    }

    pub(super) fn bounds(&self) -> Bounds {
        let longitudes = || self.vertices.iter().map(|vertex| vertex.longitude);
        let latitudes = || self.vertices.iter().map(|vertex| vertex.latitude);
        Bounds {
            west: longitudes().fold(f64::INFINITY, f64::min),
            south: latitudes().fold(f64::INFINITY, f64::min),
            east: longitudes().fold(f64::NEG_INFINITY, f64::max),
            north: latitudes().fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// How far it is from the centre to the farthest corner of the bounds.
    pub(super) fn reach_m(&self) -> f64 {
        let bounds = self.bounds();
        let corners = [bounds.west, bounds.east]
            .into_iter()
            .flat_map(|longitude| [bounds.south, bounds.north].map(|latitude| Point { longitude, latitude }));
        corners.map(|corner| distance(self.centre(), corner)).fold(0.0, f64::max)
    }
}

/// Where an edge, which is not level, crosses a latitude.
fn longitude_at(from: Point, to: Point, latitude: f64) -> f64 {
    (to.longitude - from.longitude) * (latitude - from.latitude) / (to.latitude - from.latitude)
        + from.longitude
}
