//! Parameters that every contestant is given, to compare a configuration with another.
//!
//! ```text
//!     everysec=appendonly yes, appendfsync everysec      a name, and parameters with their values
//!     no log=                                            a name for the absence of any
//!     appendonly yes                                     named as it reads
//! ```
//!
//! Words are separated by white space; `""` is an empty one.

use std::fmt;
use std::str::FromStr;

/// Some parameters and what the report calls them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Variant {
    /// As it appears in the report; empty only if nothing was asked for.
    pub(crate) name: String,
    /// Each parameter's name and the words of its value.
    parameters: Vec<Vec<String>>,
}

impl Variant {
    /// The command line: `--name value …`.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let argument =
            |(at, word): (usize, &String)| if at == 0 { format!("--{word}") } else { word.clone() };
        self.parameters.iter().flat_map(|words| words.iter().enumerate().map(argument)).collect()
    }
}

impl FromStr for Variant {
    type Err = String;

    fn from_str(source: &str) -> Result<Self, String> {
        let (name, text) = source.split_once('=').unwrap_or(("", source));
        let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
        let parameters = texts.map(parameter).collect::<Result<Vec<_>, _>>()?;
        let name = match name.trim() {
            "" if parameters.is_empty() => return Err("a variant has a name or parameters".into()),
            "" => text.trim(),
            name => name,
        };
        Ok(Self { name: name.into(), parameters })
    }
}

fn parameter(text: &str) -> Result<Vec<String>, String> {
    let words: Vec<String> = text.split_whitespace().map(|word| word.replace("\"\"", "")).collect();
    match words.len() {
        0 | 1 => Err(format!("`{text}` is a parameter without a value")),
        _ => Ok(words),
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |word: &String| if word.is_empty() { "\"\"".into() } else { word.clone() };
        let text = |words: &Vec<String>| words.iter().map(quoted).collect::<Vec<_>>().join(" ");
        match self.parameters.is_empty() {
            true => f.write_str("nothing"),
            false => f.write_str(&self.parameters.iter().map(text).collect::<Vec<_>>().join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(text: &str) -> Variant {
        text.parse().expect("valid")
    }

    #[test]
    fn a_variant_is_a_name_and_arguments() {
        let everysec =
            variant("everysec = appendonly yes,  save \"\", client-output-buffer-limit normal 0 0 0");
        assert_eq!(everysec.name, "everysec");
        let expected =
            ["--appendonly", "yes", "--save", "", "--client-output-buffer-limit", "normal", "0", "0", "0"];
        assert_eq!(everysec.arguments(), expected);
        assert_eq!(
            everysec.to_string(),
            "appendonly yes, save \"\", client-output-buffer-limit normal 0 0 0"
        );
    }

    #[test]
    fn a_name_or_parameters_may_be_missing_but_not_both() {
        let none = variant("no log=");
        assert_eq!((none.name.as_str(), none.arguments().len()), ("no log", 0));
        assert_eq!(none.to_string(), "nothing");
        assert_eq!(variant("appendonly yes").name, "appendonly yes");
        for text in ["", "=", " = ,", "x=appendonly", "appendonly"] {
            assert!(text.parse::<Variant>().is_err(), "{text}");
        }
    }
}
