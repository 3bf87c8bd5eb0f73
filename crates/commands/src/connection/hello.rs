//! Connections: the greeting.
//!
//! ```text
//! HELLO [protover [AUTH username password] [SETNAME clientname]]
//! ```

use config::id;
use engine::{Args, CommandError, Ctx};
use resp::Protocol;

use super::auth::{Credentials, log_in};
use super::identity::check_name;
use engine::REDIS_VERSION;

const NOT_A_VERSION: CommandError =
    CommandError::fixed("ERR Protocol version is not an integer or out of range");
const UNKNOWN_VERSION: CommandError = CommandError::fixed("NOPROTO unsupported protocol version");
const NOT_LOGGED_IN: CommandError = CommandError::fixed(
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used \
     to authenticate the client and select the RESP protocol version at the same time",
);

#[derive(Default)]
struct HelloArgs<'a> {
    protocol: Option<Protocol>,
    credentials: Option<Credentials<'a>>,
    name: Option<&'a [u8]>,
}

impl<'a> HelloArgs<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let mut parsed = Self::default();
        if args.is_empty() {
            return Ok(parsed);
        }
        parsed.protocol = Some(match args.integer().map_err(|_| NOT_A_VERSION)? {
            2 => Protocol::Resp2,
            3 => Protocol::Resp3,
            _ => return Err(UNKNOWN_VERSION),
        });
        while let Some(option) = args.peek() {
            if args.remaining() > 2 && args.option("AUTH") {
                parsed.credentials = Some(Credentials { user: args.word()?, password: args.word()? });
            } else if args.remaining() > 1 && args.option("SETNAME") {
                parsed.name = Some(check_name(args.word()?)?);
            } else {
                return Err(CommandError::quoting("ERR Syntax error in HELLO option '", option, "'"));
            }
        }
        Ok(parsed)
    }
}

pub(super) fn hello(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let args = HelloArgs::parse(&mut cx.args)?;
    if let Some(credentials) = args.credentials {
        log_in(cx, credentials)?;
    }
    if cx.engine.must_log_in(cx.session) {
        return Err(NOT_LOGGED_IN);
    }
    if let Some(name) = args.name {
        cx.session.set_text(|client| &client.name, name);
    }
    if let Some(protocol) = args.protocol {
        cx.session.set_protocol(protocol);
        cx.reply.set_protocol(protocol);
    }
    introduce(cx);
    Ok(())
}

/// Tells what server this is. Libraries choose their behaviour by `server` and `version`: the level of compatibility, not kvd's own.
fn introduce(cx: &mut Ctx<'_>) {
    let zone = cx.engine.settings().read(|config| config.text(id::AVAILABILITY_ZONE).to_vec());
    let reply = &mut cx.reply;
    reply.map(7 + usize::from(!zone.is_empty()));
    reply.bulk(b"server");
    reply.bulk(b"redis");
    reply.bulk(b"version");
    reply.bulk(REDIS_VERSION.as_bytes());
    reply.bulk(b"proto");
    reply.integer(if cx.session.protocol() == Protocol::Resp3 { 3 } else { 2 });
    reply.bulk(b"id");
    reply.integer(cx.session.client().id as i64);
    reply.bulk(b"mode");
    reply.bulk(b"standalone");
    reply.bulk(b"role");
    reply.bulk(b"master");
    reply.bulk(b"modules");
    reply.array(0);
    if !zone.is_empty() {
        reply.bulk(b"availability_zone");
        reply.bulk(&zone);
    }
}
