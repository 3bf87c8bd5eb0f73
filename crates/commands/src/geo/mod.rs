//! Places: sorted sets whose scores are cells of the map.

mod add;
mod distance;
mod options;
mod partial_sort;
mod place;
mod search;
mod store;

use catalog::id;
use engine::{CommandError, Handlers, Scope};

const WRONG_UNIT: CommandError =
    CommandError::fixed("ERR unsupported unit provided. please use M, KM, FT, MI");

pub(crate) fn add(handlers: &mut Handlers) {
    handlers
        .add(id::GEOADD, Scope::Key, add::geoadd)
        .add(id::GEODIST, Scope::Key, place::geodist)
        .add(id::GEOHASH, Scope::Key, place::geohash)
        .add(id::GEOPOS, Scope::Key, place::geopos)
        .add(id::GEOSEARCH, Scope::Keys, search::geosearch)
        .add(id::GEOSEARCHSTORE, Scope::Keys, search::geosearchstore)
        .add(id::GEORADIUS, Scope::Keys, search::georadius)
        .add(id::GEORADIUS_RO, Scope::Keys, search::georadius_ro)
        .add(id::GEORADIUSBYMEMBER, Scope::Keys, search::georadiusbymember)
        .add(id::GEORADIUSBYMEMBER_RO, Scope::Keys, search::georadiusbymember_ro);
}
