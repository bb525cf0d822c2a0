"""Single sign-on against a real provider on the loopback: its browser walks the whole way."""

import html
import re
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
import pytest_asyncio
from sqlalchemy import select

from desk.accounts import login as logins
from desk.accounts import second_factor
from desk.accounts.login import LocalLogin, use_local_login
from desk.accounts.models import Role, Staff
from desk.accounts.single_sign_on.models import SignOnTry, StaffIdentity
from desk.accounts.single_sign_on.setup import sign_on_of
from desk.audit.models import AuditEntry
from desk.errors import InvalidInput
from desk.settings import Settings
from tests.desk.oidc_provider import CLIENT_ID, CLIENT_SECRET, OidcProvider, other_key
from tests.desk.support import PASSWORD, serving

LI = {"sub": "u-1", "email": "li@corp.example", "email_verified": True, "name": "李梅"}
BACK = "/desk/login/sso/back"


@pytest_asyncio.fixture
async def provider(running):
    one = OidcProvider(person=dict(LI))
    async with serving(one.app()) as url:
        one.url = url
        settings = running.desk.settings
        settings.oidc_issuer, settings.oidc_client_id = url, CLIENT_ID
        settings.oidc_client_secret, settings.oidc_name = CLIENT_SECRET, "云栖统一登录"
        yield one


@pytest.fixture
async def browser(running):
    async with running.http(Origin=running.url) as client:
        yield client


async def leave(browser, form="/desk/login/sso", **data):
    """Press the button; return the provider's address that the page leads to."""
    page = await browser.post(form, data=data)
    assert page.status_code == 200, page.text
    assert "url=" in page.text
    return html.unescape(re.search(r'class="button" href="([^"]+)"', page.text)[1])


async def visit(address):
    """Log in at the provider; return where it sends the browser back to."""
    async with httpx.AsyncClient(trust_env=False) as elsewhere:
        return (await elsewhere.get(address)).headers["location"]


async def sign_on(browser, next="/desk"):
    return await browser.get(await visit(await leave(browser, next=next)))


def entries(running):
    with running.desk.database.reading() as session:
        return [
            (e.action, e.object, e.details.get("why")) for e in session.scalars(select(AuditEntry))
        ]


def text_of(response):
    return re.sub(r"<[^>]+>", " ", response.text)


async def test_the_button_is_there_only_with_a_provider(running, browser):
    assert "统一登录" not in (await browser.get("/desk/login")).text
    refused = await browser.post("/desk/login/sso")
    assert (refused.status_code, "尚未设置单点登录" in refused.text) == (404, True)


async def test_somebody_with_a_verified_address_gets_in(running, provider, browser):
    running.make.staff(login="xiaoli", email="LI@corp.example")
    page = (await browser.get("/desk/login?next=/desk/qa")).text
    assert "用云栖统一登录登录" in page
    assert provider.asked == [], "nobody is called before somebody presses the button"
    browser.cookies.set("kefu_session", "planted", domain="127.0.0.1")
    response = await sign_on(browser, next="/desk/qa")
    assert (response.status_code, response.headers["location"]) == (303, "/desk/qa")
    cookie = next(c for c in response.headers.get_list("set-cookie") if "kefu_session=" in c)
    assert "httponly" in cookie.lower() and "samesite=lax" in cookie.lower()
    assert browser.cookies["kefu_session"] != "planted"
    assert (await browser.get("/api/v1/me")).json()["login"] == "xiaoli"
    assert ("identity_linked", "staff xiaoli", None) in entries(running)
    assert ("logged_in", "staff xiaoli", None) in entries(running)
    with running.desk.database.reading() as session:
        assert session.scalars(select(SignOnTry)).all() == []
        identity = session.scalars(select(StaffIdentity)).one()
        assert (identity.subject, identity.issuer) == ("u-1", provider.url)


async def test_the_link_stays_when_the_address_changes(running, provider, browser):
    running.make.staff(login="xiaoli", email="li@corp.example")
    running.make.staff(login="xiaowang", email="wang@corp.example")
    await sign_on(browser)
    provider.person["email"] = "wang@corp.example"
    await browser.post("/desk/logout")
    await sign_on(browser)
    assert (await browser.get("/api/v1/me")).json()["login"] == "xiaoli"


@pytest.mark.parametrize(
    "change",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "stranger@corp.example"},
        {"email": None},
    ],
)
async def test_an_address_that_proves_nothing_opens_nothing(running, provider, browser, change):
    running.make.staff(login="xiaoli", email="li@corp.example")
    provider.person.update(change)
    response = await sign_on(browser)
    assert response.status_code == 401
    assert "没有与您对应的启用中的客服台账号" in response.text
    assert "kefu_session" not in browser.cookies
    assert ("login_failed", "staff unknown", "sso_unknown") in entries(running)


