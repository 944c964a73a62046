"""A stand-in for the Destination SDK: it reads a configuration and is the OAuth client that the configuration describes.

What it demands of the server is what that client demands: names, places and the status exactly as the configuration says. Nothing
is repaired, nothing is guessed.
"""

import json
import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from template import TemplateError, render

KINDS = {
    "OAUTH2_AUTHORIZATION_CODE": "authorization_code",
    "OAUTH2_PASSWORD": "password",
    "OAUTH2_CLIENT_CREDENTIALS": "client_credentials",
}
TYPES = {"string": str, "boolean": bool, "integer": int}
# What a configuration without `responseFields` reads from the answer.
FIELDS = {"accessToken": "access_token", "expiresIn": "expires_in", "refreshToken": "refresh_token", "tokenType": "token_type"}
# What a configuration without `validations` demands.
VALIDATIONS = [
    {
        "name": "access token",
        "actualValue": {"templatingStrategy": "PEBBLE_V1", "value": "{{ response.body.access_token is empty }}"},
        "expectedValue": {"templatingStrategy": "NONE", "value": "false"},
    },
    {
        "name": "status",
        "actualValue": {"templatingStrategy": "PEBBLE_V1", "value": "{{ response.status }}"},
        "expectedValue": {"templatingStrategy": "NONE", "value": "200"},
    },
]


class ConfigurationError(Exception):
    """The configuration is none."""


class ValidationFailed(Exception):
    """A validation of the configuration did not hold."""

    def __init__(self, name, actual, expected, body):
        super().__init__(f"{name}: {actual!r} is not {expected!r}: {body}")
        self.name = name
        self.body = body


