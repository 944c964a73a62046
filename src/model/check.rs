//! The named checks that a request passes, as the explanation of a request lists them.

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident = $key:literal, $title:literal;)+) => {
        /// One thing that must hold. Its key is stored and shown by the API, so a key never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(clippy::doc_markdown, reason = "the titles are sentences for people")]
        pub enum Check { $(#[doc = $title] $name),+ }

        impl Check {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The stored and API word.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key),+ }
            }

            /// What must hold, for people.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }
        }
    };
}

checks! {
    WellFormed = "well-formed", "The request can be read, and no parameter came twice or in the wrong place";
    AuthorizationHeader = "authorization-header", "The Authorization header can be read";
    OneMethod = "one-method", "One way of client authentication";
    SameClient = "same-client", "Header, body and assertion name the same client";
    ClientNamed = "client-named", "The request names a client";
    ClientEnabled = "client-enabled", "The application and its org are enabled";
    ProofFits = "proof-fits", "The kind of credential fits the application";
    Secret = "secret", "The secret is that of a live credential";
    MayIntrospect = "may-introspect", "The application may introspect tokens";
    RateLimit = "rate-limit", "Not too many requests";
    Parameters = "parameters", "Every required parameter is there";
    GrantKnown = "grant-known", "The grant type is known at this endpoint";
    GrantAllowed = "grant-allowed", "This kind of application may use the grant type";
    CodeGenuine = "code-genuine", "The code was minted by this server";
    VerifierShape = "verifier-shape", "code_verifier is well-formed";
    TokenGenuine = "token-genuine", "The refresh token was minted by this server";
    OwnGrant = "own-grant", "It was issued to this application";
    AuthorizationLive = "authorization-live", "The authorization has not ended";
    HasRefreshToken = "has-refresh-token", "The authorization came with a refresh token";
    Unused = "unused", "It was not used before";
    PartiesStand = "parties-stand", "Application, org, user and membership are in force";
    NotExpired = "not-expired", "It has not expired";
    RedirectUriSame = "redirect-uri-same", "redirect_uri is that of the authorization request";
    Verifier = "verifier", "code_verifier matches the code_challenge";
    RefreshEnabled = "refresh-enabled", "The application gets refresh tokens";
    ScopeShape = "scope-shape", "scope is well-formed";
    ScopeAllowed = "scope-allowed", "The scope is allowed, and of one API";
    Resource = "resource", "resource names the API of the scope";
    AssertionReadable = "assertion-readable", "The assertion is a JWT with the claims it needs";
    AssertionAlgorithm = "assertion-algorithm", "The assertion's algorithm is that of the registered key";
    AssertionIssuer = "assertion-issuer", "iss names who issued the assertion";
    AssertionSubject = "assertion-subject", "sub names somebody who may be acted for";
    AssertionAudience = "assertion-audience", "aud names this server";
    AssertionTimes = "assertion-times", "exp, nbf and iat are in order, and the lifetime is not too long";
    AssertionKey = "assertion-key", "The application has a live key for the assertion";
    AssertionSignature = "assertion-signature", "A registered key verifies the signature";
    AssertionUnused = "assertion-unused", "The assertion was not used before";
    MetaScopes = "meta-scopes", "The metascope claims are allowed";
    CredentialInUse = "credential-in-use", "The migration still allows this kind of credential";
    PasswordAllowed = "password-allowed", "The password grant is switched on, and open to this user";
    Password = "password", "User name and password are right";
    RedirectUriSent = "redirect-uri-sent", "redirect_uri is there";
    RedirectUriRegistered = "redirect-uri-registered", "redirect_uri is registered, letter by letter";
    ResponseType = "response-type", "A code is asked for, in the query, by plain parameters";
    HasUsers = "has-users", "This kind of application acts for users";
    Pkce = "pkce", "code_challenge is there where it must be, and S256";
    Prompt = "prompt", "prompt and max_age are well-formed";
    SignedIn = "signed-in", "Somebody is signed in";
    Member = "member", "The person belongs to the application's org";
    Consented = "consented", "The person allows it";
    AnsweredInTime = "answered-in-time", "The person answers in time";
    ServerWell = "server-well", "Grantor itself can answer";
    Rule = "rule", "A rule of this server";
}

impl Check {
    /// Reads the stored word.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|check| check.key() == key)
    }
}
