//! The server: a picture.
//!
//! ```text
//! LOLWUT [VERSION version [columns [rows]]]
//! ```
//!
//! The picture is a maze of Truchet tiles: every tile is one of two diagonals, chosen by chance. It is the same for all versions.

use engine::{Args, CommandError, Ctx};

const COLUMNS: usize = 40;
const COLUMNS_MAX: usize = 160;
const ROWS: usize = 10;
const ROWS_MAX: usize = 80;

/// How many tiles wide and high.
struct Canvas {
    columns: usize,
    rows: usize,
}

impl Canvas {
    /// Words that aren't understood are ignored; only numbers must be numbers.
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let mut canvas = Self { columns: COLUMNS, rows: ROWS };
        if args.remaining() < 2 || !args.option("VERSION") {
            return Ok(canvas);
        }
        args.integer()?;
        if !args.is_empty() {
            canvas.columns = within(args.integer()?, COLUMNS_MAX);
        }
        if !args.is_empty() {
            canvas.rows = within(args.integer()?, ROWS_MAX);
        }
        Ok(canvas)
    }
}

fn within(number: i64, max: usize) -> usize {
    usize::try_from(number).unwrap_or(0).clamp(1, max)
}

pub(super) fn lolwut(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let canvas = Canvas::parse(&mut cx.args)?;
    let random = cx.session.random();
    let mut text = String::new();
    for _ in 0..canvas.rows {
        text.extend((0..canvas.columns).map(|_| if random.bool() { '╱' } else { '╲' }));
        text.push('\n');
    }
    text.push_str(concat!(
        "\nTruchet tiles, after Sébastien Truchet's memoir on combinations, 1704. kvd ver. ",
        env!("CARGO_PKG_VERSION"),
        "\n"
    ));
    cx.reply.verbatim(b"txt", text);
    Ok(())
}
