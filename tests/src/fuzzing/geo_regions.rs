//! Any numbers as a place to search and as scores: nothing panics, ranges are ranges, and what is found is on the map.
//!
//! A byte for the shape, then doubles: a longitude and a latitude, two lengths, and scores; for a polygon three vertices or more at first.

use structures::geo::{self, LATITUDE_MAX, LONGITUDE_MAX, Point, Polygon, Region, Shape};

/// More cells than this are never searched.
const AREAS_MAX: usize = 9;
/// The first score behind those of the map and its edges.
const SCORE_END: f64 = (1_u64 << 54) as f64;
/// Half of the way around the earth, and a little more.
const FARTHEST_M: f64 = 20_021_000.0;

/// Checks one input.
pub fn geo_regions(input: &[u8]) {
    let Some((shape, rest)) = input.split_first() else { return };
    let (words, _) = rest.as_chunks::<8>();
    let numbers: Vec<f64> = words.iter().map(|word| f64::from_le_bytes(*word)).collect();
    let Some((region, scores)) = region(*shape, &numbers) else { return };
    let areas: Vec<_> = region.areas().collect();
    assert!(areas.len() <= AREAS_MAX);
    for area in &areas {
        assert!(0.0 <= area.from && area.from < area.to && area.to <= SCORE_END, "{area:?}");
    }
    for score in scores.iter().copied().chain(areas.iter().map(|area| area.from)) {
        let point = Point::of_score(score);
        assert!(point.longitude.abs() <= LONGITUDE_MAX && point.latitude.abs() <= LATITUDE_MAX, "{point:?}");
        assert!(geo::geohash(point).iter().all(u8::is_ascii_alphanumeric));
        if let Some(distance) = region.distance_within(point) {
            assert!(distance.is_nan() || (0.0..FARTHEST_M).contains(&distance), "{distance}");
        }
    }
}

/// The region, and the numbers that are left. As commands do, it refuses what is not on the map, and lengths that aren't any.
fn region(shape: u8, numbers: &[f64]) -> Option<(Region, &[f64])> {
    if shape >= 2 {
        let (vertices, scores) = numbers.split_at_checked(2 * usize::from(shape % 16 + 1))?;
        let points = vertices.chunks_exact(2).map(|pair| Point::new(pair[0], pair[1]));
        let polygon = Polygon::new(points.collect::<Option<Vec<_>>>()?)?;
        return Some((Region::of_polygon(polygon), scores));
    }
    let (&[longitude, latitude, one_m, other_m], scores) = numbers.split_first_chunk()?;
    if !(one_m >= 0.0 && other_m >= 0.0) {
        return None;
    }
    let shape = match shape {
        0 => Shape::Circle { radius_m: one_m },
        _ => Shape::Box { width_m: one_m, height_m: other_m },
    };
    Some((Region::new(Point::new(longitude, latitude)?, shape), scores))
}
