//! Which check each cause of a refusal is about. `tests/it/inspector/causes.rs` finds every cause in the rules and asks for its
//! line here.

use crate::model::check::Check;

/// The check that a refusal with `cause` is about; [`Check::Rule`] for one that nobody has named.
pub fn check_of(cause: &str) -> Check {
    find(cause).unwrap_or(Check::Rule)
}

/// The check that is named for `cause`.
pub fn find(cause: &str) -> Option<Check> {
    TABLES.iter().flat_map(|table| table.iter()).find(|(known, _)| *known == cause).map(|(_, check)| *check)
}

/// Every cause that has a line.
pub fn known() -> impl Iterator<Item = &'static str> {
    TABLES.iter().flat_map(|table| table.iter()).map(|(cause, _)| *cause)
}

type Table = &'static [(&'static str, Check)];

const TABLES: &[Table] = &[BODY, CLIENT, MIGRATION, GRANT, TOKENS, PASSWORD, SCOPE, ASSERTION, CLAIMS, AUTHORIZE, PERSON];

/// What cannot be read.
const BODY: Table = &[
    ("Parameters belong in the body, never in the query.", Check::WellFormed),
    ("This endpoint does not answer to this method.", Check::WellFormed),
    ("The body is larger than 64 KiB.", Check::WellFormed),
    ("The body must be application/x-www-form-urlencoded or application/json in UTF-8.", Check::WellFormed),
    ("The body did not arrive in time.", Check::WellFormed),
    ("The body broke off.", Check::WellFormed),
    ("A parameter was sent more than once.", Check::WellFormed),
    ("There are too many parameters.", Check::WellFormed),
    ("A parameter contains a control character.", Check::WellFormed),
    ("The parameters are not percent-encoded UTF-8.", Check::WellFormed),
    ("Too many requests; wait as long as Retry-After says.", Check::RateLimit),
    ("The server cannot answer at the moment; try again as Retry-After says.", Check::ServerWell),
];

/// Who asks.
const CLIENT: Table = &[
    ("The Authorization header cannot be read.", Check::AuthorizationHeader),
    ("More than one client authentication method was used.", Check::OneMethod),
    ("The Authorization header and client_id name different clients.", Check::SameClient),
    ("The request names no client: client_id is missing.", Check::ClientNamed),
    ("Client authentication failed.", Check::Secret),
    ("unknown client", Check::ClientNamed),
    ("client or org is disabled or deleted", Check::ClientEnabled),
    ("confidential client sent no secret", Check::ProofFits),
    ("public client sent a secret", Check::ProofFits),
    ("no live secret matches", Check::Secret),
    ("the API has no introspection secret", Check::ProofFits),
    ("the API sent no secret", Check::ProofFits),
    ("the secret is not that of the API", Check::Secret),
    ("Introspection needs an app with a secret or a key.", Check::ProofFits),
    ("The parameter client_assertion_type is missing.", Check::OneMethod),
    ("The client_assertion_type is not that of a JWT (RFC 7523).", Check::OneMethod),
    ("The parameter client_assertion is missing.", Check::OneMethod),
    ("The exchange needs the client secret besides the assertion.", Check::ProofFits),
    ("The app is not registered for the scope introspect.", Check::MayIntrospect),
    ("The access token is unknown, expired, revoked or for another API.", Check::AuthorizationHeader),
    ("The access token lacks the scope of this operation.", Check::MayIntrospect),
];

/// Which kinds of credentials are still good.
const MIGRATION: Table = &[
    ("This app has migrated from keys to a client secret; its keys are no longer accepted.", Check::CredentialInUse),
    ("This app has migrated from client secrets to a key; its secrets are no longer accepted.", Check::CredentialInUse),
    (
        "Brown-out: this app is migrating to a client secret and its keys are refused on trial for a few minutes; use the secret.",
        Check::CredentialInUse,
    ),
    (
        "Brown-out: this app is migrating to a key and its old secrets are refused on trial for a few minutes; use the key.",
        Check::CredentialInUse,
    ),
    (
        "Brown-out: this secret came with a key, and this app is migrating from its keys to a new secret: both are refused on trial for a few minutes; use the new one.",
        Check::CredentialInUse,
    ),
    (
        "This app has migrated from keys to another client secret; the secrets that came with its keys are no longer accepted.",
        Check::CredentialInUse,
    ),
    ("This server no longer accepts keys and assertions; the app has to use a client secret.", Check::CredentialInUse),
];

