//! `/orgs/{slug}/people`: the people of an org with their roles, and the open invitations.

use askama::Template;
use askama_web::WebTemplate;
use time::{OffsetDateTime, macros::datetime};

use crate::web::views::{
    form::{Choice, FieldError, Form},
    layout::{Layout, OrgLink, Role, Section},
};

/// The people. Each row posts `csrf` (and `role`) to `people/{id}/role|remove|disable|enable|sign-out`; inviting posts `csrf`, `email`,
/// `role` to `people/invitations`; an invitation posts `csrf` to `people/invitations/{id}/resend|revoke`.
#[derive(Debug, Clone, Template, WebTemplate)]
#[template(path = "people/list.html")]
pub struct PeoplePage {
    /// The frame.
    pub layout: Layout,
    /// The org and what the person who looks is in it.
    pub org: OrgLink,
    /// What was searched for.
    pub q: String,
    /// Whether this is the first part of the list.
    pub is_first: bool,
    /// People by address.
    pub people: Vec<PersonRow>,
    /// Address of the next part.
    pub next: Option<String>,
    /// Open invitations, newest first.
    pub invitations: Vec<InvitationRow>,
    /// The form of a further one.
    pub invite: Form<InviteValues>,
    /// The roles that can be given away.
    pub roles: Vec<Choice>,
    /// Whether invitations go out by mail.
    pub mail: bool,
}

/// Whether a person can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonState {
    /// Yes.
    Active,
    /// No: this org disabled them.
    Disabled,
    /// No: the operator or another org did.
    DisabledElsewhere,
}

/// One of the org's people.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a button or a mark of its own")]
pub struct PersonRow {
    /// Id in the addresses of the forms.
    pub id: String,
    /// Name.
    pub name: String,
    /// How they sign in.
    pub email: String,
    /// What they are here.
    pub role: Role,
    /// Since when.
    pub since: OffsetDateTime,
    /// When a browser of theirs was last seen.
    pub last_seen_at: Option<OffsetDateTime>,
    /// Whether it is the person who looks.
    pub yourself: bool,
    /// The roles to choose from; none = who looks may not change them.
    pub roles: Vec<Choice>,
    /// The role's word in the form.
    pub chosen: String,
    /// Whether the account can be disabled from here.
    pub can_disable: bool,
    /// Whether its browsers can be signed out from here.
    pub can_sign_out: bool,
    /// Whether it can be enabled from here.
    pub can_enable: bool,
    /// Whether they can sign in.
    pub state: PersonState,
}

/// An open invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRow {
    /// Id in the addresses of the forms.
    pub id: String,
    /// Whom.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Name of who invited, if known.
    pub invited_by: Option<String>,
    /// When the link was sent.
    pub sent_at: OffsetDateTime,
    /// Until when it works.
    pub expires_at: OffsetDateTime,
    /// Whether it works no more.
    pub expired: bool,
    /// Whether who looks may send it again or take it back.
    pub editable: bool,
}

/// The fields of an invitation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InviteValues {
    /// Address.
    pub email: String,
    /// The role's word.
    pub role: String,
}

impl PersonRow {
    /// Whether anything can be changed.
    pub fn editable(&self) -> bool {
        !self.roles.is_empty()
    }
}

impl PeoplePage {
    /// Whether nothing was found for what was searched.
    pub fn found_nothing(&self) -> bool {
        self.people.is_empty()
    }

    /// Three people, two invitations.
    pub fn sample() -> Self {
        let layout = Layout { section: Section::People, ..Layout::sample() };
        let org = OrgLink { slug: "acme".into(), name: "Acme Studios".into(), role: Role::Admin };
        let roles: Vec<Choice> = [Role::Member, Role::Developer, Role::Admin]
            .iter()
            .map(|role| Choice::new(role.label().to_lowercase(), format!("{}: {}", role.label(), role.explained())))
            .collect();
        let row = |id: &str, name: &str, email: &str, role: Role, last_seen_at, roles: &[Choice]| PersonRow {
            id: id.into(),
            name: name.into(),
            email: email.into(),
            role,
            since: datetime!(2026-03-02 09:00 UTC),
            last_seen_at,
            yourself: id == "p1",
            roles: roles.to_vec(),
            chosen: role.label().to_lowercase(),
            can_disable: id == "p3",
            can_sign_out: id == "p3",
            can_enable: false,
            state: PersonState::Active,
        };
        let mut disabled = row("p4", "Tom Okafor", "tom@acme.example", Role::Member, None, &roles);
        (disabled.state, disabled.can_enable) = (PersonState::Disabled, true);
        let invitation = |id: &str, email: &str, role, expires_at, expired| InvitationRow {
            id: id.into(),
            email: email.into(),
            role,
            invited_by: Some("Ada Moreau".into()),
            sent_at: datetime!(2026-08-10 09:00 UTC),
            expires_at,
            expired,
            editable: true,
        };
        Self {
            layout,
            org,
            q: String::new(),
            is_first: true,
            people: vec![
                row("p1", "Ada Moreau", "ada@acme.example", Role::Admin, Some(datetime!(2026-08-14 09:30 UTC)), &roles),
                row("p2", "Grace Lindqvist", "grace@acme.example", Role::Owner, Some(datetime!(2026-08-12 15:00 UTC)), &[]),
                row("p3", "Lin Zhao", "lin@acme.example", Role::Developer, Some(datetime!(2026-08-14 07:10 UTC)), &roles),
                disabled,
            ],
            next: None,
            invitations: vec![
                invitation("i1", "sam@acme.example", Role::Developer, datetime!(2026-08-17 09:00 UTC), false),
                invitation("i2", "kim@contractor.example", Role::Member, datetime!(2026-08-13 09:00 UTC), true),
            ],
            invite: Form::new(InviteValues { email: String::new(), role: "member".into() }),
            roles,
            mail: true,
        }
    }

    /// An address that is none.
    pub fn sample_refused() -> Self {
        let error = FieldError::new("email", "Write one address, as ada@example.com.");
        Self { invite: Form::refused(InviteValues { email: "kim".into(), role: "developer".into() }, vec![error]), ..Self::sample() }
    }

    /// A search without a result, and nobody invited; no mail is sent here.
    pub fn sample_nothing_found() -> Self {
        Self { q: "zebra".into(), people: Vec::new(), invitations: Vec::new(), mail: false, ..Self::sample() }
    }
}
