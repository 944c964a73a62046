//! A flat JSON object as parameters.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::web::extract::form::{FormError, MOST};

/// Strings, numbers and booleans become text, `null` an empty value; anything nested is refused. Names keep their order, so
/// that the caller sees those that came twice.
pub(super) fn object(text: &[u8]) -> Result<Vec<(String, String)>, FormError> {
    let Members(members) = serde_json::from_slice(text).map_err(|_| FormError::Malformed("The body is not a flat JSON object."))?;
    Ok(members)
}

struct Members(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a flat object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some((name, Scalar(value))) = map.next_entry::<String, Scalar>()? {
                    if members.len() > MOST {
                        return Err(serde::de::Error::custom("too many members"));
                    }
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

struct Scalar(String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Self(text)),
            serde_json::Value::Number(number) => Ok(Self(number.to_string())),
            serde_json::Value::Bool(truth) => Ok(Self(truth.to_string())),
            serde_json::Value::Null => Ok(Self(String::new())),
            serde_json::Value::Array(_) | serde_json::Value::Object(_) => Err(serde::de::Error::custom("nested")),
        }
    }
}