async def test_a_shared_mailbox_opens_neither_account(running, provider, browser):
    running.make.staff(login="xiaoli", email="li@corp.example")
    running.make.staff(login="xiaowang", email="li@corp.example")
    assert "没有与您对应" in (await sign_on(browser)).text


async def test_an_inactive_account_stays_shut(running, provider, browser):
    staff = running.make.staff(login="xiaoli", email="li@corp.example")
    await sign_on(browser)
    await browser.post("/desk/logout")
    with running.desk.database.transaction() as session:
        session.get(Staff, staff.id).is_active = False
    response = await sign_on(browser)
    assert (response.status_code, "kefu_session" in browser.cookies) == (401, False)


async def test_an_admin_must_link_first_and_can(running, provider, browser):
    running.make.staff("admin", login="boss", email="li@corp.example")
    refused = await sign_on(browser)
    assert "请先用密码登录" in refused.text
    await browser.post("/desk/login", data={"login": "boss", "password": PASSWORD})
    wrong = await browser.post("/desk/account/sso/link", data={"password": "x"})
    assert "当前密码不正确" in wrong.text
    back = await visit(await leave(browser, "/desk/account/sso/link", password=PASSWORD))
    done = await browser.get(back)
    assert done.headers["location"] == "/desk/account?done=linked"
    page = (await browser.get("/desk/account")).text
    assert "li@corp.example" in page and "解除关联" in page
    await browser.post("/desk/logout")
    await sign_on(browser)
    assert (await browser.get("/api/v1/me")).json()["login"] == "boss"
    gone = await browser.post("/desk/account/sso/unlink", data={"password": PASSWORD})
    assert gone.headers["location"] == "/desk/account?done=unlinked"
    again = await browser.post("/desk/account/sso/unlink", data={"password": PASSWORD})
    assert (again.status_code, "没有关联" in again.text) == (404, True)


async def test_one_person_there_opens_one_account_here(running, provider, browser):
    running.make.staff(login="xiaoli", email="li@corp.example")
    await sign_on(browser)
    await browser.post("/desk/logout")
    running.make.staff(login="xiaowang")
    await browser.post("/desk/login", data={"login": "xiaowang", "password": PASSWORD})
    back = await visit(await leave(browser, "/desk/account/sso/link", password=PASSWORD))
    assert (await browser.get(back)).status_code == 409


def _wrong_nonce(claims):
    claims["nonce"] = "another"


def _no_nonce(claims):
    del claims["nonce"]


def _wrong_audience(claims):
    claims["aud"] = "another-client"


def _shared_audience_of_another(claims):
    claims["aud"] = [CLIENT_ID, "another-client"]
    claims["azp"] = "another-client"


def _expired(claims):
    claims["exp"] = int(time.time()) - 3600


def _not_yet(claims):
    claims["iat"] = int(time.time()) + 3600


def _wrong_issuer(claims):
    claims["iss"] = "https://evil.example"


def _no_subject(claims):
    del claims["sub"]


def _long_subject(claims):
    claims["sub"] = "x" * 256


@pytest.mark.parametrize(
    "spoil",
    [
        _wrong_nonce,
        _no_nonce,
        _wrong_audience,
        _shared_audience_of_another,
        _expired,
        _not_yet,
        _wrong_issuer,
        _no_subject,
        _long_subject,
    ],
)
async def test_a_token_that_is_not_for_us_now_opens_nothing(running, provider, browser, spoil):
    running.make.staff(login="xiaoli", email="li@corp.example")
    provider.spoil = spoil
    response = await sign_on(browser)
    assert (response.status_code, "未通过核对" in response.text) == (401, True)
    assert "kefu_session" not in browser.cookies


@pytest.mark.parametrize("kind", ["foreign", "shared", "unknown"])
async def test_a_signature_that_is_not_the_providers_opens_nothing(
    running, provider, browser, kind
):
    running.make.staff(login="xiaoli", email="li@corp.example")
    provider.signing_key, provider.algorithm = other_key(kind)
    assert "未通过核对" in (await sign_on(browser)).text
    assert "kefu_session" not in browser.cookies


async def test_a_new_key_of_the_provider_is_found(running, provider, browser, monkeypatch):
    running.make.staff(login="xiaoli", email="li@corp.example")
    await sign_on(browser)
    await browser.post("/desk/logout")
    monkeypatch.setattr("desk.accounts.single_sign_on.provider.KEYS_AGAIN_S", 0.0)
    provider.key, provider.algorithm = other_key("unknown")
    assert (await sign_on(browser)).status_code == 303
    assert provider.asked.count("keys") == 2


