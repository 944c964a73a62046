//! A form whose session had ended when it was sent: it is sealed into the sign-in page, so that its person sees it again afterwards.
//! Nothing of it is stored, and nothing in it is done before they press its button once more.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::flows::Deps;
use crate::model::user::User;

const LABEL: &str = "kept form";
/// The mark that tells whose page a form stood on.
const WHOSE: &str = "whose form";
/// How long a form waits for its person.
const PATIENCE: Duration = Duration::hours(24);

/// A form that waits for its person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptForm {
    /// The mark of its person, as the form carried it.
    pub whose: String,
    /// Path and query that it was sent to.
    pub path: String,
    /// What was typed and chosen.
    pub fields: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    expires_at: i64,
    form: KeptForm,
}

/// The mark that forms of this person carry, whatever the session. It lets its holder see a form again and do nothing else.
pub fn mark(deps: &Deps, user: &User) -> String {
    deps.sealer.form_token(WHOSE, &user.id.to_string())
}

/// Whether `mark` is this person's.
pub fn is_of(deps: &Deps, user: &User, mark: &str) -> bool {
    deps.sealer.check_form_token(WHOSE, &user.id.to_string(), mark)
}

/// Seals a form into text for a hidden field.
#[expect(clippy::missing_panics_doc, reason = "text and numbers are always JSON")]
pub fn keep(deps: &Deps, form: KeptForm, now: OffsetDateTime) -> String {
    let sealed = Sealed { expires_at: (now + PATIENCE).unix_timestamp(), form };
    let plain = serde_json::to_vec(&sealed).expect("text and numbers are JSON");
    URL_SAFE_NO_PAD.encode(deps.sealer.seal(LABEL, &plain, &*deps.entropy))
}

/// The form that was sealed for `path`; `None` when it is not ours, for another path, or too old. Whose it is has to be asked still.
pub fn recall(deps: &Deps, path: &str, sealed: &str, now: OffsetDateTime) -> Option<KeptForm> {
    let plain = deps.sealer.open(LABEL, &URL_SAFE_NO_PAD.decode(sealed).ok()?)?;
    let Sealed { expires_at, form } = serde_json::from_slice(plain.expose()).ok()?;
    (form.path == path && now.unix_timestamp() < expires_at).then_some(form)
}
