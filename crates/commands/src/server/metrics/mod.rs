//! What there is to measure, as [Prometheus](https://prometheus.io/docs/instrumenting/exposition_formats/) reads it.
//!
//! ```text
//!   engine ─▶ Facts ─┬─▶ tables of numbers: a name, what it means, a function of the facts ┐
//!                    └─▶ families with labels: databases, commands, workers, errors ───────┴─▶ Exposition ─▶ text
//! ```
//!
//! What INFO shows, too, comes from the functions that INFO asks. Names follow Prometheus' conventions: base units, `_total` for what only
//! grows, labels for parts of a whole. Wherever the exporter that most people use with Redis (`redis_exporter`) has a name for a thing that follows
//! them, ours is the same with `kvd_` for `redis_`, and so are the labels: one rule of relabelling feeds dashboards made for it.

mod exposition;
mod facts;
mod labelled;
mod numbers;
mod render;

pub use render::metrics;
