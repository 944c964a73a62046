//! What our mails say. Names that people chose stand in sentences, never in headers other than the subject.

use time::OffsetDateTime;

use crate::db::expiry_warnings::Ending;
use crate::mail::Letter;
use crate::model::invitation::Invitation;
use crate::model::policy::Policy;
use crate::secret::Secret;

/// The longest name that a subject quotes, in characters.
const NAME: usize = 60;

/// An invitation with its link.
pub fn invitation(policy: &Policy, org: &str, inviter: &str, invitation: &Invitation, link: &Secret<String>) -> Letter {
    let brand = &policy.brand_name;
    let days = policy.lifetimes.invitation.whole_days().max(1);
    Letter {
        subject: format!("Join {} on {brand}", short(org)),
        paragraphs: vec![format!("{inviter} invites you to join {org} on {brand} as {}.", invitation.role.as_str())],
        link: Some(("Accept the invitation".to_owned(), format!("{}/invitations/{}", policy.issuer, link.expose()))),
        afterwards: vec![
            format!("The link works once, for {days} days, and for this address only."),
            "If you do not know what this is about, do nothing: without your click nothing happens.".to_owned(),
        ],
        signature: brand.clone(),
    }
}

/// A link to choose a new password.
pub fn password_reset(policy: &Policy, link: &Secret<String>) -> Letter {
    let brand = &policy.brand_name;
    let minutes = policy.lifetimes.password_reset.whole_minutes();
    Letter {
        subject: format!("Choose a new password for {brand}"),
        paragraphs: vec![format!("Somebody, hopefully you, asked for a new password for your account on {brand}.")],
        link: Some(("Choose a new password".to_owned(), format!("{}/set-password/{}", policy.issuer, link.expose()))),
        afterwards: vec![
            format!("The link works once and for {minutes} minutes. A new password signs you out everywhere and disconnects your apps."),
            "If it was not you, do nothing: your password stays as it is.".to_owned(),
        ],
        signature: brand.clone(),
    }
}

/// The password was changed.
pub fn password_changed(policy: &Policy, at: OffsetDateTime) -> Letter {
    let brand = &policy.brand_name;
    let form = time::macros::format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    let when = at.to_offset(time::UtcOffset::UTC).format(form).unwrap_or_default();
    Letter {
        subject: format!("Your password for {brand} was changed"),
        paragraphs: vec![format!(
            "The password of your account on {brand} was changed on {when}. Other browsers were signed out and connected apps disconnected."
        )],
        link: Some(("If it was not you, choose a new password now".to_owned(), format!("{}/forgot", policy.issuer))),
        afterwards: vec!["If it was you, there is nothing to do.".to_owned()],
        signature: brand.clone(),
    }
}

/// A secret or a key will soon stop working.
pub fn credential_ends(policy: &Policy, ending: &Ending, now: OffsetDateTime) -> Letter {
    let form = time::macros::format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    let when = ending.ends_at.to_offset(time::UtcOffset::UTC).format(form).unwrap_or_default();
    let days = (ending.ends_at - now).whole_days().max(0);
    let left = match days {
        0 => "in less than a day".to_owned(),
        1 => "in one day".to_owned(),
        days => format!("in {days} days"),
    };
    let (kind, which) = if ending.is_secret {
        ("client secret", format!("ending in {}", ending.hint))
    } else {
        ("key", format!("with the thumbprint {}", ending.hint))
    };
    let note = if ending.note.is_empty() { String::new() } else { format!(" (\u{201c}{}\u{201d})", short(&ending.note)) };
    let page = format!("{}/orgs/{}/apps/{}/credentials", policy.issuer, ending.slug, ending.client_id);
    Letter {
        subject: format!("A {kind} of {} stops working {left}", short(&ending.app)),
        paragraphs: vec![format!("The {kind} {which}{note} of {} stops working on {when}, {left}.", ending.app)],
        link: Some(("See the credentials".to_owned(), page)),
        afterwards: vec![
            "Add its successor now and switch your installations over: both work side by side until the old one ends.".to_owned(),
            "You get this because you are an owner or admin of the organization.".to_owned(),
        ],
        signature: policy.brand_name.clone(),
    }
}

/// `name` on one line, cut.
fn short(name: &str) -> String {
    let line: String = name.chars().filter(|c| !c.is_control()).collect();
    if line.chars().count() <= NAME { line } else { line.chars().take(NAME - 1).chain(['…']).collect() }
}
