//! Connections: who the client is.
//!
//! ```text
//! CLIENT ID
//! CLIENT GETNAME
//! CLIENT SETNAME connection-name
//! CLIENT SETINFO LIB-NAME libname | LIB-VER libver
//! ```

use engine::{Client, CommandError, Ctx, Text};

const UNCLEAN_NAME: CommandError =
    CommandError::fixed("ERR Client names cannot contain spaces, newlines or special characters.");

pub(super) fn id(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    cx.reply.integer(cx.session.client().id as i64);
    Ok(())
}

pub(super) fn getname(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let name = cx.session.client().name.to_vec();
    if name.is_empty() {
        cx.reply.null();
    } else {
        cx.reply.bulk(&name);
    }
    Ok(())
}

pub(super) fn setname(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let name = check_name(cx.args.word()?)?;
    cx.session.set_text(|client| &client.name, name);
    cx.reply.ok();
    Ok(())
}

/// The name, if it may be one.
pub(super) fn check_name(name: &[u8]) -> Result<&[u8], CommandError> {
    if is_clean(name) { Ok(name) } else { Err(UNCLEAN_NAME) }
}

pub(super) fn setinfo(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    let option = cx.args.word()?;
    let value = cx.args.word()?;
    let text: fn(&Client) -> &Text = if option.eq_ignore_ascii_case(b"LIB-NAME") {
        |client| &client.library_name
    } else if option.eq_ignore_ascii_case(b"LIB-VER") {
        |client| &client.library_version
    } else {
        return Err(CommandError::quoting("ERR Unrecognized option '", option, "'"));
    };
    if !is_clean(value) {
        let after = " cannot contain spaces, newlines or special characters.";
        return Err(CommandError::quoting("ERR ", option, after));
    }
    cx.session.set_text(text, value);
    cx.reply.ok();
    Ok(())
}

/// Whether the text can stand in a line of `CLIENT LIST`: no blanks, line breaks or other special characters. Empty is none.
fn is_clean(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_graphic)
}
