//! Publish and subscribe: messages to whoever listens at that moment.

mod help;
mod inspect;
mod publish;
mod subscribe;

use catalog::id;
use engine::{Handlers, Scope};

pub(crate) fn add(handlers: &mut Handlers) {
    handlers
        .add(id::PSUBSCRIBE, Scope::Session, subscribe::psubscribe)
        .add(id::PUBLISH, Scope::Session, publish::publish)
        .add(id::PUBSUB_CHANNELS, Scope::Session, inspect::channels)
        .add(id::PUBSUB_HELP, Scope::Session, help::help)
        .add(id::PUBSUB_NUMPAT, Scope::Session, inspect::numpat)
        .add(id::PUBSUB_NUMSUB, Scope::Session, inspect::numsub)
        .add(id::PUBSUB_SHARDCHANNELS, Scope::Session, inspect::shardchannels)
        .add(id::PUBSUB_SHARDNUMSUB, Scope::Session, inspect::shardnumsub)
        .add(id::PUNSUBSCRIBE, Scope::Session, subscribe::punsubscribe)
        .add(id::SPUBLISH, Scope::Session, publish::spublish)
        .add(id::SSUBSCRIBE, Scope::Session, subscribe::ssubscribe)
        .add(id::SUBSCRIBE, Scope::Session, subscribe::subscribe)
        .add(id::SUNSUBSCRIBE, Scope::Session, subscribe::sunsubscribe)
        .add(id::UNSUBSCRIBE, Scope::Session, subscribe::unsubscribe);
}
