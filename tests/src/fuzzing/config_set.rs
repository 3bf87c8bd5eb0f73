//! CONFIG SET of any line of words is all or nothing, and what it leads to can be set again.

use config::{Config, Origin, ParameterId};

/// Checks one input.
pub fn config_set(line: &[u8]) {
    let Ok(words) = resp::split_line(line) else { return };
    let (pairs, _) = words.as_chunks::<2>();
    let pairs: Vec<(&[u8], &[u8])> = pairs.iter().map(|[name, value]| (&name[..], &value[..])).collect();
    let mut config = Config::default();
    match config.set(&pairs, Origin::Client) {
        Err(_) => assert!(config == Config::default()),
        Ok(changed) => {
            for id in &changed {
                assert!(config.show(*id) != Config::default().show(*id));
            }
            let mut again = Config::default();
            for id in ParameterId::all().filter(|id| config.origin(*id).is_some()) {
                let shown = config.show(id);
                again
                    .set(&[(id.row().name.as_bytes(), &shown)], Origin::Client)
                    .expect("what is shown can be set");
            }
            assert!(again == config);
        }
    }
}
