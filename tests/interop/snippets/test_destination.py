"""The destination configuration of the quick start, as a destination reads it."""

import json

from browser import Browser
from destination import Connection


def filled(snippet, app):
    """As the page says: the secret in place of its name."""
    return json.loads(snippet.files["destination.json"].replace("${GRANTOR_CLIENT_SECRET}", app["client_secret"]))


def test_the_configuration_of_a_web_app_connects_and_refreshes(dev, apps, snippets, port):
    connection = Connection(filled(snippets["web"]["destination-sdk"], apps["web"]))
    connection.connect(Browser(dev["base_url"]), dev["users"]["member"], f"http://127.0.0.1:{port}/callback")
    assert connection.auth_data["tokenType"] == "Bearer" and int(connection.auth_data["refreshTokenExpiresIn"]) > 0
    before = connection.auth_data["refreshToken"]
    assert connection.refresh().auth_data["refreshToken"] != before


def test_the_configuration_of_a_machine_connects(apps, snippets):
    connection = Connection(filled(snippets["m2m"]["destination-sdk"], apps["m2m"]))
    connection.connect()
    assert connection.auth_data["accessToken"] and int(connection.auth_data["expiresIn"]) > 0
