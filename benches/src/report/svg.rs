//! The picture: what each server gets out of a second of its core, for each cell.
//!
//! A bar is the inverse of the CPU per request, relative to the longest of its cell: 1 % longer is 1 % more requests from
//! the same core, whatever the generator could deliver. Colours and text are chosen to be readable on white and on black.

use std::fmt::Write;

use super::matrix::{METRICS, Matrix};

const WIDTH: usize = 760;
const LABEL_WIDTH: usize = 110;
const VALUE_WIDTH: usize = 150;
const BAR_HEIGHT: usize = 14;
const CELL_GAP: usize = 12;
const LEGEND_TOP: usize = 28;
const LEGEND_ROW: usize = 18;
/// Names beside one another in the legend.
const LEGEND_COLUMNS: usize = 4;
/// Distinct in lightness as well as in hue.
const COLOURS: [&str; 8] =
    ["#2f81f7", "#c9510c", "#8a8f98", "#2da44e", "#a371f7", "#bf8700", "#db61a2", "#57606a"];
const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#24292f}.t{font-weight:600}.v{font-size:11px}\
                     @media(prefers-color-scheme:dark){text{fill:#d0d7de}}";

/// Draw the matrix.
pub(super) fn draw(matrix: &Matrix) -> String {
    let names = matrix.cell_names();
    let cell_height = matrix.labels().len() * BAR_HEIGHT + CELL_GAP;
    let legend_height = LEGEND_TOP + matrix.labels().len().div_ceil(LEGEND_COLUMNS) * LEGEND_ROW + 10;
    let height = legend_height + names.len() * cell_height;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" role=\"img\">\n\
         <title>Requests per second of server CPU</title>\n<style>{STYLE}</style>\n"
    );
    legend(&mut svg, &matrix.labels());
    for (cell, name) in names.iter().enumerate() {
        bars(&mut svg, matrix, cell, name, legend_height + cell * cell_height);
    }
    svg + "</svg>\n"
}

fn legend(svg: &mut String, labels: &[String]) {
    let _ = writeln!(
        svg,
        "<text class=\"t\" x=\"8\" y=\"18\">Requests per second of server CPU (longer is better)</text>"
    );
    let step = (WIDTH - 16) / labels.len().clamp(1, LEGEND_COLUMNS);
    for (index, label) in labels.iter().enumerate() {
        let x = 8 + index % LEGEND_COLUMNS * step;
        let y = LEGEND_TOP + index / LEGEND_COLUMNS * LEGEND_ROW;
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"12\" height=\"12\" rx=\"2\" fill=\"{}\"/><text x=\"{}\" y=\"{}\">{}</text>",
            COLOURS[index % COLOURS.len()],
            x + 17,
            y + 10,
            escape(label)
        );
    }
}

fn bars(svg: &mut String, matrix: &Matrix, cell: usize, name: &str, top: usize) {
    let [cpu_us, ..] = METRICS;
    let per_second: Vec<f64> = matrix
        .series(cpu_us, cell)
        .iter()
        .map(|series| 1e6 / series.median().max(f64::MIN_POSITIVE))
        .collect();
    let longest = per_second.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let middle = top + per_second.len() * BAR_HEIGHT / 2 + 4;
    let _ = writeln!(svg, "<text class=\"t\" x=\"8\" y=\"{middle}\">{}</text>", escape(name));
    for (index, &rate) in per_second.iter().enumerate() {
        let y = top + index * BAR_HEIGHT;
        let width = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) as f64 * rate / longest;
        let _ = writeln!(
            svg,
            "<rect x=\"{LABEL_WIDTH}\" y=\"{y}\" width=\"{width:.1}\" height=\"{}\" rx=\"2\" fill=\"{}\"/>\
             <text class=\"v\" x=\"{:.1}\" y=\"{}\">{}</text>",
            BAR_HEIGHT - 2,
            COLOURS[index % COLOURS.len()],
            LABEL_WIDTH as f64 + width + 5.0,
            y + BAR_HEIGHT - 4,
            short(rate)
        );
    }
}

/// `1.23 M`, `456 k`.
fn short(rate: f64) -> String {
    match rate {
        rate if rate >= 1e6 => format!("{:.2} M", rate / 1e6),
        rate if rate >= 1e3 => format!("{:.0} k", rate / 1e3),
        rate => format!("{rate:.0}"),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::Column;
    use super::*;

    #[test]
    fn rates_are_short() {
        assert_eq!([2_500_000.0, 98_765.0, 12.0].map(short), ["2.50 M", "99 k", "12"]);
    }

    #[test]
    fn labels_cannot_break_the_picture() {
        let matrix = Matrix::new(vec![("a<b".into(), 1)], vec![Column::plain("x&y", true)], Vec::new());
        let svg = draw(&matrix);
        assert!(svg.contains("a&lt;b") && svg.contains("x&amp;y") && svg.ends_with("</svg>\n"));
    }
}
