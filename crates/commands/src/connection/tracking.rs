//! Connections: what the client's own cache holds, of which it wants to be told when it changes.
//!
//! ```text
//! CLIENT TRACKING (ON | OFF) [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]
//! CLIENT CACHING (YES | NO)
//! CLIENT GETREDIR
//! CLIENT TRACKINGINFO
//! ```

use std::sync::Arc;

use engine::{Args, CommandError, Ctx, Session, Tracking, TrackingMode};

use super::prefixes;

/// The connection that gets the invalidations, where tracking is off.
const REDIRECTED_NOWHERE: i64 = -1;

const SWITCHES_BROADCAST: CommandError = CommandError::fixed(
    "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.",
);
const SWITCHES_OPTION: CommandError = CommandError::fixed(
    "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.",
);

/// What was asked for, before it is known whether it fits together.
#[derive(Default)]
struct Wanted {
    redirect: Option<u64>,
    prefixes: Vec<Arc<[u8]>>,
    is_broadcast: bool,
    opts_in: bool,
    opts_out: bool,
    is_noloop: bool,
}

pub(super) fn tracking(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let is_on = match (cx.args.option("ON"), cx.args.option("OFF")) {
        (true, _) => true,
        (_, true) => false,
        _ => return Err(CommandError::Syntax),
    };
    let mut wanted = Wanted::parse(cx)?;
    if is_on {
        let tracking = wanted.check(cx.session)?;
        cx.engine.track(cx.session, tracking, &wanted.prefixes);
    } else {
        cx.engine.untrack(cx.session);
    }
    cx.reply.ok();
    Ok(())
}

impl Wanted {
    fn parse(cx: &mut Ctx<'_>) -> Result<Self, CommandError> {
        let mut wanted = Self::default();
        while !cx.args.is_empty() {
            let has_more = cx.args.remaining() > 1;
            if has_more && cx.args.option("REDIRECT") {
                if wanted.redirect.is_some() {
                    return Err(CommandError::fixed(
                        "ERR A client can only redirect to a single other client",
                    ));
                }
                wanted.redirect = Some(redirect(cx)?);
            } else if has_more && cx.args.option("PREFIX") {
                wanted.prefixes.push(cx.args.word()?.into());
            } else {
                wanted.flag(&mut cx.args)?;
            }
        }
        Ok(wanted)
    }

    fn flag(&mut self, args: &mut Args<'_>) -> Result<(), CommandError> {
        let flags = [
            ("BCAST", &mut self.is_broadcast),
            ("OPTIN", &mut self.opts_in),
            ("OPTOUT", &mut self.opts_out),
            ("NOLOOP", &mut self.is_noloop),
        ];
        for (name, flag) in flags {
            if args.option(name) {
                *flag = true;
                return Ok(());
            }
        }
        Err(CommandError::Syntax)
    }

    /// Whether it fits together, and to what the client has asked for before. A broadcast that names no prefix gets that of all keys.
    fn check(&mut self, session: &Session) -> Result<Tracking, CommandError> {
        if !self.is_broadcast && !self.prefixes.is_empty() {
            return Err(CommandError::fixed("ERR PREFIX option requires BCAST mode to be enabled"));
        }
        let before = session.tracking();
        let was_broadcast = before.is_some_and(|before| before.mode == TrackingMode::Broadcast);
        if before.is_some() && was_broadcast != self.is_broadcast {
            return Err(SWITCHES_BROADCAST);
        }
        if self.is_broadcast && (self.opts_in || self.opts_out) {
            return Err(CommandError::fixed("ERR OPTIN and OPTOUT are not compatible with BCAST"));
        }
        if self.opts_in && self.opts_out {
            return Err(CommandError::fixed("ERR You can't specify both OPTIN mode and OPTOUT mode"));
        }
        let mode_before = before.map(|before| before.mode);
        let switches = (self.opts_in && mode_before == Some(TrackingMode::OptOut))
            || (self.opts_out && mode_before == Some(TrackingMode::OptIn));
        if switches {
            return Err(SWITCHES_OPTION);
        }
        let mode = match () {
            () if self.is_broadcast => TrackingMode::Broadcast,
            () if self.opts_in => TrackingMode::OptIn,
            () if self.opts_out => TrackingMode::OptOut,
            () => TrackingMode::Default,
        };
        if self.is_broadcast {
            prefixes::check(session.tracked_prefixes(), &self.prefixes)?;
            if self.prefixes.is_empty() {
                self.prefixes.push(Arc::default());
            }
        }
        Ok(Tracking { mode, is_noloop: self.is_noloop, redirect: self.redirect })
    }
}

/// A client that is there.
fn redirect(cx: &mut Ctx<'_>) -> Result<u64, CommandError> {
    let id = u64::try_from(cx.args.integer()?).ok();
    id.filter(|id| cx.engine.clients().find(*id).is_some())
        .ok_or_else(|| CommandError::fixed("ERR The client ID you want redirect to does not exist"))
}

pub(super) fn caching(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let mode = cx.session.tracking().map(|tracking| tracking.mode);
    if mode.is_none() {
        return Err(CommandError::fixed(
            "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled",
        ));
    }
    let caching = match (cx.args.option("YES"), cx.args.option("NO")) {
        (true, _) if mode == Some(TrackingMode::OptIn) => true,
        (_, true) if mode == Some(TrackingMode::OptOut) => false,
        (true, _) => {
            return Err(CommandError::fixed(
                "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.",
            ));
        }
        (_, true) => {
            return Err(CommandError::fixed(
                "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.",
            ));
        }
        _ => return Err(CommandError::Syntax),
    };
    cx.args.end()?;
    cx.session.set_caching(caching);
    cx.reply.ok();
    Ok(())
}

pub(super) fn getredir(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.reply.integer(redirected_to(cx.session));
    Ok(())
}

fn redirected_to(session: &Session) -> i64 {
    session
        .tracking()
        .map_or(REDIRECTED_NOWHERE, |tracking| tracking.redirect.map_or(0, |client| client as i64))
}

pub(super) fn trackinginfo(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let session = &*cx.session;
    let tracking = session.tracking();
    let mode = tracking.map(|tracking| tracking.mode);
    let flags = [
        (if mode.is_some() { "on" } else { "off" }, true),
        ("bcast", mode == Some(TrackingMode::Broadcast)),
        ("optin", mode == Some(TrackingMode::OptIn)),
        ("caching-yes", session.caching() == Some(true)),
        ("optout", mode == Some(TrackingMode::OptOut)),
        ("caching-no", session.caching() == Some(false)),
        ("noloop", tracking.is_some_and(|tracking| tracking.is_noloop)),
        ("broken_redirect", session.is_redirect_broken()),
    ];
    let flags: Vec<&str> = flags.iter().filter(|(_, is_set)| *is_set).map(|(name, _)| *name).collect();
    let reply = &mut cx.reply;
    reply.map(3);
    reply.bulk(b"flags");
    reply.set(flags.len());
    flags.iter().for_each(|flag| reply.bulk(flag.as_bytes()));
    reply.bulk(b"redirect");
    reply.integer(redirected_to(session));
    reply.bulk(b"prefixes");
    reply.array(session.tracked_prefixes().len());
    session.tracked_prefixes().iter().for_each(|prefix| reply.bulk(prefix));
    Ok(())
}
