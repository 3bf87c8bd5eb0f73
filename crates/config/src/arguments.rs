//! The command line as lines of a configuration file.
//!
//! ```text
//! kvd [file] --port 6380 --save 900 1 --save "" --bind 127.0.0.1 -::1 "--maxmemory 100mb"
//! ```

use thiserror::Error;

use resp::{quote, split_line};

/// Why arguments are no configuration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ArgumentError {
    /// The first argument names no parameter.
    #[error("'{0}' is not an option: parameters are given as --name value")]
    NotAnOption(String),
    /// A name that would be two lines.
    #[error("'{0}' has a line break in the name of a parameter")]
    LineBreak(String),
}

/// Turns `--name value…` into lines, each value quoted.
///
/// Behind a name the next argument is its value, even one that starts with `--`; further values go on until the next
/// that does. `--save` alone is the exception, and means no save points. A name and its values may also be one
/// argument, `"--port 6380"`. The file that may come first is for the caller to take away.
pub fn arguments_to_lines(arguments: &[String]) -> Result<String, ArgumentError> {
    let mut lines = String::new();
    let mut value_follows = false;
    for (index, argument) in arguments.iter().enumerate() {
        match argument.strip_prefix("--") {
            Some(option) if !value_follows => {
                if option.contains(['\n', '\r']) {
                    return Err(ArgumentError::LineBreak(argument.clone()));
                }
                lines.push('\n');
                lines.push_str(option);
                value_follows = split_line(option.as_bytes()).map_or(true, |words| words.len() == 1);
                let next = arguments.get(index + 1);
                if option.trim().eq_ignore_ascii_case("save")
                    && next.is_none_or(|next| next.starts_with("--"))
                {
                    lines.push_str(" \"\"");
                    value_follows = false;
                }
            }
            None if index == 0 => return Err(ArgumentError::NotAnOption(argument.clone())),
            _ => {
                lines.push(' ');
                lines.push_str(&quote(argument.as_bytes()));
                value_follows = false;
            }
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(arguments: &[&str]) -> Vec<String> {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let lines = arguments_to_lines(&arguments).unwrap();
        lines.lines().skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn values_go_on_until_the_next_option() {
        assert_eq!(lines(&["--port", "6380", "--bind", "a", "b"]), [r#"port "6380""#, r#"bind "a" "b""#]);
        assert_eq!(lines(&["--port 6380", "--timeout", "5"]), ["port 6380", r#"timeout "5""#]);
    }

    #[test]
    fn save_without_a_value_is_no_save_points() {
        assert_eq!(lines(&["--save", "--timeout", "5"]), [r#"save """#, r#"timeout "5""#]);
        assert_eq!(lines(&["--save", ""]), [r#"save """#]);
        assert_eq!(lines(&["--save"]), [r#"save """#]);
    }

    #[test]
    fn the_first_value_may_look_like_an_option() {
        assert_eq!(
            lines(&["--requirepass", "--x", "--timeout", "3"]),
            [r#"requirepass "--x""#, r#"timeout "3""#]
        );
        assert_eq!(lines(&["--appendonly", "--timeout", "5"]), [r#"appendonly "--timeout" "5""#]);
        assert_eq!(lines(&["--oom-score-adj-values", "1", "--3"]), [r#"oom-score-adj-values "1""#, "3"]);
    }

    #[test]
    fn values_are_quoted() {
        assert_eq!(lines(&["--requirepass", "a \"b\"\n"]), [r#"requirepass "a \"b\"\n""#]);
    }

    #[test]
    fn what_is_no_option_is_refused() {
        let refused = |argument: &str| arguments_to_lines(&[argument.to_owned()]).unwrap_err();
        assert_eq!(refused("-x"), ArgumentError::NotAnOption("-x".into()));
        assert_eq!(refused("--a\nb"), ArgumentError::LineBreak("--a\nb".into()));
    }
}
