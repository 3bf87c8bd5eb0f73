//! `kvd-check rdb`: is a snapshot whole, and what does it hold?

use std::collections::BTreeMap;
use std::path::Path;

use indicatif::HumanBytes;
use rdb::{Checker, Item, Trailer};

use crate::out::Out;
use crate::progress::Progress;
use crate::scan::{Placed, Scan, Stop};
use crate::text::{ShownElement, Table};
use crate::trouble::{Trouble, Verdict};

/// Databases, names of modules, aux fields that are told apart. No server writes so many.
const TOLD_MAX: usize = 10_000;

/// What a snapshot holds.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    aux: Vec<(String, String)>,
    databases: BTreeMap<u64, Database>,
    functions: u64,
    /// How many values, and how many records beside the data, by the names of modules.
    modules: BTreeMap<String, (u64, u64)>,
    slots: u64,
    imports: u64,
    /// Values too large for all of their members to be compared.
    partial: u64,
    trailer: Option<Trailer>,
    checker: Checker,
}

#[derive(Debug, Default)]
struct Database {
    keys: u64,
    expiring: u64,
    elements: u64,
    expiring_fields: u64,
    announced: Option<(u64, u64)>,
}

pub(crate) fn run(path: &Path, progress: &Progress, out: &mut Out) -> Result<Verdict, Trouble> {
    let mut scan = Scan::open(path, progress)?;
    let mut contents = Contents::default();
    let dialect = scan.dialect();
    let result = scan.run(&mut |placed| contents.see(placed));
    let bytes = scan.offset();
    let shown = path.display();
    out.line(format_args!("{shown}: {dialect}, {bytes} bytes ({}) read", HumanBytes(bytes)));
    contents.tell(out);
    result?;
    scan.rest()?.tell(out);
    out.line(format_args!("{shown}: fine"));
    Ok(Verdict::Fine)
}

impl Contents {
    /// Checks and counts an item.
    pub(crate) fn see(&mut self, placed: Placed<'_>) -> Result<(), Stop> {
        match placed.item {
            Item::Aux { key, value } if self.aux.len() < TOLD_MAX => {
                self.aux.push((ShownElement(key).to_string(), ShownElement(value).to_string()));
            }
            Item::Function(_) => self.functions += 1,
            Item::ModuleAux(mut module) => {
                let name = module.id().name();
                while module.next_part()?.is_some() {}
                self.module(name).1 += 1;
            }
            Item::SelectDb(db) => {
                self.database(db);
            }
            Item::ResizeDb { keys, expiring } => self.database(placed.db).announced = Some((keys, expiring)),
            Item::SlotInfo { .. } => self.slots += 1,
            Item::SlotImport(_) => self.imports += 1,
            Item::Entry(entry) => {
                let expires = entry.meta().expires_at_ms.is_some();
                let checked = self.checker.check(entry)?;
                let database = self.database(placed.db);
                database.keys += 1;
                database.expiring += u64::from(expires);
                database.elements += checked.elements;
                database.expiring_fields += checked.expiring_fields;
                self.partial += u64::from(checked.is_partial);
                if let Some(module) = checked.module {
                    self.module(module.name()).0 += 1;
                }
            }
            Item::End(trailer) => self.trailer = Some(trailer),
            _ => {}
        }
        Ok(())
    }

    /// How many keys there are in all databases.
    pub(crate) fn keys(&self) -> u64 {
        self.databases.values().map(|database| database.keys).sum()
    }

    fn database(&mut self, db: u64) -> &mut Database {
        let is_told = self.databases.len() < TOLD_MAX || self.databases.contains_key(&db);
        self.databases.entry(if is_told { db } else { u64::MAX }).or_default()
    }

    fn module(&mut self, name: String) -> &mut (u64, u64) {
        let is_told = self.modules.len() < TOLD_MAX || self.modules.contains_key(&name);
        self.modules.entry(if is_told { name } else { "others".to_owned() }).or_default()
    }

    fn tell(&self, out: &mut Out) {
        for (name, value) in &self.aux {
            out.line(format_args!("  aux {name} {value}"));
        }
        if !self.databases.is_empty() {
            self.databases().lines().for_each(|line| out.line(line));
        }
        if self.functions > 0 {
            out.line(format_args!("  {} libraries of functions", self.functions));
        }
        for (name, (values, records)) in &self.modules {
            out.line(format_args!(
                "  module {name}: {values} values, {records} records beside them; not looked into"
            ));
        }
        if self.slots > 0 || self.imports > 0 {
            let (slots, imports) = (self.slots, self.imports);
            out.line(format_args!("  cluster: sizes of {slots} slots, {imports} imports of slots"));
        }
        if self.partial > 0 {
            let partial = self.partial;
            out.line(format_args!("  note: {partial} values have too many members to compare all of them"));
        }
        let checksum = match self.trailer {
            Some(Trailer::Verified) => "ok",
            Some(Trailer::Unverified) => "not compared",
            Some(Trailer::Omitted) => "disabled by the writer (rdbchecksum no)",
            Some(Trailer::None) => "none in files of this version",
            None => return,
        };
        out.line(format_args!("  checksum: {checksum}"));
    }

    fn databases(&self) -> Table {
        let headings =
            ["db", "keys", "expiring", "elements", "expiring fields", "announced keys", "expiring"];
        let mut table = Table::new(1, &headings);
        for (db, database) in &self.databases {
            let (keys, expiring) = database.announced.map_or(("-".to_owned(), "-".to_owned()), |announced| {
                (announced.0.to_string(), announced.1.to_string())
            });
            let Database { elements, expiring_fields, .. } = database;
            let db = if *db == u64::MAX { "others".to_owned() } else { db.to_string() };
            table.row([&db, &database.keys, &database.expiring, elements, expiring_fields, &keys, &expiring]);
        }
        table
    }
}
