//! Users: what they may do.
//!
//! ```text
//! ACL GETUSER username
//! ACL LIST
//! ACL USERS
//! ```

use acl::{Permissions, User};
use engine::{CommandError, Ctx};
use resp::Reply;

pub(super) fn getuser(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let name = cx.args.word()?;
    match cx.engine.read_users(|users| users.find(name).cloned()) {
        Some(user) => show(&user, &mut cx.reply),
        None => cx.reply.null(),
    }
    Ok(())
}

fn show(user: &User, reply: &mut Reply<'_>) {
    reply.map(7);
    reply.bulk(b"flags");
    reply.set(user.flags().count());
    user.flags().for_each(|flag| reply.bulk(flag.as_bytes()));
    reply.bulk(b"passwords");
    reply.array(user.digests().len());
    user.digests().iter().for_each(|digest| reply.bulk_display(digest));
    show_permissions(user.root(), reply);
    reply.bulk(b"selectors");
    reply.array(user.selectors().len());
    for selector in user.selectors() {
        reply.map(4);
        show_permissions(selector, reply);
    }
}

fn show_permissions(permissions: &Permissions, reply: &mut Reply<'_>) {
    let fields = [
        ("commands", permissions.commands_text()),
        ("keys", permissions.keys_text()),
        ("channels", permissions.channels_text()),
        ("databases", permissions.databases_text()),
    ];
    for (name, text) in fields {
        reply.bulk(name.as_bytes());
        reply.bulk(&text);
    }
}

pub(super) fn list(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let lines: Vec<Vec<u8>> = cx.engine.read_users(|users| users.iter().map(|user| user.line()).collect());
    cx.reply.array(lines.len());
    lines.iter().for_each(|line| cx.reply.bulk(line));
    Ok(())
}

pub(super) fn users(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let users: Vec<_> = cx.engine.read_users(|users| users.iter().cloned().collect());
    cx.reply.array(users.len());
    users.iter().for_each(|user| cx.reply.bulk(user.name()));
    Ok(())
}