/// What is asked for.
const GRANT: Table = &[
    ("The parameter grant_type is missing.", Check::Parameters),
    ("The parameter code is missing.", Check::Parameters),
    ("The parameter refresh_token is missing.", Check::Parameters),
    ("The parameter token is missing.", Check::Parameters),
    ("The parameter assertion is missing.", Check::Parameters),
    ("The parameter jwt_token is missing.", Check::Parameters),
    ("The parameter username is missing.", Check::Parameters),
    ("The parameter password is missing.", Check::Parameters),
    ("A required parameter is missing.", Check::Parameters),
    ("Send token or refresh_token, not both.", Check::Parameters),
    ("This endpoint does not know this grant type.", Check::GrantKnown),
    ("This kind of app may not use this grant type.", Check::GrantAllowed),
];

/// Codes and refresh tokens.
const TOKENS: Table = &[
    ("the code was not minted by this server", Check::CodeGenuine),
    ("code_verifier is not 43 to 128 unreserved characters", Check::VerifierShape),
    ("the code belongs to another app", Check::OwnGrant),
    ("the code was used before; its tokens are revoked", Check::Unused),
    ("the code has expired", Check::NotExpired),
    ("redirect_uri differs from the one of the authorization request", Check::RedirectUriSame),
    ("redirect_uri is missing", Check::RedirectUriSame),
    ("code_verifier is missing", Check::Verifier),
    ("code_verifier was sent, yet the authorization request had no code_challenge", Check::Verifier),
    ("code_verifier does not match the code_challenge", Check::Verifier),
    ("the authorization is long gone", Check::AuthorizationLive),
    ("the authorization has ended", Check::AuthorizationLive),
    ("the authorization has no refresh token", Check::HasRefreshToken),
    ("the refresh token was not minted by this server", Check::TokenGenuine),
    ("the refresh token belongs to another app", Check::OwnGrant),
    ("the refresh token was used before; the whole family is revoked", Check::Unused),
    ("the app no longer gets refresh tokens", Check::RefreshEnabled),
    ("the refresh token has expired", Check::NotExpired),
    ("the app is disabled or deleted", Check::PartiesStand),
    ("the org is disabled", Check::PartiesStand),
    ("the user is disabled", Check::PartiesStand),
    ("the user is no longer a member of the org", Check::PartiesStand),
];

/// The password grant.
const PASSWORD: Table = &[
    ("This server does not offer the password grant.", Check::PasswordAllowed),
    ("An app that keeps no secret may not use the password grant.", Check::PasswordAllowed),
    ("The password grant is not allowed to this app.", Check::PasswordAllowed),
    ("Scopes of the management API are for the app itself, never for a person.", Check::ScopeAllowed),
    ("no enabled member of the org has this name and password", Check::Password),
    ("the app, its org, the membership or the password changed meanwhile", Check::PartiesStand),
];

/// Scopes at the token endpoint.
const SCOPE: Table = &[
    ("The scope parameter is malformed or too long.", Check::ScopeShape),
    ("The scope exceeds what was approved.", Check::ScopeAllowed),
    ("The scope contains something that the app may not have.", Check::ScopeAllowed),
    ("The app has no scope to ask for.", Check::ScopeAllowed),
    ("The scope contains something unknown or not allowed to the app.", Check::ScopeAllowed),
    ("The scope belongs to no API of this server.", Check::ScopeAllowed),
    ("The scope spans more than one API; ask for one at a time.", Check::ScopeAllowed),
    ("The resource is not an API of this server.", Check::Resource),
    ("The resource is not the API of the scope.", Check::Resource),
];

