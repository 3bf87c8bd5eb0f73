//! The contestants of a run, and how they are started and filled.

use crate::failure::{Failure, Result};
use crate::keys::Distribution;
use crate::load::{Load, Pace, Plan};
use crate::options::Options;
use crate::report::{Column, Sheet};
use crate::server::{Contestant, Kind, Launch, Server, Variant, contestants, in_each, pin_to};
use crate::template::{Filling, Times, Workload, preload};

/// The load that fills a server: deep pipelines over a few connections.
const FILL_CONNECTIONS: usize = 8;
const FILL_PIPELINE: usize = 100;

/// Who takes part.
#[derive(Debug)]
pub(crate) struct Field<'o> {
    options: &'o Options,
    /// In the order of the report.
    pub(crate) contestants: Vec<Contestant>,
    /// How the report calls and compares them, in the same order.
    pub(crate) columns: Vec<Column>,
    /// What a reader of the report must know of them.
    pub(crate) notes: Vec<String>,
}

impl<'o> Field<'o> {
    /// Find the contestants, start each once to learn its version, and say who was not found.
    pub(crate) fn gather(options: &'o Options) -> Result<Self> {
        pin_to(&[options.generator_core])?;
        check_names(&options.variant)?;
        let (contestants, missing) = contestants(&options.kvd_programs(), &options.threads, &options.peer);
        let contestants = in_each(contestants, &options.variant);
        let notes = missing.iter().map(|missing| format!("Not found: {missing}.")).collect();
        if contestants.is_empty() {
            return Err(Failure::Usage("nobody to compare".into()));
        }
        let mut field = Self { options, contestants, columns: Vec::new(), notes };
        for index in 0..field.contestants.len() {
            let column = field.column(index)?;
            let label = column.label();
            eprintln!("{label}: {}", field.contestants[index].program.display());
            if field.cores(index).contains(&options.generator_core) {
                field
                    .notes
                    .push(format!("{label} shares core {} with the generator.", options.generator_core));
            }
            field.columns.push(column);
        }
        field.notes.iter().for_each(|note| eprintln!("{note}"));
        Ok(field)
    }

    /// Start one of them, empty.
    pub(crate) fn start(&self, index: usize) -> Result<Server> {
        self.start_with(index, &[])
    }

    /// Start one of them, empty, with parameters that even a variant must not change.
    pub(crate) fn start_with(&self, index: usize, needed: &[&str]) -> Result<Server> {
        let options = self.options;
        Server::start(Launch {
            contestant: self.contestants[index].clone(),
            needed: needed.iter().map(|&word| word.to_owned()).collect(),
            cores: self.cores(index),
            home_core: options.generator_core,
            port_first: options.port,
            folder_in: options.dir.clone().unwrap_or_else(std::env::temp_dir),
        })
    }

    /// The cores of one of them: one for each thread, from the servers' core on.
    pub(crate) fn cores(&self, index: usize) -> Vec<usize> {
        let threads = match self.contestants[index].kind {
            Kind::Kvd { threads } => threads.max(1),
            Kind::Peer => 1,
        };
        let first = self.options.server_core;
        (first..first + threads).collect()
    }

    /// An empty report of rows.
    pub(crate) fn sheet(&self, mode: &'static str) -> Sheet {
        Sheet::new(mode, self.columns.clone(), self.notes.clone())
    }

    /// How the next one is called by its own account, or by its name as well if another is called the same.
    fn column(&self, index: usize) -> Result<Column> {
        let server = self.start(index)?.label()?;
        let Contestant { name, kind, variant, .. } = &self.contestants[index];
        let variants = &self.options.variant;
        let variant_name = (variants.len() > 1).then(|| variants[*variant].name.clone());
        let is_taken =
            self.columns.iter().any(|other| other.server == server && other.variant_name == variant_name);
        let server = if is_taken { format!("{server} ({name})") } else { server };
        Ok(Column { server, peer: *kind == Kind::Peer, variant: *variant, variant_name })
    }

    /// Whose turn it is when: first to last, and the next time last to first.
    pub(crate) fn order(&self, turn: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.contestants.len()).collect();
        if turn % 2 == 1 {
            order.reverse();
        }
        order
    }

    /// SET every key once, in order, with expiry times spread over the days to come if `expiring`.
    pub(crate) fn fill(&self, server: &Server, keys: u64, expiring: bool) -> Result<()> {
        self.fill_with(server, &preload(expiring), keys)?;
        self.count(server, &["DBSIZE"], keys)
    }

    /// Send what the workloads are to find, each fill once.
    pub(crate) fn fill_for<'w>(
        &self,
        server: &Server,
        workloads: impl IntoIterator<Item = &'w Workload>,
    ) -> Result<()> {
        let mut done = Vec::new();
        for fill in workloads.into_iter().flat_map(|workload| &workload.fills) {
            if done.contains(&fill) {
                continue;
            }
            done.push(fill);
            let count = match fill.times {
                Times::Once => {
                    let words: Vec<&str> = fill.template.source.split_whitespace().collect();
                    server.asker()?.ask(&words)?;
                    continue;
                }
                Times::Number(count) => count,
                Times::EachKey => self.options.keys,
            };
            self.fill_with(server, &Workload::custom("fill", fill.template.clone()), count)?;
        }
        Ok(())
    }

    /// Send what memory is measured of once for each key or member, in order.
    pub(crate) fn fill_and_count(&self, server: &Server, filling: &Filling, count: u64) -> Result<()> {
        self.fill_with(server, &filling.workload(), count)?;
        self.count(server, filling.count, count)
    }

    /// Check that `words` are answered with `count`.
    pub(crate) fn count(&self, server: &Server, words: &[&str], count: u64) -> Result<()> {
        let found = server.asker()?.integer(words)?;
        match u64::try_from(found) == Ok(count) {
            true => Ok(()),
            false => {
                Err(Failure::WrongReplies { command: words.join(" "), what: format!("{found} of {count}") })
            }
        }
    }

    /// Send `workload` once for each key, in order.
    pub(crate) fn fill_with(&self, server: &Server, workload: &Workload, keys: u64) -> Result<()> {
        let mut load = Load::connect(Plan {
            workload,
            port: server.port(),
            connections: FILL_CONNECTIONS,
            pipeline: FILL_PIPELINE,
            keys,
            distribution: Distribution::Sequential,
            value_bytes: self.options.value_bytes,
            pace: Pace::Closed,
            seed: self.options.seed,
        })?;
        load.run_batches(keys.div_ceil(FILL_PIPELINE as u64))?;
        load.finish()
    }
}

/// Variants are told apart by their names.
fn check_names(variants: &[Variant]) -> Result<()> {
    let twice =
        |(at, variant): (usize, &Variant)| variants[..at].iter().any(|other| other.name == variant.name);
    match variants.iter().enumerate().find(|&one| twice(one)) {
        Some((_, variant)) => Err(Failure::Usage(format!("two variants are called {}", variant.name))),
        None => Ok(()),
    }
}
