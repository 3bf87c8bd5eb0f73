//! Users and their rules, as clients see and change them.

mod categories;
mod dryrun;
mod file;
mod help;
mod password;
mod refusals;
mod show;
mod users;

use catalog::id;
use engine::{Handlers, Scope};

pub(crate) fn add(handlers: &mut Handlers) {
    handlers
        .add(id::ACL_CAT, Scope::Session, categories::cat)
        .add(id::ACL_DELUSER, Scope::Session, users::deluser)
        .add(id::ACL_DRYRUN, Scope::Session, dryrun::dryrun)
        .add(id::ACL_GENPASS, Scope::Session, password::genpass)
        .add(id::ACL_GETUSER, Scope::Session, show::getuser)
        .add(id::ACL_HELP, Scope::Session, help::help)
        .add(id::ACL_LIST, Scope::Session, show::list)
        .add(id::ACL_LOAD, Scope::Session, file::load)
        .add(id::ACL_LOG, Scope::Session, refusals::log)
        .add(id::ACL_SAVE, Scope::Session, file::save)
        .add(id::ACL_SETUSER, Scope::Session, users::setuser)
        .add(id::ACL_USERS, Scope::Session, show::users)
        .add(id::ACL_WHOAMI, Scope::Session, users::whoami);
}
