"""The server under test, apps made by its management API, and configurations filled with their values."""

import json
import os
import sys
from pathlib import Path

import pytest
import requests

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "python"))

# The callbacks of the six regions.
CALLBACKS = [
    f"https://{host}.adobe.io/data/core/activation/oauth/api/v1/callback"
    for host in ("platform-va7", "platform-nld2", "platform-aus5", "platform-can2", "platform-gbr9", "platform")
]


@pytest.fixture(scope="session")
def dev():
    with open(os.environ["GRANTOR_DEV_JSON"], encoding="utf-8") as file:
        return json.load(file)


@pytest.fixture(scope="session")
def manager(dev):
    """Registers and deletes apps, as an org's own automation does."""
    app = dev["apps"]["manager"]
    answer = requests.post(
        f"{dev['base_url']}/token",
        data={"grant_type": "client_credentials"},
        auth=(app["client_id"], app["client_secret"]),
        timeout=30,
    )
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return session


@pytest.fixture
def app(dev, manager):
    """Makes apps; they are deleted after the test, so that their places are free again."""
    apps = f"{dev['base_url']}/api/v1/orgs/{dev['org']['slug']}/apps"
    made = []

    def make(kind="web", **wishes):
        described = {"kind": kind, "name": f"Destination {len(made) + 1}", "scopes": dev["api"]["scopes"][:2]}
        if kind == "web":
            described["redirect_uris"] = CALLBACKS
        answer = manager.post(apps, json=described | wishes, timeout=30)
        assert answer.status_code == 201, answer.text
        made.append(answer.json())
        return made[-1]

    yield make
    for one in made:
        assert manager.delete(f"{apps}/{one['client_id']}", timeout=30).status_code == 204


@pytest.fixture
def configuration(dev):
    """A configuration of the folder, with the marks `<<…>>` replaced."""

    def fill(name, app, **more):
        text = (HERE / "configurations" / f"{name}.json").read_text(encoding="utf-8")
        values = {
            "base": dev["base_url"],
            "client_id": app["client_id"],
            "client_secret": app["client_secret"],
            "scope_1": dev["api"]["scopes"][0],
            "scope_2": dev["api"]["scopes"][1],
        } | more
        for mark, value in values.items():
            text = text.replace(f"<<{mark}>>", value)
        assert "<<" not in text, text
        return json.loads(text)

    return fill
