//! Searches go through all scores that they have to.

use kvd_structures::geo::{self, LATITUDE_MAX, LONGITUDE_MAX, Point, Polygon, Region, Shape};
use proptest::prelude::*;

/// Widths of a cell, and half its height, in degrees.
const CELL_DEGREES: f64 = 360.0 / (1 << 26) as f64;
/// Where shapes on the map are not distorted beyond what the search reckons with.
const TEMPERATE: f64 = 55.0;

fn anywhere() -> impl Strategy<Value = Point> {
    (-LONGITUDE_MAX..=LONGITUDE_MAX, -LATITUDE_MAX..=LATITUDE_MAX)
        .prop_map(|(longitude, latitude)| Point { longitude, latitude })
}

fn temperate() -> impl Strategy<Value = Point> {
    (-LONGITUDE_MAX..=LONGITUDE_MAX, -TEMPERATE..=TEMPERATE)
        .prop_map(|(longitude, latitude)| Point { longitude, latitude })
}

/// A point so many degrees from another; the map goes on behind its edges in the east and in the west.
fn beside(point: Point, (east, north): (f64, f64)) -> Point {
    let longitude = (point.longitude + east + 540.0).rem_euclid(360.0) - 180.0;
    Point { longitude, latitude: (point.latitude + north).clamp(-LATITUDE_MAX, LATITUDE_MAX) }
}

fn is_searched(region: &Region, score: f64) -> bool {
    region.areas().any(|area| (area.from..area.to).contains(&score))
}

/// Where Valkey finds nothing.
#[test]
fn a_polygon_around_a_pole_is_searched_as_a_whole() {
    let corners = [(-120.0, 60.0), (0.0, 62.0), (120.0, 61.0)];
    let corners = corners.map(|(longitude, latitude)| Point { longitude, latitude });
    let polygon = Polygon::new(corners.to_vec()).expect("three corners are enough");
    assert!(polygon.centre().latitude > LATITUDE_MAX);
    let region = Region::of_polygon(polygon.clone());
    for longitude in -179..180 {
        for latitude in -80..=80 {
            let point = Point { longitude: longitude.into(), latitude: latitude.into() };
            assert!(!polygon.contains(point) || is_searched(&region, point.score()), "{point:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_circle_holds_what_is_as_near_as_its_radius(
        centre in anywhere(),
        scale in -3.0..7.5f64,
        east in -1.5..1.5f64,
        north in -1.5..1.5f64,
    ) {
        let radius_m = 10f64.powf(scale);
        let degrees = radius_m / 111_000.0;
        let stretch = centre.latitude.to_radians().cos().max(0.01);
        let region = Region::new(centre, Shape::Circle { radius_m });
        for point in [beside(centre, (east * degrees / stretch, north * degrees)), beside(centre, (180.0, north))] {
            let distance_m = geo::distance(centre, point);
            prop_assert_eq!(region.distance_within(point), (distance_m <= radius_m).then_some(distance_m));
        }
    }

    #[test]
    fn a_score_is_that_of_a_cell_around_the_point(point in anywhere()) {
        let middle = Point::of_score(point.score());
        prop_assert!((middle.longitude - point.longitude).abs() <= CELL_DEGREES);
        prop_assert!((middle.latitude - point.latitude).abs() <= CELL_DEGREES);
        if point.longitude < LONGITUDE_MAX && point.latitude < LATITUDE_MAX {
            prop_assert_eq!(middle.score(), point.score());
        }
    }

    #[test]
    fn any_number_as_a_score_is_a_point_on_the_map(score in any::<f64>()) {
        let point = Point::of_score(score);
        prop_assert!(Point::new(point.longitude, point.latitude).is_some());
        prop_assert!(geo::geohash(point).iter().all(u8::is_ascii_alphanumeric));
    }

    #[test]
    fn a_distance_is_the_same_both_ways_and_shorter_than_any_detour(one in anywhere(), other in anywhere(), third in anywhere()) {
        let straight = geo::distance(one, other);
        prop_assert!((straight - geo::distance(other, one)).abs() < 0.5);
        prop_assert!(straight <= geo::distance(one, third) + geo::distance(third, other) + 0.5);
    }

    #[test]
    fn what_lies_in_a_circle_is_searched(
        centre in temperate(),
        radius_m in (0.0_f64..6.0).prop_map(|exponent| 10_f64.powf(exponent)),
        steps in proptest::collection::vec((-1.0..=1.0, -1.0..=1.0), 20),
    ) {
        let region = Region::new(centre, Shape::Circle { radius_m });
        let reach = radius_m / 60_000.0;
        for step in steps {
            let score = beside(centre, (step.0 * reach, step.1 * reach)).score();
            let distance = geo::distance(centre, Point::of_score(score));
            prop_assert_eq!(region.distance_within(Point::of_score(score)), (distance <= radius_m).then_some(distance));
            prop_assert!(distance > radius_m || is_searched(&region, score));
        }
    }

    #[test]
    fn what_lies_in_a_box_is_searched(
        centre in temperate(),
        (width_m, height_m) in (0.0_f64..5.8, 0.0_f64..5.8).prop_map(|(width, height)| (10_f64.powf(width), 10_f64.powf(height))),
        steps in proptest::collection::vec((-1.0..=1.0, -1.0..=1.0), 20),
    ) {
        let region = Region::new(centre, Shape::Box { width_m, height_m });
        for step in steps {
            let score = beside(centre, (step.0 * width_m / 110_000.0, step.1 * height_m / 180_000.0)).score();
            prop_assert!(region.distance_within(Point::of_score(score)).is_none() || is_searched(&region, score));
        }
    }

    #[test]
    fn a_triangle_holds_what_lies_between_its_corners(
        corners in [temperate(), temperate(), temperate()],
        shares in proptest::collection::vec((0.01_f64..1.0, 0.01_f64..1.0, 0.01_f64..1.0), 20),
    ) {
        let polygon = Polygon::new(corners.to_vec()).expect("three corners are enough");
        let [a, b, c] = corners;
        let twice_the_area = (b.longitude - a.longitude) * (c.latitude - a.latitude)
            - (c.longitude - a.longitude) * (b.latitude - a.latitude);
        prop_assume!(twice_the_area.abs() > 1.0);
        for (x, y, z) in shares {
            let mean = |a: f64, b: f64, c: f64| (a * x + b * y + c * z) / (x + y + z);
            let point = Point {
                longitude: mean(a.longitude, b.longitude, c.longitude),
                latitude: mean(a.latitude, b.latitude, c.latitude),
            };
            prop_assert!(polygon.contains(point));
            // Beyond a corner there is nothing of it.
            let beyond = Point { longitude: 2.0 * a.longitude - point.longitude, latitude: 2.0 * a.latitude - point.latitude };
            prop_assert!(!polygon.contains(beyond));
        }
    }
}
