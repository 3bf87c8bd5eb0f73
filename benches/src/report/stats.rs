//! The middle of a few rounds, and how far they lie apart.

/// One figure over the rounds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Series(Vec<f64>);

/// Whether a bigger figure is a better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Better {
    /// A rate.
    More,
    /// A cost.
    Less,
}

impl Series {
    /// Add the figure of one round.
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// The figures in the order of the rounds.
    pub(crate) fn values(&self) -> &[f64] {
        &self.0
    }

    /// The median; of an even number of rounds the mean of the middle two; 0 of none.
    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        match sorted.len() {
            0 => 0.0,
            odd if odd % 2 == 1 => sorted[odd / 2],
            even => (sorted[even / 2 - 1] + sorted[even / 2]) / 2.0,
        }
    }

    /// Half of the distance between the least and the greatest, as a share of the median.
    pub(crate) fn spread(&self) -> f64 {
        let least = self.0.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        match self.median() {
            median if median > 0.0 => (greatest - least) / 2.0 / median,
            _ => 0.0,
        }
    }

    /// How many times as good as `other`: the median of the ratios within each round, which suffers less from a machine
    /// that changes between rounds than the ratio of the medians.
    ///
    /// `None` without a round in which both have a figure above 0.
    pub(crate) fn times_as_good_as(&self, other: &Self, better: Better) -> Option<f64> {
        let ratio = |(&own, &its): (&f64, &f64)| match better {
            Better::More => own / its,
            Better::Less => its / own,
        };
        let ratios = self.0.iter().zip(&other.0).map(ratio).filter(|&ratio| ratio.is_finite() && ratio > 0.0);
        let ratios = Self(ratios.collect());
        (!ratios.0.is_empty()).then(|| ratios.median())
    }
}

/// The index of the best of `candidates` by median.
pub(crate) fn best(
    series: &[&Series],
    candidates: impl Iterator<Item = usize>,
    better: Better,
) -> Option<usize> {
    let with_rounds = candidates.filter(|&index| !series[index].0.is_empty());
    with_rounds.min_by(|&a, &b| {
        let (a, b) = (series[a].median(), series[b].median());
        match better {
            Better::More => b.total_cmp(&a),
            Better::Less => a.total_cmp(&b),
        }
    })
}

#[cfg(test)]
impl Series {
    /// A series of known figures.
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        Self(values.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_ignores_the_outlier_and_the_spread_shows_it() {
        assert_eq!(Series(vec![10.0, 12.0, 90.0]).median(), 12.0);
        assert_eq!(Series(vec![4.0, 1.0, 3.0, 2.0]).median(), 2.5);
        assert_eq!(Series(vec![8.0, 10.0, 12.0]).spread(), 0.2);
        assert_eq!((Series::default().median(), Series::default().spread()), (0.0, 0.0));
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        let (own, its) = (Series(vec![10.0, 20.0, 30.0]), Series(vec![5.0, 10.0, 15.0]));
        assert_eq!(own.times_as_good_as(&its, Better::More), Some(2.0));
        assert_eq!(own.times_as_good_as(&its, Better::Less), Some(0.5));
    }

    #[test]
    fn nothing_is_no_times_as_good_as_anything() {
        let (zero, some) = (Series(vec![0.0]), Series(vec![5.0]));
        assert_eq!(zero.times_as_good_as(&some, Better::Less), None);
        assert_eq!(some.times_as_good_as(&Series::default(), Better::Less), None);
    }

    #[test]
    fn the_best_depends_on_what_is_better() {
        let (a, b, none) = (Series(vec![1.0]), Series(vec![2.0]), Series::default());
        let series = [&a, &b, &none];
        assert_eq!(best(&series, 0..3, Better::Less), Some(0));
        assert_eq!(best(&series, 0..3, Better::More), Some(1));
        assert_eq!(best(&series, 2..3, Better::More), None);
    }
}