async def test_a_visit_works_once_and_in_its_own_browser_only(running, provider, browser):
    running.make.staff(login="xiaoli", email="li@corp.example")
    back = await visit(await leave(browser))
    async with running.http(Origin=running.url) as victim:
        planted = await victim.get(back)
        assert (planted.status_code, "kefu_session" in victim.cookies) == (401, False)
        await leave(victim)
        assert (await victim.get(back)).status_code == 401
    state = browser.cookies["kefu_sso"]
    assert (await browser.get(back)).status_code == 303
    await browser.post("/desk/logout")
    browser.cookies.set("kefu_sso", state, domain="127.0.0.1", path="/desk/login")
    replayed = await browser.get(back)
    assert (replayed.status_code, "已使用过" in replayed.text) == (401, True)


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.replace("code=", "code=x"),
        lambda url: url + "&iss=https://evil.example",
        lambda url: re.sub(r"code=[^&]+&?", "", url),
        lambda url: url + "&error=access_denied",
        lambda url: re.sub(r"state=[^&]+", "state=made-up", url),
        lambda url: re.sub(r"[?].*", "", url),
    ],
)
async def test_an_answer_that_was_meddled_with_opens_nothing(running, provider, browser, change):
    running.make.staff(login="xiaoli", email="li@corp.example")
    response = await browser.get(change(await visit(await leave(browser))))
    assert response.status_code == 401
    assert "kefu_session" not in browser.cookies


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/desk\\evil"])
async def test_no_visit_leads_to_another_site(running, provider, browser, target):
    running.make.staff(login="xiaoli", email="li@corp.example")
    response = await sign_on(browser, next=target)
    assert response.headers["location"] == "/desk"


async def test_the_way_there_carries_what_it_must_and_no_secret(running, provider, browser):
    address = await leave(browser)
    asked = {key: value[0] for key, value in parse_qs(urlsplit(address).query).items()}
    assert asked["redirect_uri"] == running.url + BACK
    assert len(asked["state"]) >= 43 and len(asked["nonce"]) >= 43
    assert asked["code_challenge_method"] == "S256"
    assert CLIENT_SECRET not in address and "code_verifier" not in asked


async def test_a_provider_that_is_down_or_another_is_said_so(running, provider, browser):
    provider.is_down = True
    response = await browser.post("/desk/login/sso")
    assert (response.status_code, "暂时无法使用" in response.text) == (503, True)
    provider.is_down, provider.issuer_told = False, "https://evil.example"
    assert (await browser.post("/desk/login/sso")).status_code == 503


async def test_the_second_factor_is_asked_for_unless_the_provider_had_one(
    running, provider, browser
):
    staff = running.make.staff(login="xiaoli", email="li@corp.example")
    secret = pyotp.random_base32()
    with running.desk.database.transaction() as session:
        own = session.get(Staff, staff.id)
        own.totp_secret, own.totp_since = secret, own.created_at
    response = await sign_on(browser)
    assert response.headers["location"].startswith("/desk/login/code")
    assert (await browser.get("/api/v1/me")).status_code == 401
    code = pyotp.TOTP(secret).now()
    await browser.post("/desk/login/code", data={"code": code})
    assert (await browser.get("/api/v1/me")).status_code == 200
    await browser.post("/desk/logout")
    provider.person["amr"] = ["pwd", "otp"]
    assert (await sign_on(browser)).headers["location"] == "/desk"


async def test_a_role_that_must_have_a_factor_sets_one_up(running, provider, browser):
    running.make.staff("supervisor", login="xiaoli", email="li@corp.example")
    with running.desk.database.transaction() as session:
        second_factor.require_for(session, Role.SUPERVISOR, is_needed=True, actor="admin")
    assert (await sign_on(browser)).headers["location"].startswith("/desk/login/enrol")


async def test_groups_make_an_account_and_take_its_rights_again(running, provider, browser):
    settings = running.desk.settings
    settings.oidc_roles = {"leads": "supervisor", "works": "department:engineering"}
    settings.oidc_domains = ["corp.example"]
    provider.person.update(preferred_username="limei", groups=["all", "works"])
    await sign_on(browser)
    me = (await browser.get("/api/v1/me")).json()
    assert (me["login"], me["role"], me["department"]) == ("limei", "department", "engineering")
    page = (await browser.get("/desk/account")).text
    assert 'name="fresh"' not in page and "sso/unlink" not in page
    refused = await browser.post("/desk/login", data={"login": "limei", "password": "!"})
    assert refused.status_code == 401
    provider.person["groups"] = ["leads"]
    await sign_on(browser)
    assert (await browser.get("/api/v1/me")).json()["role"] == "supervisor"
    provider.person["groups"] = []
    assert (await sign_on(browser)).status_code == 401
    assert (await browser.get("/api/v1/me")).status_code == 401


