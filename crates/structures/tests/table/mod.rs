//! Reading the golden tables.

/// The lines of a table but its comments, each as its words.
pub(crate) fn rows(table: &str, separator: char) -> impl Iterator<Item = Vec<&str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(move |line| line.split(separator).collect())
}
