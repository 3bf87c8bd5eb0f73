//! How fast entries are written without fsync, and how fast a file is read.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use disk::OsDisk;
use journal::{Batch, Effects, Offset};
use kvd_aof::{Directory, Limits, Location, Log, Options, Policy, SegmentReader, UnixMillis};

const ENTRIES: u64 = 1000;
/// How much is read.
const FILE_BYTES: usize = 16 << 20;
const NOW: UnixMillis = UnixMillis(0);

/// SETs of a 16-byte key and a value of so many bytes.
fn entries(value_bytes: usize) -> Vec<Effects> {
    let value = vec![b'v'; value_bytes];
    let entry = |number: u64| {
        let mut effects = Effects::default();
        effects.push(&[b"SET", format!("key:{number:012}").as_bytes(), &value]);
        effects
    };
    (0..ENTRIES).map(entry).collect()
}

/// A log that begins anew when its file has become large.
struct Writer {
    log: Log,
    _folder: tempfile::TempDir,
}

const FILE_BYTES_MAX: u64 = 256 << 20;

impl Writer {
    fn new(at: Offset) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let location = Location::new(folder.path(), "appendonlydir", "appendonly.aof");
        let (directory, _) = Directory::open(Arc::new(OsDisk), location).expect("an empty directory");
        let options = Options { policy: Policy::No, retained_bytes_max: 0, ..Options::DEFAULT };
        let log = Log::open(directory, 0, options, at, NOW).expect("a new log");
        Self { log, _folder: folder }
    }

    fn append(&mut self, batch: &Batch) {
        if self.log.size() > FILE_BYTES_MAX {
            *self = Self::new(batch.start());
        }
        self.log.append(black_box(batch), NOW).expect("the disk has room");
    }
}

fn append(c: &mut Criterion) {
    let mut group = c.benchmark_group("append 1000 entries without fsync");
    for value_bytes in [32, 1024] {
        let mut end = Offset(0);
        let mut writer = Writer::new(end);
        let entries = entries(value_bytes);
        let bytes: usize = entries.iter().map(|effects| effects.wire().len()).sum();
        group.throughput(Throughput::Bytes(bytes as u64));
        for batch in [1000, 16] {
            let mut next = |entries: &[Effects]| {
                let batch = Batch::new(end, entries.iter().map(|effects| (0, effects)));
                end = batch.end();
                batch
            };
            group.bench_function(format!("values of {value_bytes} bytes, batches of {batch}"), |b| {
                b.iter_batched(
                    || entries.chunks(batch).map(&mut next).collect::<Vec<_>>(),
                    |batches| batches.iter().for_each(|batch| writer.append(batch)),
                    BatchSize::SmallInput,
                );
            });
        }
    }
}

fn replay(c: &mut Criterion) {
    let mut group = c.benchmark_group("read a file in pieces of 256 KiB");
    for value_bytes in [32, 1024, 128 << 10] {
        let entries = entries(value_bytes);
        let mut file = Vec::new();
        for effects in entries.iter().cycle() {
            file.extend_from_slice(effects.wire());
            if file.len() > FILE_BYTES {
                break;
            }
        }
        group.throughput(Throughput::Bytes(file.len() as u64));
        group.sample_size(10);
        group.bench_function(format!("values of {value_bytes} bytes"), |b| {
            b.iter(|| {
                let mut reader = SegmentReader::new(0, Limits::DEFAULT);
                let mut commands = 0u64;
                for piece in file.chunks(256 * 1024) {
                    reader.feed(piece);
                    while reader.next_record().expect("what was written").is_some() {
                        commands += 1;
                    }
                }
                commands
            });
        });
    }
}

criterion_group!(benches, append, replay);
criterion_main!(benches);
