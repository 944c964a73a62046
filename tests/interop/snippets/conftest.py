"""The server under test, an app of each kind, and the programs of their quick starts."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

HERE = Path(__file__).parent
sys.path += [str(HERE.parent / "python"), str(HERE.parent / "destination")]

from page import Console  # noqa: E402


@pytest.fixture(scope="session")
def dev():
    with open(os.environ["GRANTOR_DEV_JSON"], encoding="utf-8") as file:
        return json.load(file)


@pytest.fixture(scope="session")
def api(dev):
    """Registers apps, as an org's own automation does."""
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


@pytest.fixture(scope="session")
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="session")
def private_key(tmp_path_factory):
    """An RSA key in PEM, and its public half."""
    path = tmp_path_factory.mktemp("key") / "private.pem"
    subprocess.run(["openssl", "genrsa", "-out", path, "2048"], check=True, capture_output=True)
    public = subprocess.run(["openssl", "rsa", "-in", path, "-pubout"], check=True, capture_output=True, text=True).stdout
    return path, public


@pytest.fixture(scope="session")
def apps(dev, api, port, private_key):
    """An app of each kind; they are deleted at the end, so that their places are free again."""
    base = f"{dev['base_url']}/api/v1/orgs/{dev['org']['slug']}/apps"
    made = {}
    try:
        for kind in ("web", "spa", "m2m"):
            described = {"kind": kind, "name": f"Snippets of {kind} \"quoted\" it's", "scopes": dev["api"]["scopes"][:2]}
            if kind != "m2m":
                described["redirect_uris"] = [f"http://127.0.0.1:{port}/callback"]
            answer = api.post(base, json=described, timeout=30)
            assert answer.status_code == 201, answer.text
            made[kind] = answer.json()
        answer = api.post(f"{base}/{made['m2m']['client_id']}/keys", json={"key": private_key[1]}, timeout=30)
        assert answer.status_code == 201, answer.text
        yield made
    finally:
        for one in made.values():
            assert api.delete(f"{base}/{one['client_id']}", timeout=30).status_code == 204


@pytest.fixture(scope="session")
def snippets(dev, apps):
    console = Console(dev["base_url"], dev["users"]["developer"])
    return {kind: console.snippets(dev["org"]["slug"], app["client_id"]) for kind, app in apps.items()}


@pytest.fixture(scope="session")
def tools(tmp_path_factory):
    """Makes a program's folder ready, or says which toolchain is not there."""
    shared = tmp_path_factory.mktemp("shared")

    def need(command):
        if shutil.which(command) is None:
            # Where everything ought to be there, a program that is not run is a fault.
            give_up = pytest.fail if os.environ.get("CI") else pytest.skip
            give_up(f"{command} is not installed, so this program is not run")

    def node(folder):
        need("node")
        (folder / "node_modules").symlink_to(HERE.parent / "node" / "node_modules")

    def go(folder):
        need("go")
        # One module for all programs: fetched once.
        for name in ("go.mod", "go.sum"):
            if (shared / name).exists():
                shutil.copy(shared / name, folder / name)
        if not (folder / "go.mod").exists():
            subprocess.run("go mod init quickstart && go get golang.org/x/oauth2", shell=True, cwd=folder, check=True, capture_output=True)
            for name in ("go.mod", "go.sum"):
                shutil.copy(folder / name, shared / name)

    return {
        "bash": lambda folder: need("openssl"),
        "node": node,
        "python3": lambda folder: None,
        "mvn": lambda folder: need("mvn"),
        "go": go,
        "cargo": lambda folder: need("cargo"),
    }


@pytest.fixture
def environment(dev, private_key):
    """What a program is started with: no more than its page says."""

    def of(app):
        target = os.environ.get("SNIPPETS_TARGET_DIR", str(HERE / ".target"))
        more = {
            "GRANTOR_CLIENT_SECRET": app.get("client_secret", ""),
            "GRANTOR_PRIVATE_KEY": str(private_key[0]),
            "AUTHLIB_INSECURE_TRANSPORT": "1",
            "CARGO_TARGET_DIR": target,
            "PATH": f"{HERE.parent / 'python' / '.venv' / 'bin'}:{os.environ['PATH']}",
        }
        return os.environ | more

    return of
