//! Connections: sending clients away.
//!
//! ```text
//! CLIENT KILL ip:port
//! CLIENT KILL filter value [filter value ...]
//! ```

use engine::{Client, CommandError, Ctx};

use super::filter::Filter;

const NO_SUCH_CLIENT: CommandError = CommandError::fixed("ERR No such client");

pub(super) fn kill(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    if cx.args.remaining() == 1 {
        return kill_address(cx);
    }
    let filter = Filter::parse(cx)?;
    let skips_me = filter.skips_me().unwrap_or(true);
    let mut count = 0;
    for client in cx.engine.clients().all() {
        let is_me = client.id == cx.session.client().id;
        if !(is_me && skips_me) && filter.matches(&client, cx.now) {
            kill_one(cx, &client);
            count += 1;
        }
    }
    cx.reply.integer(count);
    Ok(())
}

fn kill_address(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let address = cx.args.word()?;
    let clients = cx.engine.clients().all();
    let client = clients.iter().find(|client| client.peer.address.as_bytes() == address);
    kill_one(cx, client.ok_or(NO_SUCH_CLIENT)?);
    cx.reply.ok();
    Ok(())
}

/// Closes a connection: another's at once, one's own when the reply has been sent.
fn kill_one(cx: &mut Ctx<'_>, client: &Client) {
    if client.id == cx.session.client().id {
        cx.session.close_after_reply();
    } else {
        client.kill();
    }
}
