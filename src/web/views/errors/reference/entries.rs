//! The error codes that Grantor sends, explained.

use crate::web::views::errors::reference::{Cause, Entry};

const fn cause(cause: &'static str, fix: &'static str) -> Cause {
    Cause { cause, fix }
}

/// Every code, in the order of the reference.
pub const ENTRIES: &[Entry] = &[
    Entry {
        code: "invalid_request",
        source: "RFC 6749 §4.1.2.1 and §5.2",
        met_at: "/authorize, /token, /revoke, /introspect",
        meaning: "The request is missing something it needs, says something twice, or is malformed.",
        causes: &[
            cause(
                "A required parameter is missing or empty.",
                "Compare the request with the one in the app's quick start; error_description names the parameter.",
            ),
            cause(
                "A parameter came more than once, or both in the address and in the body.",
                "Send each parameter once; at /token always in the body.",
            ),
            cause(
                "The app requires PKCE and code_challenge is missing, or the method is plain.",
                "Send code_challenge with code_challenge_method=S256.",
            ),
            cause(
                "The body has another content type than the endpoint accepts.",
                "Send application/x-www-form-urlencoded or application/json.",
            ),
        ],
    },
    Entry {
        code: "invalid_client",
        source: "RFC 6749 §5.2",
        met_at: "/token, /revoke, /introspect",
        meaning: "The app could not prove who it is.",
        causes: &[
            cause(
                "The secret was mistyped, cut off, or belongs to another app.",
                "Compare its last four characters with those on the app's credentials page.",
            ),
            cause("The secret was deleted or has expired.", "Add a second secret, deploy it, then delete the old one."),
            cause(
                "Id and secret are not form-encoded inside the Basic header.",
                "Encode both as RFC 6749 §2.3.1 says before joining them with a colon, or send them in the body.",
            ),
            cause("The app is disabled or deleted.", "An admin of the organization can enable or restore it."),
            cause(
                "The client assertion has expired, was used before, or names another audience than the issuer.",
                "error_description names the check that failed; compare the claim with it.",
            ),
        ],
    },
    Entry {
        code: "invalid_grant",
        source: "RFC 6749 §5.2",
        met_at: "/token",
        meaning: "What was presented for tokens (a code, a refresh token or an assertion) is not good, or not good any more.",
        causes: &[
            cause(
                "The code is older than a minute or was used already.",
                "Redeem a code at once, once. A code used twice ends the whole authorization.",
            ),
            cause(
                "redirect_uri or code_verifier differs from what /authorize was given.",
                "Send the very same redirect_uri, and the verifier that belongs to the challenge.",
            ),
            cause(
                "An old refresh token was used after a newer one had been issued.",
                "Store the refresh token of every answer and use only the newest. Reuse ends the authorization.",
            ),
            cause("The authorization has expired, or the person or an admin ended it.", "Send the person through /authorize again."),
        ],
    },
    Entry {
        code: "unauthorized_client",
        source: "RFC 6749 §4.1.2.1 and §5.2",
        met_at: "/authorize, /token",
        meaning: "The app is known, but its kind may not ask in this way.",
        causes: &[
            cause("A machine-to-machine application sent someone to /authorize.", "Use client_credentials, or register a web application."),
            cause(
                "An application that people use asked for client_credentials.",
                "Register a machine-to-machine application for work without a person.",
            ),
        ],
    },
    Entry {
        code: "unsupported_grant_type",
        source: "RFC 6749 §5.2",
        met_at: "/token",
        meaning: "This server does not know the grant type, or has it switched off.",
        causes: &[
            cause("grant_type is misspelt.", "grant_types_supported in the metadata lists the words."),
            cause("The library defaults to the implicit or the password grant.", "Use authorization_code with PKCE."),
        ],
    },
    Entry {
        code: "unsupported_response_type",
        source: "RFC 6749 §4.1.2.1",
        met_at: "/authorize",
        meaning: "Only response_type=code is served.",
        causes: &[cause("The library asks for token or id_token (the implicit flow).", "Set response_type to code and use PKCE.")],
    },
    Entry {
        code: "invalid_scope",
        source: "RFC 6749 §4.1.2.1 and §5.2",
        met_at: "/authorize, /token",
        meaning: "A scope is unknown, malformed, or more than the app or the earlier approval allows.",
        causes: &[
            cause("The app was not given the scope.", "Tick it on the app's settings page; scopes are never silently left out."),
            cause("A refresh asked for more than the person had approved.", "Send the person through /authorize with the wider list."),
            cause("The list is separated by something else than spaces or commas.", "Separate scopes by one space."),
        ],
    },
    Entry {
        code: "access_denied",
        source: "RFC 6749 §4.1.2.1",
        met_at: "/authorize",
        meaning: "The person chose Cancel, or may not use this app.",
        causes: &[
            cause("The person did not want to.", "Say in your app what happens without the permission, and offer to try again."),
            cause("The person is not a member of the organization that registered the app.", "An admin of that organization can add them."),
        ],
    },
    Entry {
        code: "login_required",
        source: "OpenID Connect Core §3.1.2.6",
        met_at: "/authorize",
        meaning: "The app asked not to show any page (prompt=none), but the person has to sign in first.",
        causes: &[
            cause("The browser session has ended or never existed.", "Repeat the request without prompt=none."),
            cause(
                "The sign-in is older than max_age allows, or too old to allow a sensitive scope for the first time.",
                "Repeat the request without prompt=none; the person types the password once more.",
            ),
        ],
    },
    Entry {
        code: "consent_required",
        source: "OpenID Connect Core §3.1.2.6",
        met_at: "/authorize",
        meaning: "The app asked not to show any page (prompt=none), but the person has to be asked.",
        causes: &[
            cause("Scopes were not approved yet, or the approval was taken back.", "Repeat the request without prompt=none."),
            cause(
                "The app cannot prove who it is, so the person is asked every time.",
                "Single-page applications should use refresh tokens instead of prompt=none.",
            ),
        ],
    },
    Entry {
        code: "interaction_required",
        source: "OpenID Connect Core §3.1.2.6",
        met_at: "/authorize",
        meaning: "The app asked not to show any page (prompt=none), but the person has something to do first.",
        causes: &[cause("A page has to be shown that is neither login nor consent.", "Repeat the request without prompt=none.")],
    },
    Entry {
        code: "invalid_target",
        source: "RFC 8707 §2",
        met_at: "/authorize, /token",
        meaning: "resource names an API that is unknown, or that the requested scopes do not belong to.",
        causes: &[
            cause("resource is not the identifier of an API, letter by letter.", "Copy the identifier from the app's quick start."),
            cause("Scopes of two APIs were asked for at once.", "Ask for one API's scopes at a time."),
        ],
    },
    Entry {
        code: "temporarily_unavailable",
        source: "RFC 6749 §4.1.2.1",
        met_at: "/authorize, /token",
        meaning: "The server is overloaded, restarting or without its database. Nothing was changed.",
        causes: &[cause(
            "A short outage.",
            "Wait as long as Retry-After says, then send the same request again. Tokens and codes stay good.",
        )],
    },
    Entry {
        code: "server_error",
        source: "RFC 6749 §4.1.2.1",
        met_at: "/authorize, /token",
        meaning: "Something broke on the server's side.",
        causes: &[cause("A defect or a wrong setting of the server.", "Give the operator the reference at the end of error_description.")],
    },
    Entry {
        code: "invalid_token",
        source: "RFC 6750 §3.1",
        met_at: "APIs; the exchanges of assertions",
        meaning: "The access token is expired, revoked, malformed, or meant for another API. At an exchange: the assertion is not good.",
        causes: &[
            cause(
                "At an exchange: the assertion has expired, is for somebody else, or no key of the app signed it.",
                "error_description names the check that failed; compare the claim with it.",
            ),
            cause("It has expired.", "Use the refresh token, or ask for a new one with client_credentials."),
            cause("Its aud names another API.", "Ask for a token with that API's scopes or resource."),
        ],
    },
    Entry {
        code: "insufficient_scope",
        source: "RFC 6750 §3.1",
        met_at: "APIs",
        meaning: "The access token is good but does not allow this.",
        causes: &[cause(
            "The scope that the API wants was not asked for.",
            "Add the scope named in WWW-Authenticate to the request at /authorize or /token.",
        )],
    },
    Entry {
        code: "invalid_signature",
        source: "Adobe IMS",
        met_at: "/ims/exchange/jwt",
        meaning: "No live key of the app signed the assertion. Only where the operator chose this code; else it is invalid_token.",
        causes: &[
            cause("The key or its certificate has expired or was revoked.", "Add a new key on the app's credentials page."),
            cause("The assertion was signed with the key of another app.", "Compare the thumbprint of the key with the app's."),
        ],
    },
    Entry {
        code: "bad_request",
        source: "Adobe IMS",
        met_at: "/ims/exchange/jwt",
        meaning: "The assertion is signed well, but iss, sub, exp or jti is missing or cannot be right.",
        causes: &[
            cause("exp is in milliseconds.", "Divide by 1000: exp is in seconds since 1970."),
            cause("exp is more than a day ahead.", "Sign for a few minutes."),
            cause("sub is not the technical account of the key.", "Copy id and org from the service credentials file."),
        ],
    },
];
