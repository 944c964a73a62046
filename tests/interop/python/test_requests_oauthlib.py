"""requests-oauthlib: it raises when the scope changes, sends no PKCE, and percent-encodes nothing in Basic."""

import pytest
from browser import Browser
from oauthlib.oauth2 import BackendApplicationClient
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session


def signed_in(dev, scope):
    app = dev["apps"]["web"]
    session = OAuth2Session(app["client_id"], redirect_uri=app["redirect_uri"], scope=scope)
    url, _state = session.authorization_url(f"{dev['base_url']}/authorize")
    left = Browser(dev["base_url"]).approve(url, dev["users"]["owner"])
    session.fetch_token(f"{dev['base_url']}/token", authorization_response=left, client_secret=app["client_secret"])
    return session


def refresh(dev, session, token):
    app = dev["apps"]["web"]
    return session.refresh_token(
        f"{dev['base_url']}/token", refresh_token=token, auth=HTTPBasicAuth(app["client_id"], app["client_secret"])
    )


def test_code_flow_refreshes_and_a_replay_that_ends_the_family(dev, scope, verified):
    session = signed_in(dev, scope)
    assert verified(session.token["access_token"])["scope"].split() == scope
    tokens = [session.token["refresh_token"]]
    for _ in range(3):
        answer = refresh(dev, session, tokens[-1])
        verified(answer["access_token"])
        tokens.append(answer["refresh_token"])
    assert len(set(tokens)) == 4
    for token in (tokens[0], tokens[-1]):
        with pytest.raises(InvalidGrantError):
            refresh(dev, session, token)


def test_revocation_ends_the_family(dev, scope):
    app = dev["apps"]["web"]
    session = signed_in(dev, scope)
    token = session.token["refresh_token"]
    answer = session.post(
        f"{dev['base_url']}/revoke",
        data={"token": token},
        auth=HTTPBasicAuth(app["client_id"], app["client_secret"]),
        withhold_token=True,
    )
    assert answer.status_code == 200
    with pytest.raises(InvalidGrantError):
        refresh(dev, session, token)


def test_client_credentials(dev, verified):
    app = dev["apps"]["m2m"]
    session = OAuth2Session(client=BackendApplicationClient(client_id=app["client_id"]))
    token = session.fetch_token(f"{dev['base_url']}/token", client_id=app["client_id"], client_secret=app["client_secret"])
    assert verified(token["access_token"])["sub"] == app["client_id"]
