//! The three kinds of application and their states, as people read them.

/// What kind of application it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppKind {
    /// A server that people sign in to.
    Web,
    /// Code in a browser or on a device.
    Spa,
    /// A program without a person.
    M2m,
}

impl AppKind {
    /// Every kind, in the order of the cards.
    pub const ALL: [Self; 3] = [Self::Web, Self::Spa, Self::M2m];

    /// The kind that `?kind=` names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The word in addresses and in the API.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Spa => "spa",
            Self::M2m => "m2m",
        }
    }

    /// The label that people read.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Web => "Web Application",
            Self::Spa => "Single Page Web Application",
            Self::M2m => "Machine to Machine Application",
        }
    }

    /// The same where there is little room.
    pub fn short_label(&self) -> &'static str {
        match self {
            Self::Web => "Web",
            Self::Spa => "Single Page Web",
            Self::M2m => "Machine to Machine",
        }
    }

    /// When to choose it.
    pub fn choose_when(&self) -> &'static str {
        match self {
            Self::Web => "Choose this when people use it and your own server can keep a secret.",
            Self::Spa => "Choose this when people use it and all of its code runs in their browser or on their device.",
            Self::M2m => "Choose this when a program works by itself, with nobody signed in.",
        }
    }

    /// What it gets, in a few words.
    pub fn gets(&self) -> [&'static str; 3] {
        match self {
            Self::Web => ["Client id and secret", "Sign-in and consent pages", "Refresh tokens"],
            Self::Spa => ["Client id, no secret", "PKCE is always required", "Refresh tokens that always rotate"],
            Self::M2m => ["Client id and secret", "No sign-in, no consent", "Access tokens only"],
        }
    }

    /// Name of its icon in the sprite.
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Web => "server",
            Self::Spa => "browser",
            Self::M2m => "terminal",
        }
    }

    /// Whether people are sent back to it: it has redirect URIs, consent and refresh tokens.
    pub fn has_people(&self) -> bool {
        !matches!(self, Self::M2m)
    }

    /// Whether it has client secrets.
    pub fn has_secrets(&self) -> bool {
        !matches!(self, Self::Spa)
    }

    /// Whether it is a single-page application.
    pub fn is_spa(&self) -> bool {
        matches!(self, Self::Spa)
    }

    /// Whether it is a web application.
    pub fn is_web(&self) -> bool {
        matches!(self, Self::Web)
    }
}

/// Whether an app works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppStatus {
    /// It works.
    Active,
    /// Switched off by an admin.
    Disabled,
}

impl AppStatus {
    /// The word shown.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Disabled => "Disabled",
        }
    }

    /// Whether it works.
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Active)
    }
}
