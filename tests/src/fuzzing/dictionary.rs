//! Dictionaries for libFuzzer: the words that chance would not find.

use std::collections::BTreeSet;
use std::fmt::Write;

use catalog::Argument;
use config::{Kind, PARAMETERS};

/// What stands around words in a request, and between the turns of `engine_sessions`.
const FRAMING: [&str; 8] =
    ["\r\n", "*1\r\n$", "*2\r\n$", "*3\r\n$", "\r\n$0\r\n", "\r\n$1\r\n", "*-1\r\n", "$-1\r\n"];
/// Numbers at which something may change.
const NUMBERS: [&str; 14] = [
    "-1",
    "0",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551615",
    "inf",
    "-inf",
    "nan",
    "1e308",
    "4.9e-324",
    "0x1p-3",
    "0-0",
];
/// What a configuration file has besides names.
const CONFIGURATION: [&str; 12] =
    ["yes", "no", "include ", "include *.conf\n", "\"", "'", "\\x00", "\\n", "# ", " ", "\n", "60 1 300 100"];

/// Names of commands and their subcommands, the tokens of their options, and what a request is made of.
pub fn commands_dictionary() -> String {
    let mut words = BTreeSet::new();
    for command in catalog::COMMANDS {
        words.extend(command.name.split('|').map(str::to_ascii_uppercase));
        tokens(command.arguments, &mut words);
    }
    let mut text = "# Command names and tokens of their options, made from the catalog.\n".to_owned();
    FRAMING.iter().chain(&NUMBERS).for_each(|word| entry(word, &mut text));
    words.iter().for_each(|word| entry(word, &mut text));
    text
}

fn tokens(arguments: &[Argument], words: &mut BTreeSet<String>) {
    for argument in arguments {
        words.extend(argument.token.filter(|token| !token.is_empty()).map(str::to_owned));
        tokens(argument.arguments, words);
    }
}

/// Names of parameters and the values that they choose from.
pub fn config_dictionary() -> String {
    let mut words: BTreeSet<&str> = CONFIGURATION.into();
    for parameter in PARAMETERS {
        words.insert(parameter.name);
        words.extend(parameter.alias);
        if let Kind::Choice(values) = parameter.kind {
            words.extend(values);
        }
    }
    let mut text = "# Names and values of parameters, made from the table of parameters.\n".to_owned();
    words.iter().for_each(|word| entry(word, &mut text));
    text
}

/// One line: the word in quotes, every byte that could be misread as `\xAB`.
fn entry(word: &str, text: &mut String) {
    text.push('"');
    for byte in word.bytes() {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
            b' '..=b'~' => text.push(char::from(byte)),
            // Writing into a String succeeds.
            _ => write!(text, "\\x{byte:02x}").unwrap_or_default(),
        }
    }
    text.push_str("\"\n");
}

/// Whether libFuzzer would take this: lines that are empty, a comment, or `name="word"` with or without the name.
pub fn is_dictionary(text: &str) -> bool {
    text.lines().all(|line| line.is_empty() || line.starts_with('#') || is_entry(line))
}

fn is_entry(line: &str) -> bool {
    let Some((name, rest)) = line.split_once('"') else { return false };
    let Some(word) = rest.strip_suffix('"') else { return false };
    let is_named = name.is_empty() || name.strip_suffix('=').is_some_and(|name| !name.is_empty());
    is_named && !word.is_empty() && is_word(word.as_bytes())
}

fn is_word(mut word: &[u8]) -> bool {
    loop {
        word = match word {
            [] => return true,
            [b'\\', b'\\' | b'"', rest @ ..] => rest,
            [b'\\', b'x', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                rest
            }
            [b'\\' | b'"', ..] => return false,
            [b' '..=b'~', rest @ ..] => rest,
            _ => return false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_and_nothing_else_is_taken() {
        let mut text = String::new();
        entry("a\r\n\"\\", &mut text);
        assert_eq!(text, "\"a\\x0d\\x0a\\\"\\\\\"\n");
        assert!(is_dictionary(&text));
        assert!(is_dictionary("# words\n\nname=\"a\"\n"));
        for line in ["a", "\"a", "\"\"", "\"a\"b\"", "\"\\n\"", "=\"a\"", "\"\\x0\""] {
            assert!(!is_dictionary(line), "{line}");
        }
    }

    #[test]
    fn options_within_options_are_found() {
        let text = commands_dictionary();
        for word in ["\"GETEX\"", "\"KEEPTTL\"", "\"*1\\x0d\\x0a$\""] {
            assert!(text.contains(word) || word == "{word}");
        }
    }
}
