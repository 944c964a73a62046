"""R92: what a destination does with this server, for each grant, and that the stand-in notices what is wrong."""

import copy

import pytest
import requests
from browser import Browser
from conftest import CALLBACKS
from destination import ConfigurationError, Connection, ValidationFailed, send
from template import TemplateError, render

LIFETIMES = [1_800, 86_400, 7_776_000]


@pytest.fixture
def person(dev):
    return dev["users"]["member"]


def connect(dev, person, configuration, callback=CALLBACKS[0], **options):
    return Connection(configuration, **options).connect(Browser(dev["base_url"]), person, callback)


def subject(dev, manager, token):
    answer = manager.post(f"{dev['base_url']}/introspect", data={"token": token}, timeout=30).json()
    assert answer["active"], answer
    return answer["sub"]


# -- the authorization code grant ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["code_body", "code_basic"])
def test_r73_r74_one_app_connects_over_each_of_six_callbacks(dev, app, person, configuration, name):
    filled = configuration(name, app())
    for callback in CALLBACKS:
        assert connect(dev, person, filled, callback).auth_data["tokenType"] == "Bearer"
    for other in (f"{CALLBACKS[0]}/", CALLBACKS[0].replace("va7", "va6"), f"{CALLBACKS[0]}?region=1"):
        with pytest.raises(AssertionError, match="stayed at"):
            connect(dev, person, filled, other)


@pytest.mark.parametrize("separator", [" ", ","])
def test_r75_a_list_of_scopes_is_the_same_however_it_is_joined(dev, app, person, configuration, separator):
    made = app()
    connected = connect(dev, person, configuration("code_body", made), scope_separator=separator)
    answer = send("POST", f"{dev['base_url']}/token", data=refresh_of(connected)).json()
    assert answer["scope"].split() == dev["api"]["scopes"][:2]


def refresh_of(connection):
    data = connection.auth_data
    return {
        "grant_type": "refresh_token",
        "refresh_token": data["refreshToken"],
        "client_id": data["clientId"],
        "client_secret": data["clientSecret"],
    }


@pytest.mark.parametrize("name", ["code_body", "code_basic"])
@pytest.mark.parametrize("lifetime", LIFETIMES)
def test_r79_r81_r83_it_refreshes_at_the_same_and_at_another_url(dev, app, manager, person, configuration, name, lifetime):
    connected = connect(dev, person, configuration(name, app(access_token_lifetime=lifetime)))
    seen = set()
    for _ in range(3):
        seen.add(connected.auth_data["refreshToken"])
        connected.refresh()
        assert connected.auth_data["expiresIn"] == lifetime
        left = connected.auth_data["refreshTokenExpiresIn"]
        assert isinstance(left, str) and 0 < int(left) <= 30 * 86_400
    assert len(seen | {connected.auth_data["refreshToken"]}) == 4, "each refresh gave another token"
    subject(dev, manager, connected.auth_data["accessToken"])


@pytest.mark.parametrize("lifetime", LIFETIMES)
def test_r74_r79_r83_the_code_grant_by_templated_url_headers_and_body(dev, app, manager, person, configuration, lifetime):
    filled = configuration("code_templated", app(access_token_lifetime=lifetime))
    typed = {"accountHost": dev["base_url"].split("//")[1]}
    connected = connect(dev, person, filled, CALLBACKS[3], typed=typed)
    who, seen = subject(dev, manager, connected.auth_data["accessToken"]), set()
    for _ in range(2):
        data = connected.auth_data
        assert (data["expiresIn"], data["tokenType"]) == (str(lifetime), "Bearer")
        assert data["scope"].split() == dev["api"]["scopes"][:2]
        assert 0 < int(data["refreshTokenExpiresIn"]) <= 30 * 86_400
        seen.add(data["refreshToken"])
        assert subject(dev, manager, connected.refresh().auth_data["accessToken"]) == who
    assert len(seen | {connected.auth_data["refreshToken"]}) == 3, "each refresh gave another token"


@pytest.mark.parametrize("name", ["accessTokenRequest", "refreshTokenRequest"])
def test_r92_a_validation_of_the_code_grant_that_does_not_hold_fails(dev, app, person, configuration, name):
    filled = configuration("code_templated", app())
    validations = filled["customerAuthenticationConfigurations"][0][name]["validations"]
    next(one for one in validations if one["name"] == "status is 200")["expectedValue"]["value"] = "201"
    with pytest.raises(ValidationFailed) as failed:
        connect(dev, person, filled, typed={"accountHost": dev["base_url"].split("//")[1]}).refresh()
    assert failed.value.name == "status is 200"


