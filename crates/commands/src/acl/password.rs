//! Users: new passwords.
//!
//! ```text
//! ACL GENPASS [bits]
//! ```

use acl::NewPassword;
use engine::{CommandError, Ctx};

use crate::help::wrong_arguments;

const NO_SOURCE: CommandError = CommandError::fixed("ERR there is no source of secrets here");

pub(super) fn genpass(cx: &mut Ctx<'_>) -> Result<(), CommandError> {
    if cx.args.remaining() > 1 {
        return Err(wrong_arguments(cx));
    }
    let bits = if cx.args.is_empty() { NewPassword::BITS_DEFAULT } else { cx.args.integer()? };
    let new = NewPassword::with_bits(bits).map_err(|error| CommandError::text(format!("ERR {error}")))?;
    let mut random = [0; NewPassword::BYTES_MAX];
    let random = &mut random[..new.bytes()];
    if !cx.engine.host().fill_with_secret(random) {
        return Err(NO_SOURCE);
    }
    cx.reply.bulk(new.of(random).as_bytes());
    Ok(())
}
