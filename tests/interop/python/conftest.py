"""What `grantor dev` wrote about itself, and an independent check of its tokens."""

import json
import os

import jwt
import pytest

# Both libraries refuse http for good reason; the server under test is on loopback.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"


@pytest.fixture(scope="session")
def dev():
    with open(os.environ["GRANTOR_DEV_JSON"], encoding="utf-8") as file:
        return json.load(file)


@pytest.fixture(scope="session")
def scope(dev):
    names = [item["name"] if isinstance(item, dict) else item for item in dev["api"]["scopes"]]
    return names[:2]


@pytest.fixture(scope="session")
def verified(dev):
    keys = jwt.PyJWKClient(f"{dev['issuer']}/.well-known/jwks.json")

    def verify(token):
        key = keys.get_signing_key_from_jwt(token)
        return jwt.decode(
            token,
            key,
            algorithms=["ES256", "RS256", "EdDSA"],
            audience=dev["api"]["identifier"],
            issuer=dev["issuer"],
            options={"require": ["exp", "iat", "iss", "aud", "sub", "jti"]},
        )

    return verify
