//! A configuration file of any bytes is read or refused, and what is written of it says the same.

use config::Config;

/// Checks one input.
pub fn config_file(text: &[u8]) {
    let mut config = Config::default();
    // Every include is one more copy of the file, until the limits end it.
    let mut include = |_: &[u8]| Ok(vec![("included".to_owned(), text.to_vec())]);
    if config.load(text, "fuzzed", &mut include).is_err() {
        assert!(config == Config::default());
        return;
    }
    let written = config.rewrite(text, None);
    // An included file wins over lines before it, so only a file without one must say the same.
    let mut again = Config::default();
    let mut included = false;
    let outcome = again.load(&written, "rewritten", &mut |_| {
        included = true;
        Ok(Vec::new())
    });
    outcome.expect("what is rewritten can be read");
    if !included {
        for id in config::ParameterId::all() {
            assert!(config.show(id) == again.show(id), "{}", id.row().name);
        }
        assert!(again.rewrite(&written, None) == written, "what was written once is written the same again");
    }
}
