"""Authlib: code flow with PKCE, rotation, replay, revocation, client credentials."""

import pytest
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from browser import Browser


def signed_in(dev, scope, method):
    app = dev["apps"]["web"]
    session = OAuth2Session(
        app["client_id"],
        app["client_secret"],
        token_endpoint_auth_method=method,
        scope=" ".join(scope),
        redirect_uri=app["redirect_uri"],
        code_challenge_method="S256",
    )
    verifier = generate_token(48)
    url, state = session.create_authorization_url(f"{dev['base_url']}/authorize", code_verifier=verifier)
    left = Browser(dev["base_url"]).approve(url, dev["users"]["admin"])
    session.fetch_token(f"{dev['base_url']}/token", authorization_response=left, state=state, code_verifier=verifier)
    return session


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_code_flow_refreshes_and_a_replay_that_ends_the_family(dev, scope, verified, method):
    session = signed_in(dev, scope, method)
    claims = verified(session.token["access_token"])
    assert claims["client_id"] == dev["apps"]["web"]["client_id"]
    tokens = [session.token["refresh_token"]]
    for _ in range(3):
        session.refresh_token(f"{dev['base_url']}/token", refresh_token=tokens[-1])
        verified(session.token["access_token"])
        tokens.append(session.token["refresh_token"])
    assert len(set(tokens)) == 4
    for token in (tokens[0], tokens[-1]):
        with pytest.raises(OAuthError) as refused:
            session.refresh_token(f"{dev['base_url']}/token", refresh_token=token)
        assert refused.value.error == "invalid_grant"


def test_revocation_ends_the_family(dev, scope):
    session = signed_in(dev, scope, "client_secret_basic")
    token = session.token["refresh_token"]
    answer = session.revoke_token(f"{dev['base_url']}/revoke", token=token, token_type_hint="refresh_token")
    assert answer.status_code == 200
    with pytest.raises(OAuthError) as refused:
        session.refresh_token(f"{dev['base_url']}/token", refresh_token=token)
    assert refused.value.error == "invalid_grant"


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_client_credentials(dev, verified, method):
    app = dev["apps"]["m2m"]
    session = OAuth2Session(app["client_id"], app["client_secret"], token_endpoint_auth_method=method)
    token = session.fetch_token(f"{dev['base_url']}/token", grant_type="client_credentials")
    assert "refresh_token" not in token
    assert verified(token["access_token"])["sub"] == app["client_id"]
