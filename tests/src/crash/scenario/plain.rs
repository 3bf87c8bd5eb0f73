//! Killed while clients work.

use super::super::judge::Broken;
use super::{Plan, Round};

pub(super) fn round(round: &mut Round<'_>) -> Result<(), Broken> {
    let plan = Plan::log(round.policy);
    let (load, ended) = round.work_and_kill(&plan)?;
    round.restart_and_compare(&plan, load, round.promise(ended)).map(drop)
}