/// Assertions, until their signature is verified; and whether they come again.
const ASSERTION: Table = &[
    ("The assertion is longer than 16 KiB.", Check::AssertionReadable),
    ("The assertion is not three parts joined by dots.", Check::AssertionReadable),
    ("A part of the assertion is empty.", Check::AssertionReadable),
    ("The assertion is not signed.", Check::AssertionReadable),
    ("A part of the assertion is not base64url without padding.", Check::AssertionReadable),
    ("The header of the assertion is not JSON.", Check::AssertionReadable),
    ("A member of the header of the assertion appears twice.", Check::AssertionReadable),
    ("The header of the assertion is not a JSON object.", Check::AssertionReadable),
    ("The claims of the assertion are not JSON.", Check::AssertionReadable),
    ("A claim of the assertion appears twice.", Check::AssertionReadable),
    ("The claims of the assertion are not a JSON object.", Check::AssertionReadable),
    ("The header has crit, and this server understands no extension.", Check::AssertionReadable),
    ("The typ of the header is not a string.", Check::AssertionReadable),
    ("The typ of the header is that of another kind of JWT.", Check::AssertionReadable),
    ("The header has no alg.", Check::AssertionReadable),
    ("The alg of the header is not a string.", Check::AssertionReadable),
    ("The assertion says it is not signed: alg is none.", Check::AssertionAlgorithm),
    ("The alg is one of shared secrets; assertions are signed with a private key.", Check::AssertionAlgorithm),
    ("The alg must be RS256 here.", Check::AssertionAlgorithm),
    ("The alg must be RS256, ES256, ES384 or EdDSA.", Check::AssertionAlgorithm),
    ("The app or its org is disabled or deleted.", Check::ClientEnabled),
    ("There is no such app.", Check::ClientNamed),
    ("The app has no public key.", Check::AssertionKey),
    ("No live key of the app has the alg of the assertion.", Check::AssertionKey),
    ("The key set at the app's jwks_uri could not be read, and no other key is live.", Check::AssertionKey),
    ("No key of the app is live: each is revoked, expired or not valid yet.", Check::AssertionKey),
    ("No live key of the app with this alg made the signature.", Check::AssertionSignature),
    ("The assertion was used before; make a new one for each request.", Check::AssertionUnused),
    ("an assertion for client authentication was to be granted", Check::AssertionReadable),
];

/// What assertions say.
const CLAIMS: Table = &[
    ("The claim sub is not the id of an enabled member of the org.", Check::AssertionSubject),
    ("The claim iss is missing.", Check::AssertionIssuer),
    ("The claim iss is not a string.", Check::AssertionIssuer),
    ("The claim iss is not the id of the org of the app.", Check::AssertionIssuer),
    ("The claim iss is not the client id.", Check::AssertionIssuer),
    ("The claim sub is missing.", Check::AssertionSubject),
    ("The claim sub is not a string.", Check::AssertionSubject),
    ("The claim sub is not the client id.", Check::AssertionSubject),
    ("The claim sub is neither the client id nor the technical account of the key.", Check::AssertionSubject),
    ("The claim sub is not the id of a user.", Check::AssertionSubject),
    ("The claim sub is not the technical account of the key that signed.", Check::AssertionSubject),
    ("The claim aud is missing.", Check::AssertionAudience),
    ("The claim aud names several audiences; it must be this server alone.", Check::AssertionAudience),
    ("The claim aud is a list; it must be one string.", Check::AssertionAudience),
    ("The claim aud is not a string.", Check::AssertionAudience),
    ("The claim aud is not that of this client id at this host.", Check::AssertionAudience),
    ("The claim aud is not the issuer identifier of this server.", Check::AssertionAudience),
    ("The claim exp is not an integer.", Check::AssertionTimes),
    ("The claim exp is not a number.", Check::AssertionTimes),
    ("The claim exp is no time at all.", Check::AssertionTimes),
    ("The claim exp is missing.", Check::AssertionTimes),
    ("The claim exp looks like milliseconds; it must be seconds.", Check::AssertionTimes),
    ("The assertion has expired: exp is not ahead.", Check::AssertionTimes),
    ("The assertion lives too long: exp is too far ahead.", Check::AssertionTimes),
    ("The assertion lives too long: exp is too far from iat.", Check::AssertionTimes),
    ("The claim nbf is not a time in seconds.", Check::AssertionTimes),
    ("The assertion is not valid yet: nbf is ahead.", Check::AssertionTimes),
    ("The claim iat is not a time in seconds.", Check::AssertionTimes),
    ("The assertion is from the future: iat is ahead.", Check::AssertionTimes),
    ("The claim jti is missing.", Check::AssertionUnused),
    ("The claim jti is negative.", Check::AssertionUnused),
    ("The claim jti is not an integer.", Check::AssertionUnused),
    ("The claim jti is empty.", Check::AssertionUnused),
    ("The claim jti is neither a string nor an integer.", Check::AssertionUnused),
    ("The claim jti is not a string.", Check::AssertionUnused),
    ("No claim under the metascope address of this server is true.", Check::MetaScopes),
];

