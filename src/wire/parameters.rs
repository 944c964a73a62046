//! Request parameters as OAuth sees them: no name twice, and an empty value is no value (RFC 6749 §3.1, §3.2).

use std::collections::BTreeMap;
use std::fmt;

/// The parameters of one request, from query, form or JSON body.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<String, String>);

/// A parameter came more than once: the request is `invalid_request` (RFC 6749 §3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateParameter {
    /// Its name, as sent: hostile text, fit for a log field but not for an error body.
    pub name: String,
}

impl Parameters {
    /// Collects pairs; an empty value counts as omitted, and a name that appears twice is refused even if one was empty.
    pub fn from_pairs<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Result<Self, DuplicateParameter> {
        let mut seen = BTreeMap::new();
        for (name, value) in pairs {
            if seen.insert(name.clone(), value).is_some() {
                return Err(DuplicateParameter { name });
            }
        }
        seen.retain(|_, value| !value.is_empty());
        Ok(Self(seen))
    }

    /// The value of `name`, if it was sent and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Like [`Parameters::get`], owned.
    pub fn owned(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    /// Whether `name` was sent with a value.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// Names only: values may be secrets.
impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