def test_r79_a_refresh_token_that_never_ends_says_nothing_about_its_end(dev, app, person, configuration):
    endless = {"enabled": True, "absolute_lifetime": None, "idle_lifetime": None, "rotation": False}
    connected = connect(dev, person, configuration("code_body", app(refresh_tokens=endless)))
    assert "refreshTokenExpiresIn" not in connected.auth_data
    kept = connected.auth_data["refreshToken"]
    assert connected.refresh().auth_data["refreshToken"] == kept, "without rotation it stays"


def test_r84_r87_without_refresh_tokens_it_connects_again_and_breaks_no_other_connection(dev, app, manager, person, configuration):
    made = app(refresh_tokens={"enabled": False})
    first, second = (connect(dev, person, configuration("code_without_refresh", made)) for _ in range(2))
    for connected in (first, second):
        assert "refreshToken" not in connected.auth_data
        with pytest.raises(ConfigurationError, match="refreshToken"):
            connected.refresh()
        subject(dev, manager, connected.auth_data["accessToken"])
    written_down = connect(dev, person, configuration("code_constants", made))
    assert (written_down.auth_data["refreshToken"], written_down.auth_data["expiresIn"]) == ("none", 3_600)
    with pytest.raises(ValidationFailed):
        written_down.refresh()


def test_r87_connecting_again_leaves_the_earlier_connection_alone(dev, app, person, configuration):
    filled = configuration("code_body", app())
    first, second = (connect(dev, person, filled) for _ in range(2))
    assert first.refresh() and second.refresh() and first.refresh()


# -- the password grant -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["password_body", "password_basic", "password_templated"])
def test_r76_r85_a_person_types_their_password(dev, app, manager, person, configuration, name):
    filled = configuration(name, app(allow_password_grant=True))
    typed = {"username": person["email"], "password": person["password"]}
    connected = Connection(filled, typed).connect()
    who = subject(dev, manager, connected.auth_data["accessToken"])
    assert subject(dev, manager, connected.refresh().auth_data["accessToken"]) == who
    with pytest.raises(ValidationFailed) as wrong:
        Connection(filled, typed | {"password": "wrong"}).connect()
    assert wrong.value.body["error"] == "invalid_grant"
    with pytest.raises(ConfigurationError, match="password"):
        Connection(filled, {"username": person["email"]}).connect()


@pytest.mark.parametrize("name", ["password_body", "password_basic", "password_templated"])
@pytest.mark.parametrize("lifetime", LIFETIMES)
def test_r76_r83_tokens_by_password_live_as_long_as_the_app_says(dev, app, manager, person, configuration, name, lifetime):
    filled = configuration(name, app(allow_password_grant=True, access_token_lifetime=lifetime))
    connected = Connection(filled, {"username": person["email"], "password": person["password"]}).connect()
    for _ in range(2):
        # Templates make text of everything.
        assert int(connected.auth_data["expiresIn"]) == lifetime
        subject(dev, manager, connected.auth_data["accessToken"])
        connected.refresh()


def test_r84_r85_a_web_app_without_refresh_tokens_asks_for_the_password_again(dev, app, manager, person, configuration):
    made = app(allow_password_grant=True, refresh_tokens={"enabled": False})
    typed = {"username": person["email"], "password": person["password"]}
    for name in ("password_body", "password_basic"):
        connected = Connection(configuration(name, made), typed).connect()
        assert "refreshToken" not in connected.auth_data and "refreshTokenExpiresIn" not in connected.auth_data
        subject(dev, manager, connected.auth_data["accessToken"])
        with pytest.raises(ConfigurationError, match="refreshToken"):
            connected.refresh()
    # A template that asks for one does not get it, and says so.
    with pytest.raises(TemplateError, match="response.body.refresh_token"):
        Connection(configuration("password_templated", made), typed).connect()


def test_r85_a_machine_app_has_nothing_to_refresh_and_asks_again(dev, app, manager, person, configuration):
    filled = configuration("password_body", app("m2m", allow_password_grant=True))
    typed = {"username": person["email"], "password": person["password"]}
    for _ in range(2):
        connected = Connection(filled, typed).connect()
        assert "refreshToken" not in connected.auth_data
        subject(dev, manager, connected.auth_data["accessToken"])


@pytest.mark.parametrize("kind", ["web", "m2m"])
def test_r76_without_the_opt_in_the_app_is_refused(app, person, configuration, kind):
    typed = {"username": person["email"], "password": person["password"]}
    with pytest.raises(ValidationFailed) as refused:
        Connection(configuration("password_body", app(kind)), typed).connect()
    assert refused.value.body["error"] == "unauthorized_client"


# -- client credentials -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lifetime", LIFETIMES)
@pytest.mark.parametrize("name", ["machine_default", "machine_basic"])
def test_r77_r83_the_destination_acts_for_itself(dev, app, manager, configuration, name, lifetime):
    made = app("m2m", access_token_lifetime=lifetime)
    connected = Connection(configuration(name, made)).connect()
    assert (connected.auth_data["expiresIn"], "refreshToken" in connected.auth_data) == (lifetime, False)
    assert subject(dev, manager, connected.auth_data["accessToken"]) == made["client_id"]


