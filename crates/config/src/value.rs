//! The value of a parameter: parsed from words, shown as CONFIG GET shows it.

use crate::error::ValueError;
use crate::parameter::{Kind, Parameter, WordsRule};
use crate::structured::{OutputLimits, Primary, SavePoint};
use crate::{check, number, structured};

/// A value that its parameter takes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Boolean(bool),
    Integer(i64),
    /// Shown in octal.
    Octal(i64),
    Bytes(u64),
    Percent(u8),
    Choice(&'static str),
    Text(Vec<u8>),
    Words(Vec<Vec<u8>>),
    SavePoints(Vec<SavePoint>),
    OutputLimits(OutputLimits),
    Percentiles(Vec<f64>),
    Primary(Option<Primary>),
}

impl Parameter {
    /// Whether CONFIG SET cuts its value into words.
    pub(crate) fn takes_words(&self) -> bool {
        matches!(self.kind, Kind::Words(_))
    }

    /// The value that the words say. `before` is what those parts keep that the words don't name.
    pub(crate) fn parse(&self, words: &[&[u8]], before: &Value) -> Result<Value, ValueError> {
        if let Kind::Words(rule) = self.kind {
            return parse_words(rule, words, before);
        }
        let [word] = words else { return Err(ValueError::WrongCount) };
        match self.kind {
            Kind::Boolean => boolean(word).map(Value::Boolean),
            Kind::Integer { min, max } => number::integer_between(word, min, max).map(Value::Integer),
            Kind::PowerOfTwo { max } => {
                let number = number::integer_between(word, 1, max)?;
                if number.count_ones() == 1 {
                    Ok(Value::Integer(number))
                } else {
                    Err(ValueError::NotPowerOfTwo)
                }
            }
            Kind::Octal { max } => number::octal(word, max).map(Value::Octal),
            Kind::Memory { min, max } => number::memory_between(word, min, max).map(Value::Bytes),
            Kind::MemoryOrPercent => memory_or_percent(word),
            Kind::MemoryOrUnlimited => memory_or_unlimited(word),
            Kind::Choice(choices) => choice(choices, word),
            Kind::Text(rule) => check::text(rule, self.name, word).map(Value::Text),
            Kind::Words(_) => Err(ValueError::WrongCount),
        }
    }

    /// The value when nobody sets it.
    pub(crate) fn default_value(&self) -> Value {
        let unset = Value::OutputLimits(OutputLimits::UNLIMITED);
        let words = if self.takes_words() {
            at_spaces(self.default.as_bytes())
        } else {
            vec![self.default.as_bytes()]
        };
        let value = match self.kind {
            Kind::Words(WordsRule::Primary) if words.is_empty() => Ok(Value::Primary(None)),
            _ => self.parse(&words, &unset),
        };
        value.expect("the defaults of the table are valid, which a test checks")
    }
}

impl Value {
    /// The value as CONFIG GET shows it.
    pub(crate) fn show(&self) -> Vec<u8> {
        match self {
            Value::Boolean(true) => b"yes".to_vec(),
            Value::Boolean(false) => b"no".to_vec(),
            Value::Integer(number) => number.to_string().into_bytes(),
            Value::Octal(number) => format!("{number:o}").into_bytes(),
            Value::Bytes(bytes) => bytes.to_string().into_bytes(),
            Value::Percent(percent) => format!("{percent}%").into_bytes(),
            Value::Choice(choice) => choice.as_bytes().to_vec(),
            Value::Text(text) => text.clone(),
            Value::Words(words) => words.join(&b' '),
            Value::SavePoints(points) => structured::show_save_points(points).into_bytes(),
            Value::OutputLimits(limits) => limits.show().into_bytes(),
            Value::Percentiles(percentiles) => structured::show_percentiles(percentiles).into_bytes(),
            Value::Primary(None) => Vec::new(),
            Value::Primary(Some(primary)) => {
                [primary.host.as_slice(), primary.port.to_string().as_bytes()].join(&b' ')
            }
        }
    }
}

/// Cuts at every single space, as CONFIG SET does: two in a row have an empty word between them. Nothing is no word.
pub(crate) fn at_spaces(value: &[u8]) -> Vec<&[u8]> {
    if value.is_empty() { Vec::new() } else { value.split(|&byte| byte == b' ').collect() }
}

fn parse_words(rule: WordsRule, words: &[&[u8]], before: &Value) -> Result<Value, ValueError> {
    match rule {
        WordsRule::Addresses => check::addresses(words).map(Value::Words),
        WordsRule::OomScores => check::oom_scores(words).map(Value::Words),
        WordsRule::ShutdownOptions => check::shutdown_options(words).map(Value::Words),
        WordsRule::SavePoints => structured::save_points(words).map(Value::SavePoints),
        WordsRule::Percentiles => structured::percentiles(words).map(Value::Percentiles),
        WordsRule::Primary => structured::primary(words).map(Value::Primary),
        WordsRule::OutputLimits => {
            let limits =
                if let Value::OutputLimits(limits) = before { *limits } else { OutputLimits::UNLIMITED };
            limits.changed(words).map(Value::OutputLimits)
        }
    }
}

fn boolean(word: &[u8]) -> Result<bool, ValueError> {
    if word.eq_ignore_ascii_case(b"yes") {
        Ok(true)
    } else if word.eq_ignore_ascii_case(b"no") {
        Ok(false)
    } else {
        Err(ValueError::NotBoolean)
    }
}

fn choice(choices: &'static [&'static str], word: &[u8]) -> Result<Value, ValueError> {
    let found = choices.iter().find(|choice| choice.as_bytes().eq_ignore_ascii_case(word));
    found.map(|choice| Value::Choice(choice)).ok_or(ValueError::NotOneOf(choices))
}

/// `0%` is 0 bytes: both say that there is no limit, and one of them is shown.
fn memory_or_percent(word: &[u8]) -> Result<Value, ValueError> {
    let Some(percent) = word.strip_suffix(b"%") else {
        return number::memory(word).map(Value::Bytes).ok_or(ValueError::NotMemoryOrPercent);
    };
    match number::integer(percent) {
        None | Some(..0) => Err(ValueError::NotMemoryOrPercent),
        Some(0) => Ok(Value::Bytes(0)),
        Some(percent @ 1..=100) => Ok(Value::Percent(percent as u8)),
        Some(_) => Err(ValueError::PercentTooGreat),
    }
}

fn memory_or_unlimited(word: &[u8]) -> Result<Value, ValueError> {
    match number::integer(word) {
        Some(-1) => Ok(Value::Integer(-1)),
        Some(..0) => Err(number::out_of_range(-1, i64::MAX)),
        _ => match number::memory(word).map(i64::try_from) {
            Some(Ok(bytes)) => Ok(Value::Integer(bytes)),
            Some(Err(_)) => Err(number::out_of_range(-1, i64::MAX)),
            None => Err(ValueError::NotMemory),
        },
    }
}
