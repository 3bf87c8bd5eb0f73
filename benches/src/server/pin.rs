//! Which cores a thread, and the processes that it starts, may use.

use rustix::thread::{CpuSet, sched_setaffinity};

use crate::failure::{Attempt, Result};

/// Keep the calling thread on `cores`. A process started by it inherits them, its threads included.
pub(crate) fn pin_to(cores: &[usize]) -> Result<()> {
    let mut set = CpuSet::new();
    for &core in cores.iter().filter(|&&core| core < CpuSet::MAX_CPU) {
        set.set(core);
    }
    sched_setaffinity(None, &set).attempt(|| format!("pin to cores {cores:?}"))
}
