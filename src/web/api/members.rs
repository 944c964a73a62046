//! The members of a JSON object, taken one by one with every wrong type told; what nobody took is refused (M5).

use serde_json::{Map, Value};

use crate::model::field_error::FieldError;

/// What is left of an object, and what was wrong so far.
pub(super) struct Members<'a> {
    object: Map<String, Value>,
    /// The names of the objects around it, with a dot at the end.
    prefix: &'static str,
    errors: &'a mut Vec<FieldError>,
}

/// What came where an object is expected.
pub(super) enum Sent {
    /// Nothing to merge; a wrong type was told.
    Nothing,
    /// `null`: back to the default.
    Null,
    /// An object to merge.
    Object(Map<String, Value>),
}

impl<'a> Members<'a> {
    /// The members of `object`.
    pub(super) fn new(object: Map<String, Value>, prefix: &'static str, errors: &'a mut Vec<FieldError>) -> Self {
        Self { object, prefix, errors }
    }

    /// Sets `target` if the member was sent; `null` takes it back to `default` (RFC 7396).
    pub(super) fn take<T: FromJson>(&mut self, name: &str, target: &mut T, default: T) {
        match self.object.remove(name) {
            None => {}
            Some(Value::Null) if !T::NULL_IS_A_VALUE => *target = default,
            Some(value) => match T::from_json(value) {
                Some(read) => *target = read,
                None => self.error(name, "wrong_type", T::EXPECTED),
            },
        }
    }

    /// The member as an object.
    pub(super) fn object(&mut self, name: &str) -> Sent {
        match self.object.remove(name) {
            None => Sent::Nothing,
            Some(Value::Null) => Sent::Null,
            Some(Value::Object(object)) => Sent::Object(object),
            Some(_) => {
                self.error(name, "wrong_type", "Give an object.");
                Sent::Nothing
            }
        }
    }

    /// The list of errors, for an object within.
    pub(super) fn errors(&mut self) -> &mut Vec<FieldError> {
        self.errors
    }

    /// Refuses members that cannot be chosen, and those that nobody knows.
    pub(super) fn finish(mut self, read_only: &[&str]) {
        for name in std::mem::take(&mut self.object).keys() {
            if read_only.contains(&name.as_str()) {
                self.error(name, "read_only", "This member cannot be chosen.");
            } else {
                // The name is the sender's text: cut, it cannot fill an answer.
                let name: String = name.chars().take(64).collect();
                self.error(&name, "unknown_field", "There is no such member.");
            }
        }
    }

    fn error(&mut self, name: &str, code: &'static str, message: &str) {
        self.errors.push(FieldError::new(format!("{}{name}", self.prefix), code, message));
    }
}

/// A value that a member may have.
pub(super) trait FromJson: Sized {
    /// What to tell who sent something else.
    const EXPECTED: &'static str;
    /// Whether `null` says something by itself, such as "no expiration".
    const NULL_IS_A_VALUE: bool = false;
    /// The value; `None` when it is of another type.
    fn from_json(value: Value) -> Option<Self>;
}

impl FromJson for String {
    const EXPECTED: &'static str = "Give a string.";

    fn from_json(value: Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

impl FromJson for bool {
    const EXPECTED: &'static str = "Give true or false.";

    fn from_json(value: Value) -> Option<Self> {
        value.as_bool()
    }
}

impl FromJson for i64 {
    const EXPECTED: &'static str = "Give an integer.";

    fn from_json(value: Value) -> Option<Self> {
        value.as_i64()
    }
}

impl FromJson for Vec<String> {
    const EXPECTED: &'static str = "Give a list of strings.";

    fn from_json(value: Value) -> Option<Self> {
        match value {
            Value::Array(items) => items.into_iter().map(String::from_json).collect(),
            _ => None,
        }
    }
}

impl FromJson for Option<i64> {
    const EXPECTED: &'static str = "Give an integer, or null for no expiration.";
    const NULL_IS_A_VALUE: bool = true;

    fn from_json(value: Value) -> Option<Self> {
        if value.is_null() { Some(None) } else { value.as_i64().map(Some) }
    }
}

impl FromJson for Option<String> {
    const EXPECTED: &'static str = "Give a string or null.";
    const NULL_IS_A_VALUE: bool = true;

    fn from_json(value: Value) -> Option<Self> {
        if value.is_null() { Some(None) } else { String::from_json(value).map(Some) }
    }
}
