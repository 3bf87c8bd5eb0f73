//! The report of figures made up so that every answer is known.

use clap::Parser;

use super::{Column, Figures, Matrix};
use crate::options::Options;

fn figures(rate: f64, cpu_us: f64, generator_bound: bool) -> Figures {
    Figures {
        rate,
        cpu_us,
        p50_us: 1.0,
        p99_us: 2.0,
        p999_us: 3.0,
        server_busy: 0.5,
        generator_busy: 0.5,
        server_waited: 0.0,
        generator_bound,
    }
}

fn sample() -> Matrix {
    let columns = [("kvd", false), ("slow", true), ("fast", true)];
    let columns = columns.map(|(label, peer)| Column::plain(label, peer)).to_vec();
    let mut matrix = Matrix::new(vec![("get".into(), 16)], columns, vec!["Not found: x.".into()]);
    for _ in 0..2 {
        matrix.add(0, 0, figures(4e6, 0.25, true));
        matrix.add(0, 1, figures(1e6, 1.0, false));
        matrix.add(0, 2, figures(2e6, 0.5, false));
    }
    (0..3).for_each(|contestant| matrix.add_memory(contestant, 100.0));
    matrix
}

fn options() -> Options {
    Options::try_parse_from(["versus"]).expect("defaults")
}

#[test]
fn ratios_are_against_the_best_peer() {
    let text = sample().markdown(&options());
    assert!(
        text.contains("| get P16 | 0.25 ±0 % (2.00×) | 1.00 ±0 % (0.50×) | 0.50 ±0 % (1.00×) |"),
        "{text}"
    );
}

#[test]
fn a_rate_that_the_generator_limited_is_marked_and_its_cpu_is_not() {
    let text = sample().markdown(&options());
    assert!(text.contains("| 4000000 ±0 % (2.00×) ! |"), "{text}");
    assert_eq!(text.matches(" ! |").count(), 4, "rate and three quantiles of one server");
}

#[test]
fn json_holds_every_round() {
    let json = sample().json(&options());
    assert_eq!(json["results"].as_array().map(Vec::len), Some(3));
    assert_eq!(json["results"][2]["rounds"][1]["rate"], 2e6);
    assert_eq!(json["results"][0]["generator_bound"], true);
}

#[test]
fn who_is_missing_is_said() {
    assert!(sample().markdown(&options()).ends_with("\n\n- Not found: x.\n"));
}