async def test_other_domains_and_taken_logins_stay_out(running, provider, browser):
    settings = running.desk.settings
    settings.oidc_roles, settings.oidc_domains = {"works": "agent"}, ["corp.example"]
    provider.person.update(preferred_username="limei", groups=["works"], email="li@evil.example")
    assert "不在允许登录的范围内" in (await sign_on(browser)).text
    provider.person["email"] = "li@corp.example"
    for login in ("taken", "管理员", "Ｔaken", ""):
        running.make.staff(login="taken") if login == "taken" else None
        provider.person["preferred_username"] = login
        assert "无法为您新建账号" in (await sign_on(browser)).text, login


async def test_email_and_groups_may_come_from_userinfo_of_the_same_person(
    running, provider, browser
):
    running.make.staff(login="xiaoli", email="li@corp.example")
    provider.person = {"sub": "u-1"}
    provider.userinfo = {**LI, "sub": "u-2"}
    assert "未通过核对" in (await sign_on(browser)).text
    provider.userinfo = dict(LI)
    assert (await sign_on(browser)).status_code == 303


async def test_an_account_without_password_confirms_at_the_provider(running, provider, browser):
    running.desk.settings.oidc_roles = {"works": "agent"}
    provider.person.update(preferred_username="limei", groups=["works"])
    await sign_on(browser)
    with running.desk.database.transaction() as session:
        for row in session.scalars(select(logins.StaffSession)):
            row.confirmed_at = None
    begun = await browser.post("/desk/account/factor/begin")
    assert (begun.status_code, "请先再次验证身份" in begun.text) == (403, True)
    page = (await browser.get("/desk/confirm?next=/desk/account")).text
    assert "用云栖统一登录重新验证" in page and 'name="secret"' not in page
    address = await leave(browser, "/desk/confirm/sso", next="/desk/account")
    assert "prompt=login" in address
    assert (await browser.get(await visit(address))).headers["location"] == "/desk/account"
    begun = await browser.post("/desk/account/factor/begin")
    assert begun.headers["location"] == "/desk/account/factor"


async def test_an_old_login_there_or_another_person_confirms_nothing(running, provider, browser):
    running.make.staff(login="xiaoli", email="li@corp.example")
    await sign_on(browser)
    provider.person["auth_time"] = int(time.time()) - 3600
    old = await browser.get(await visit(await leave(browser, "/desk/confirm/sso")))
    assert (old.status_code, "没有通过重新验证" in old.text) == (403, True)
    del provider.person["auth_time"]
    provider.person["sub"] = "u-2"
    other = await browser.get(await visit(await leave(browser, "/desk/confirm/sso")))
    assert other.status_code == 403


async def test_passwords_can_be_left_to_admins_and_machines(running, provider, browser):
    for role, login in (("agent", "xiaoli"), ("agent", "erp"), ("admin", "boss")):
        running.make.staff(role, login=login)
    use_local_login(LocalLogin(is_for_all=False, exempt=frozenset({"erp"})))
    try:
        for login, status in (("xiaoli", 401), ("erp", 303), ("boss", 303)):
            form = {"login": login, "password": PASSWORD}
            async with running.http(Origin=running.url) as client:
                response = await client.post("/desk/login", data=form)
                assert response.status_code == status, login
        wrong = {"login": "xiaoli", "password": "wrong-password-1"}
        assert "账号或密码不正确" in (await browser.post("/desk/login", data=wrong)).text
        right = {"login": "xiaoli", "password": PASSWORD}
        assert "请使用单位账号登录" in (await browser.post("/desk/login", data=right)).text
    finally:
        use_local_login(LocalLogin())


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"oidc_issuer": "http://sso.corp.example"}, "sso_address"),
        ({"oidc_issuer": "ftp://sso.corp.example"}, "sso_address"),
        ({"oidc_issuer": "https://"}, "sso_address"),
        ({"oidc_issuer": "https://sso.corp.example", "oidc_client_id": ""}, "sso_client"),
        ({"oidc_roles": {"g": "admin"}}, "sso_role"),
        ({"oidc_roles": {"g": "department"}}, "sso_role"),
        ({"oidc_roles": {"g": "agent:engineering"}}, "sso_role"),
        ({"oidc_roles": {"g": "king"}}, "sso_role"),
        ({"oidc_issuer": "", "local_login": "admins"}, "local_login_alone"),
    ],
)
def test_settings_that_would_be_unsafe_stop_the_start(values, key):
    given = {"oidc_issuer": "https://sso.corp.example", "oidc_client_id": "kefu", **values}
    with pytest.raises(InvalidInput) as caught:
        sign_on_of(Settings(_env_file=None, **given))
    assert caught.value.key == f"errors.{key}"
