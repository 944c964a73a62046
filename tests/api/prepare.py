"""Writes the configuration of Schemathesis: the token, the org and the app that its requests are about."""

import base64
import json
import sys
import urllib.parse
import urllib.request

dev = json.load(open(sys.argv[1]))
manager = dev["apps"]["manager"]


def ask(path, body, headers):
    request = urllib.request.Request(dev["base_url"] + path, data=body, headers=headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


basic = base64.b64encode(f"{manager['client_id']}:{manager['client_secret']}".encode()).decode()
form = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
token = ask("/token", form, {"Authorization": f"Basic {basic}"})["access_token"]
headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
app = ask("/api/v1/orgs/acme/apps", json.dumps({"kind": "m2m", "name": "Tried at random"}).encode(), headers)

with open(sys.argv[2], "w") as config:
    config.write(
        f'[headers]\nAuthorization = "Bearer {token}"\n\n'
        f'[parameters]\n"path.org" = "acme"\n"path.client_id" = "{app["client_id"]}"\n'
    )
