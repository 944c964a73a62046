//! JSON objects as two readers agree on them, in assertions and in the bodies of the management API: no member twice, at any depth. The order of the checks inside is the parser's own: syntax,
//! then depth (128), then repeats.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Why a text is no object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoObject {
    /// The text is not JSON, not UTF-8, or something follows it.
    Syntax,
    /// A member appears twice, here or deeper.
    Repeated,
    /// It is JSON of another type.
    AnotherType,
}

/// What the visitor says when a member appears twice; told apart from errors of syntax by these words.
const REPEATED: &str = "a member appears twice";

/// Reads one JSON object and nothing after it.
pub fn object(text: &[u8]) -> Result<Map<String, Value>, NoObject> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = Once.deserialize(&mut deserializer);
    let value = value.map_err(|error| if error.to_string().starts_with(REPEATED) { NoObject::Repeated } else { NoObject::Syntax })?;
    deserializer.end().map_err(|_| NoObject::Syntax)?;
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(NoObject::AnotherType),
    }
}

/// Reads any value, at every depth without repeated members.
struct Once;

impl<'de> DeserializeSeed<'de> for Once {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(Self)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(REPEATED));
            }
            let value = members.next_value_seed(Self)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}
