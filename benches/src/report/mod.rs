//! From measurements to what is shown: medians and ratios, markdown, JSON, a picture.

mod column;
mod matrix;
mod output;
mod sheet;
mod stats;
mod svg;
mod table;
mod words;

pub(crate) use column::Column;
pub(crate) use matrix::{Figures, Matrix, write_matrix};
use output::Output;
pub(crate) use sheet::Sheet;
use table::Table;
