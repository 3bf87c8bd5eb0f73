//! The columns of a report: who stands there, and whose figures are held against theirs.

use super::Table;
use super::stats::{Better, Series, best};

/// A contestant, in one variant of its configuration. Those of one contestant stand side by side, in the order of the variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// Name and version.
    pub(crate) server: String,
    /// Whether it is a peer, that others of its variant are compared with.
    pub(crate) peer: bool,
    /// Which variant it is.
    pub(crate) variant: usize,
    /// How that is called; nothing if there is but one.
    pub(crate) variant_name: Option<String>,
}

impl Column {
    /// Server and variant in one.
    pub(crate) fn label(&self) -> String {
        suffixed(&self.server, self)
    }
}

/// A table with a column for each server.
pub(super) fn table(columns: &[Column]) -> Table {
    let servers = columns.iter().filter(|column| column.variant == 0);
    Table::new(std::iter::once("").chain(servers.map(|column| column.server.as_str())))
}

/// Add the fields of all columns to such a table: a row for each variant, so that what stands in one is comparable.
pub(super) fn add_rows(table: &mut Table, name: &str, fields: &[String], columns: &[Column]) {
    let mut variant = 0;
    while let Some(first) = columns.iter().find(|column| column.variant == variant) {
        let row = columns.iter().zip(fields).filter(|(column, _)| column.variant == variant);
        let row = row.map(|(_, field)| field.clone());
        table.row(std::iter::once(suffixed(name, first)).chain(row));
        variant += 1;
    }
}

fn suffixed(name: &str, column: &Column) -> String {
    match &column.variant_name {
        Some(variant) => format!("{name}, {variant}"),
        None => name.into(),
    }
}

/// Median, spread, how many times as good as the best peer of its variant, and as itself in the first variant: for each column.
pub(super) fn compared(series: &[Series], columns: &[Column], better: Better) -> Vec<String> {
    let references: Vec<&Series> = series.iter().collect();
    let field = |(index, own): (usize, &Series)| {
        if own.values().is_empty() {
            return "–".into();
        }
        let variant = columns[index].variant;
        let rivals =
            (0..columns.len()).filter(|&other| columns[other].peer && columns[other].variant == variant);
        let rival =
            best(&references, rivals, better).and_then(|best| own.times_as_good_as(&series[best], better));
        let first = Some(index - variant).filter(|&first| first != index).and_then(|first| {
            let name = columns[first].variant_name.as_deref().unwrap_or_default();
            Some(format!("{:.2}× {name}", own.times_as_good_as(&series[first], better)?))
        });
        let ratios: Vec<String> =
            rival.map(|ratio| format!("{ratio:.2}×")).into_iter().chain(first).collect();
        let ratios = if ratios.is_empty() { String::new() } else { format!(" ({})", ratios.join("; ")) };
        format!("{} ±{:.0} %{ratios}", number(own.median()), own.spread() * 100.0)
    };
    series.iter().enumerate().map(field).collect()
}

/// Three significant digits, and all digits of whole numbers.
fn number(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

#[cfg(test)]
impl Column {
    /// A contestant without variants.
    pub(super) fn plain(server: &str, peer: bool) -> Self {
        Self { server: server.into(), peer, variant: 0, variant_name: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits() {
        assert_eq!([1234.5, 123.4, 12.34, 1.234].map(number), ["1234", "123", "12.3", "1.23"]);
    }

    #[test]
    fn without_peers_there_are_no_ratios() {
        let series = Series::of([3.0, 3.0]);
        let columns = [Column::plain("kvd", false), Column::plain("peer", true)];
        assert_eq!(
            compared(&[series.clone(), Series::default()], &columns, Better::Less),
            ["3.00 ±0 %", "–"]
        );
        let series = [series, Series::of([6.0, 6.0])];
        assert_eq!(compared(&series, &columns, Better::Less), ["3.00 ±0 % (2.00×)", "6.00 ±0 % (1.00×)"]);
    }

    #[test]
    fn a_variant_has_a_row_of_its_own_and_is_compared_with_the_first_of_the_same_server() {
        let names = ["no log", "log"].map(|name| Some(name.to_owned()));
        let columns: Vec<Column> = [("kvd", false), ("peer", true)]
            .iter()
            .flat_map(|(server, peer)| [0, 1].map(|variant| (*server, *peer, variant)))
            .map(|(server, peer, variant)| Column {
                variant,
                variant_name: names[variant].clone(),
                ..Column::plain(server, peer)
            })
            .collect();
        assert_eq!(columns[3].label(), "peer, log");
        let series = [40.0, 36.0, 20.0, 12.0].map(|rate| Series::of([rate]));
        let mut table = table(&columns);
        add_rows(&mut table, "set", &compared(&series, &columns, Better::More), &columns);
        let expected = "\
|             |                             kvd |                            peer |
| ----------- | ------------------------------: | ------------------------------: |
| set, no log |               40.0 ±0 % (2.00×) |               20.0 ±0 % (1.00×) |
| set, log    | 36.0 ±0 % (3.00×; 0.90× no log) | 12.0 ±0 % (1.00×; 0.60× no log) |
";
        assert_eq!(table.to_string(), expected);
    }
}