class Connection:
    """One account of one destination, with the tokens it has now in `auth_data`."""

    def __init__(self, configuration, typed=None, user=None, scope_separator=" "):
        """`typed` is what the customer typed in, `user` is the context that templates call `userContext`."""
        chosen = [one for one in configuration["customerAuthenticationConfigurations"] if one.get("authType") == "OAUTH2"]
        if len(chosen) != 1 or chosen[0].get("grant") not in KINDS:
            raise ConfigurationError("exactly one OAUTH2 configuration with a known grant is needed")
        self.configuration = chosen[0]
        rules = [one.get("authenticationRule") for one in configuration.get("destinationDelivery", [])]
        if rules != ["CUSTOMER_AUTHENTICATION"]:
            raise ConfigurationError("the delivery rule must be CUSTOMER_AUTHENTICATION")
        self.user_context = user or {}
        self.separator = scope_separator
        names = ("clientId", "clientSecret", "username", "password")
        self.auth_data = {name: self.configuration[name] for name in names if name in self.configuration}
        self.data_fields = self.configuration.get("authenticationDataFields", [])
        self._take_fields(typed or {})
        self._need("clientId", "clientSecret")

    def _take_fields(self, typed):
        for field in self.data_fields:
            name = field["name"]
            if "value" in field:
                self.auth_data[name] = field["value"]
            elif name in typed:
                self.auth_data[name] = typed[name]
            elif field.get("isRequired") and "authenticationResponsePath" not in field:
                raise ConfigurationError(f"the customer must give {name}")
        known = {field["name"] for field in self.data_fields} | {"username", "password"}
        for name in ("username", "password"):
            if name in typed:
                self.auth_data[name] = typed[name]
        if set(typed) - known:
            raise ConfigurationError(f"nobody asked for {set(typed) - known}")

    def _need(self, *names):
        for name in names:
            if not self.auth_data.get(name):
                raise ConfigurationError(f"{name} is missing")

    # -- the three grants ---------------------------------------------------------------------------------------------------

    def connect(self, browser=None, person=None, callback=None):
        """Gets the first tokens. The code grant needs a person in front of a browser, and the callback to come back to."""
        grant = KINDS[self.configuration["grant"]]
        parameters = {"grant_type": grant}
        if grant == "authorization_code":
            code = self._authorize(browser, person, callback)
            parameters |= {"code": code, "redirect_uri": callback}
            # Templates call these so, and only in the one request that they are for.
            self.auth_data |= {"code": code, "redirectUri": callback}
        elif grant == "password":
            self._need("username", "password")
            parameters |= {"username": self.auth_data["username"], "password": self.auth_data["password"]}
        if grant != "authorization_code" and self.configuration.get("scope"):
            parameters["scope"] = self.separator.join(self.configuration["scope"])
        try:
            self._tokens("accessTokenRequest", self.configuration["accessTokenUrl"], parameters)
        finally:
            self.auth_data = {name: value for name, value in self.auth_data.items() if name not in ("code", "redirectUri")}
        return self

    def _authorize(self, browser, person, callback):
        state = secrets.token_urlsafe(16)
        asked = {"response_type": "code", "client_id": self.auth_data["clientId"], "redirect_uri": callback, "state": state}
        if self.configuration.get("scope"):
            asked["scope"] = self.separator.join(self.configuration["scope"])
        left = browser.approve(f"{self.configuration['authorizationUrl']}?{urlencode(asked)}", person)
        if not left.startswith(f"{callback}?"):
            raise AssertionError(f"sent to {left} instead of {callback}")
        sent = {name: values for name, values in parse_qs(urlsplit(left).query, strict_parsing=True).items()}
        if sent.get("state") != [state]:
            raise AssertionError(f"the state came back as {sent.get('state')}")
        if len(sent.get("code", [])) != 1:
            raise AssertionError(f"no code in {left}")
        return sent["code"][0]

    def refresh(self):
        """Gets fresh tokens at the refresh URL, or at the access token URL where there is none."""
        self._need("refreshToken")
        url = self.configuration.get("refreshTokenUrl") or self.configuration["accessTokenUrl"]
        self._tokens("refreshTokenRequest", url, {"grant_type": "refresh_token", "refresh_token": self.auth_data["refreshToken"]})
        return self

    # -- one request --------------------------------------------------------------------------------------------------------

    def _tokens(self, name, url, parameters):
        described = self.configuration.get(name)
        answer = self._templated(described) if described else self._default(url, parameters)
        response = {"status": answer.status_code, "headers": dict(answer.headers), "body": read_body(answer)}
        for validation in (described or {}).get("validations", VALIDATIONS):
            actual, expected = (self._value(validation[side], response) for side in ("actualValue", "expectedValue"))
            if actual != expected:
                raise ValidationFailed(validation["name"], actual, expected, response["body"])
        self._map(described, response)

    def _default(self, url, parameters):
        basic = (self.configuration.get("options") or {}).get("useBasicAuth", False)
        credentials = (self.auth_data["clientId"], self.auth_data["clientSecret"])
        if not basic:
            parameters |= {"client_id": credentials[0], "client_secret": credentials[1]}
        return send("POST", url, data=parameters, auth=credentials if basic else None)

    def _templated(self, described):
        if described.get("destinationServerType") != "URL_BASED":
            raise ConfigurationError("destinationServerType must be URL_BASED")
        url = self._value(described["urlBasedDestination"]["url"])
        template = described["httpTemplate"]
        headers = {one["header"]: self._value(one["value"]) for one in template.get("headers", [])}
        headers["Content-Type"] = template["contentType"]
        body = self._value(template["requestBody"]) if "requestBody" in template else None
        if template["contentType"] == "application/json":
            json.loads(body)
        return send(template["httpMethod"], url, data=body, headers=headers)

    def _value(self, described, response=None):
        strategy, value = described["templatingStrategy"], described["value"]
        if strategy == "NONE":
            return value
        if strategy != "PEBBLE_V1":
            raise ConfigurationError(f"the templating strategy {strategy} is unknown")
        context = {"authData": self.auth_data, "userContext": self.user_context}
        return render(value, context | ({"response": response} if response else {}))

    def _map(self, described, response):
        described = described or {}
        if "responseFields" in described:
            for field in described["responseFields"]:
                self.auth_data[field["name"]] = self._value(field, response)
        else:
            for name, member in FIELDS.items():
                if member in response["body"]:
                    self.auth_data[name] = response["body"][member]
        for field in self.data_fields:
            if "authenticationResponsePath" in field:
                self._read_field(field, response["body"])

    def _read_field(self, field, body):
        path = field["authenticationResponsePath"].removeprefix("$.").removeprefix("response.body.")
        if path not in body:
            if field.get("isRequired"):
                raise TemplateError(f"{path} is not in the answer")
            self.auth_data.pop(field["name"], None)
            return
        kind = TYPES[field["type"]]
        self.auth_data[field["name"]] = str(body[path]) if kind is str else kind(body[path])


def send(method, url, **options):
    """One request; redirects are not followed, since tokens never come from elsewhere."""
    return requests.request(method, url, allow_redirects=False, timeout=30, **options)


def read_body(answer):
    """The members of a flat JSON object; anything else is no answer of a token endpoint."""
    kind = answer.headers.get("Content-Type", "").split(";")[0]
    if kind != "application/json":
        raise ValidationFailed("content type", kind, "application/json", answer.text[:400])
    body = answer.json()
    if not isinstance(body, dict) or any(isinstance(value, (dict, list)) or value is None for value in body.values()):
        raise ValidationFailed("flat", body, "an object of plain values", body)
    return body