def test_r77_r90_a_templated_url_and_body_with_what_the_customer_typed(dev, app, manager, configuration):
    made = app("m2m")
    typed = {"clientId": made["client_id"], "clientSecret": made["client_secret"], "accountHost": dev["base_url"].split("//")[1]}
    connected = Connection(configuration("machine_templated", made), typed).connect()
    assert (connected.auth_data["expiresIn"], connected.auth_data["tokenType"]) == ("86400", "Bearer")
    assert connected.auth_data["scope"].split() == dev["api"]["scopes"][:2], "absent means the app's own"
    with pytest.raises(ConfigurationError, match="accountHost"):
        Connection(configuration("machine_templated", made), {name: typed[name] for name in ("clientId", "clientSecret")})


def test_r88_a_json_body_with_headers_and_members_of_its_own(dev, app, configuration):
    filled = configuration("machine_json", app("m2m"))
    connected = Connection(filled, user={"organizationId": "org@example", "sandboxName": "dev"}).connect()
    assert connected.auth_data["kind"] == "application/json"
    with pytest.raises(TemplateError, match="userContext.organizationId"):
        Connection(filled).connect()


# -- the stand-in itself ------------------------------------------------------------------------------------------------------


def broken(configuration, change):
    damaged = copy.deepcopy(configuration)
    change(damaged["customerAuthenticationConfigurations"][0]["accessTokenRequest"])
    return damaged


def test_a_validation_that_does_not_hold_fails(app, configuration):
    user = {"organizationId": "org@example"}
    filled = configuration("machine_json", app("m2m"))
    Connection(filled, user=user).connect()

    def status(request):
        request["validations"][1]["expectedValue"]["value"] = "201"

    def token(request):
        request["validations"][0]["expectedValue"]["value"] = "true"

    def scope(request):
        request["validations"][2]["expectedValue"]["value"] = "false"

    for change, name in [(status, "status is 200"), (token, "access_token is there"), (scope, "scope is the one asked for")]:
        with pytest.raises(ValidationFailed) as failed:
            Connection(broken(filled, change), user=user).connect()
        assert failed.value.name == name


def test_an_error_of_the_server_is_noticed_by_a_validation(app, configuration):
    made = app("m2m")
    with pytest.raises(ValidationFailed) as failed:
        Connection(configuration("machine_default", made | {"client_secret": "wrong"})).connect()
    assert (failed.value.name, failed.value.body["error"]) == ("access token", "invalid_client")


def test_a_member_that_the_server_does_not_send_is_noticed(app, configuration):
    def rename(request):
        request["responseFields"][0]["value"] = "{{ response.body.accessToken }}"

    filled = configuration("machine_json", app("m2m"))
    with pytest.raises(TemplateError, match="response.body.accessToken"):
        Connection(broken(filled, rename), user={"organizationId": "org@example"}).connect()


def test_a_page_is_no_token_answer(dev, app, configuration):
    def elsewhere(request):
        request["urlBasedDestination"]["url"]["value"] = f"{dev['base_url']}/login"

    filled = configuration("machine_json", app("m2m"))
    with pytest.raises(ValidationFailed, match="content type"):
        Connection(broken(filled, elsewhere), user={"organizationId": "org@example"}).connect()


def test_names_are_case_sensitive(dev, app, configuration):
    filled = configuration("machine_default", app("m2m"))
    filled["customerAuthenticationConfigurations"][0]["grant"] = "oauth2_client_credentials"
    with pytest.raises(ConfigurationError):
        Connection(filled)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain {{ 'text' }}", "plain text"),
        ("{{ a.b }}-{{ a['b'] }}", "x y-x y"),
        ("{{ a.b | urlencode }}", "x+y"),
        ("{{ a.none is empty }} {{ a.b is not empty }} {{ a.nothing is null }}", "true true true"),
        ("{{ a.none | default('d') }}", "d"),
        ("{{ a.b == 'x y' ? 1 : 2 }}", "1"),
        ("{{ formUrlEncode('k', a.b, 'n', 3) }}", "k=x+y&n=3"),
        ("{{ ('a' ~ ':' ~ 'b') | base64encode }}", "YTpi"),
    ],
)
def test_templates(template, expected):
    assert render(template, {"a": {"b": "x y", "nothing": None}}) == expected


@pytest.mark.parametrize("template", ["{{ a.none }}", "{{ missing.b }}", "{{ a.b | shout }}", "{{ a.b == }}", "{{ a.b c }}", "{{ # }}"])
def test_templates_that_cannot_be_rendered_are_errors(template):
    with pytest.raises(TemplateError):
        render(template, {"a": {"b": "x"}})
