//! What the operator announced about the end of keys and assertions: the dates A, B and C, each optional (R46).

use time::OffsetDateTime;

/// When JWT credentials end, step by step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JwtDeadlines {
    /// What people read about it; empty = nothing is announced.
    pub announcement: String,
    /// A: from then on no app gets its first key.
    pub no_new_apps: Option<OffsetDateTime>,
    /// B: from then on no app gets a further key.
    pub no_renewal: Option<OffsetDateTime>,
    /// C: from then on keys are refused.
    pub disabled: Option<OffsetDateTime>,
}

impl JwtDeadlines {
    /// Whether anything is announced: a text or a date.
    pub fn are_set(&self) -> bool {
        !self.announcement.is_empty() || self.earliest().is_some()
    }

    /// The first of the dates.
    pub fn earliest(&self) -> Option<OffsetDateTime> {
        [self.no_new_apps, self.no_renewal, self.disabled].into_iter().flatten().min()
    }

    /// Whether apps without a key must do without one at `now`.
    pub fn forbid_new_apps(&self, now: OffsetDateTime) -> bool {
        [self.no_new_apps, self.no_renewal, self.disabled].into_iter().flatten().any(|at| at <= now)
    }

    /// Whether no app gets a further key at `now`.
    pub fn forbid_renewal(&self, now: OffsetDateTime) -> bool {
        [self.no_renewal, self.disabled].into_iter().flatten().any(|at| at <= now)
    }

    /// Whether keys are refused at `now`.
    pub fn forbid_use(&self, now: OffsetDateTime) -> bool {
        self.disabled.is_some_and(|at| at <= now)
    }
}
