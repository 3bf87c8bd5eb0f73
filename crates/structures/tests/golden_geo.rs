//! Places against what a real server said of them.

use kvd_structures::geo::{self, Point, Region, Shape};

const GOLDEN: &str = include_str!("golden/geo.txt");

#[test]
fn scores_geohashes_distances_and_searches_are_those_of_the_peers() {
    let mut points: Vec<Point> = Vec::new();
    for line in GOLDEN.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["point", longitude, latitude, score, hash] => {
                let point = Point::new(number(longitude), number(latitude)).expect("it is on the map");
                let cell = Point::of_score(point.score());
                assert_eq!(point.score(), number(score), "{line}");
                assert_eq!(geo::geohash(cell), hash.as_bytes(), "{line}");
                points.push(cell);
            }
            ["distance", from, to, metres] => {
                let at = |index: &str| points[index.parse::<usize>().expect("a number")];
                assert_eq!(format!("{:.4}", geo::distance(at(from), at(to))), metres, "{line}");
            }
            ["search", longitude, latitude, "circle", radius, "=", ref names @ ..] => {
                let shape = Shape::Circle { radius_m: number(radius) };
                assert_eq!(found(&points, longitude, latitude, shape), names, "{line}");
            }
            ["search", longitude, latitude, "box", width, height, "=", ref names @ ..] => {
                let shape = Shape::Box { width_m: number(width), height_m: number(height) };
                assert_eq!(found(&points, longitude, latitude, shape), names, "{line}");
            }
            _ => panic!("{line}"),
        }
    }
}

fn number(text: &str) -> f64 {
    text.parse().expect("a number")
}

/// The numbers of the points in a region, in the order in which they are found.
fn found(points: &[Point], longitude: &str, latitude: &str, shape: Shape) -> Vec<String> {
    let centre = Point::new(number(longitude), number(latitude)).expect("it is on the map");
    let region = Region::new(centre, shape);
    let mut by_score: Vec<(f64, String)> =
        points.iter().enumerate().map(|(index, point)| (point.score(), format!("{index}"))).collect();
    by_score.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    let mut found = Vec::new();
    for area in region.areas() {
        for (score, name) in by_score.iter().filter(|(score, _)| (area.from..area.to).contains(score)) {
            if region.distance_within(Point::of_score(*score)).is_some() {
                found.push(name.clone());
            }
        }
    }
    found
}