/// The authorization request; the first ones are answered by a page.
const AUTHORIZE: Table = &[
    ("client_id is missing", Check::ClientNamed),
    ("no app has this client_id", Check::ClientNamed),
    ("the app or its org is disabled, or it has no users", Check::ClientEnabled),
    ("redirect_uri is missing from the authorization request", Check::RedirectUriSent),
    ("redirect_uri is not registered", Check::RedirectUriRegistered),
    ("client_id or redirect_uri came more than once", Check::WellFormed),
    ("the request cannot be decoded", Check::WellFormed),
    ("A parameter came more than once.", Check::Parameters),
    ("The state is longer than 2048 bytes.", Check::Parameters),
    ("The nonce is longer than 512 bytes.", Check::Parameters),
    ("The login_hint is longer than 254 bytes.", Check::Parameters),
    ("Request objects are not supported: send plain parameters.", Check::ResponseType),
    ("request_uri is not supported: send plain parameters.", Check::ResponseType),
    ("The only response_type is code.", Check::ResponseType),
    ("response_type is missing.", Check::ResponseType),
    ("The only response_mode is query.", Check::ResponseType),
    ("This kind of app gets its tokens without a user.", Check::HasUsers),
    ("code_challenge_method came without code_challenge.", Check::Pkce),
    ("code_challenge is missing: this app has to use PKCE with S256.", Check::Pkce),
    ("The only code_challenge_method is S256.", Check::Pkce),
    ("code_challenge_method is missing, which means plain: send S256.", Check::Pkce),
    ("code_challenge is not a base64url SHA-256 digest of 43 characters.", Check::Pkce),
    ("A scope has characters that scopes may not have.", Check::ScopeAllowed),
    ("offline_access is asked for, but this app issues no refresh tokens.", Check::ScopeAllowed),
    ("The app may no longer ask for one of these scopes.", Check::ScopeAllowed),
    ("A scope is unknown here.", Check::ScopeAllowed),
    ("A scope is not among those that this app may ask for.", Check::ScopeAllowed),
    ("The scopes belong to more than one API: ask for one API at a time.", Check::ScopeAllowed),
    ("Tokens are issued for one API at a time: send one resource.", Check::Resource),
    ("resource is not an absolute URI without fragment.", Check::Resource),
    ("resource names no API of this server.", Check::Resource),
    ("The scopes belong to another API than the one that resource names.", Check::Resource),
    ("This server has no API to issue tokens for.", Check::ScopeAllowed),
    ("This app has no scope of this API.", Check::Resource),
    ("prompt=none excludes every other value of prompt.", Check::Prompt),
    ("max_age is not a whole number of seconds.", Check::Prompt),
];

/// What the person did.
const PERSON: Table = &[
    ("Nobody is signed in who may answer without a page.", Check::SignedIn),
    ("The sign-in is too old to allow something sensitive.", Check::SignedIn),
    ("The person does not belong to the org of this app.", Check::Member),
    ("The person has not approved this app yet.", Check::Consented),
    ("The person has to approve this on a page.", Check::Consented),
    ("The person did not allow it.", Check::Consented),
    ("nobody answered in time", Check::AnsweredInTime),
];
