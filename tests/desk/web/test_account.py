"""The login's second step and the account page, as a browser without scripts sees them."""

import re

import httpx
import pyotp
import pytest

from desk.accounts import second_factor
from desk.accounts.models import Role
from tests.desk.support import PASSWORD


@pytest.fixture
async def browser(running):
    async with running.http(Origin=running.url) as client:
        yield client


async def log_in(client, login="xiaoli", password=PASSWORD):
    return await client.post("/desk/login", data={"login": login, "password": password})


def secret_of(page):
    return re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)[1].replace(" ", "")


async def enrol(client):
    """Switch the second factor on over the account page; return secret and recovery codes."""
    begun = await client.post("/desk/account/factor/begin", data={"password": PASSWORD})
    assert begun.headers["location"] == "/desk/account/factor"
    secret = secret_of(await client.get("/desk/account/factor"))
    done = await client.post("/desk/account/factor", data={"code": pyotp.TOTP(secret).now()})
    return secret, re.findall(r"<li>([A-Z0-9-]+)</li>", done.text)


async def test_setting_up_a_second_factor_and_logging_in_with_it(running, browser):
    running.make.staff(login="xiaoli")
    await log_in(browser)
    before = browser.cookies["kefu_session"]
    _secret, codes = await enrol(browser)
    assert len(codes) == 10
    assert browser.cookies["kefu_session"] != before
    async with running.http(Origin=running.url) as other:
        begun = await log_in(other)
        assert begun.headers["location"] == "/desk/login/code?next=%2Fdesk"
        assert "kefu_session" not in other.cookies
        assert (await other.get("/api/v1/me")).status_code == 401
        wrong = await other.post("/desk/login/code", data={"code": "000000"})
        assert (wrong.status_code, "验证码不正确" in wrong.text) == (401, True)
        done = await other.post("/desk/login/code", data={"code": codes[0], "next": "/desk/qa"})
        assert done.headers["location"] == "/desk/qa"
        assert (await other.get("/api/v1/me")).json()["login"] == "xiaoli"


async def test_the_code_page_without_a_password_leads_back(browser):
    for page in ("/desk/login/code", "/desk/login/enrol"):
        response = await browser.get(page)
        assert response.status_code == 401
        assert "请重新输入密码" in response.text
        assert (await browser.post(page, data={"code": "123456"})).status_code == 401


async def test_a_role_that_must_have_one_sets_it_up_at_login(running, browser):
    running.make.staff("supervisor", login="xiaoli")
    with running.make.database.transaction() as session:
        second_factor.require_for(session, Role.SUPERVISOR, is_needed=True, actor="admin")
    response = await log_in(browser)
    assert response.headers["location"].startswith("/desk/login/enrol")
    secret = secret_of(await browser.get("/desk/login/enrol"))
    done = await browser.post("/desk/login/enrol", data={"code": pyotp.TOTP(secret).now()})
    assert "恢复码" in done.text
    assert (await browser.get("/api/v1/me")).status_code == 200
    kept = await browser.post("/desk/account/factor/end", data={"password": PASSWORD})
    assert (kept.status_code, "不能关闭" in kept.text) == (403, True)


async def test_other_systems_give_the_code_with_the_password(running, browser):
    running.make.staff(login="xiaoli")
    await log_in(browser)
    _secret, codes = await enrol(browser)
    body = {"login": "xiaoli", "password": PASSWORD}
    async with running.http() as client:
        refused = await client.post("/api/v1/login", json=body)
        assert refused.json()["error"]["key"] == "errors.code_needed"
        passed = await client.post("/api/v1/login", json={**body, "code": codes[1]})
        headers = {"Authorization": f"Bearer {passed.json()['token']}"}
        assert (await client.get("/api/v1/me", headers=headers)).status_code == 200


async def test_the_account_page_lists_ones_logins_and_ends_them(running, browser):
    running.make.staff(login="xiaoli")
    await log_in(browser)
    async with running.http(Origin=running.url) as other:
        other.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux) Firefox/130.0"
        await log_in(other)
        page = (await browser.get("/desk/account")).text
        assert "Firefox · Linux" in page
        assert "当前登录" in page
        (session_id,) = re.findall(r'name="id" value="([0-9a-f]+)"', page)
        await browser.post("/desk/account/sessions/end", data={"id": session_id})
        assert (await other.get("/api/v1/me")).status_code == 401
        await log_in(other)
        await browser.post("/desk/account/sessions/end-others")
        assert (await other.get("/api/v1/me")).status_code == 401
    assert (await browser.get("/api/v1/me")).status_code == 200


async def test_changing_the_password(running, browser):
    running.make.staff(login="xiaoli")
    await log_in(browser)
    change = {"present": PASSWORD, "fresh": "another-password", "again": "another-password"}
    unlike = await browser.post("/desk/account/password", data={**change, "again": "x"})
    assert (unlike.status_code, "不一样" in unlike.text) == (422, True)
    wrong = await browser.post("/desk/account/password", data={**change, "present": "x"})
    assert "当前密码不正确" in wrong.text
    common = {**change, "fresh": "123456789012", "again": "123456789012"}
    assert "太常见" in (await browser.post("/desk/account/password", data=common)).text
    before = browser.cookies["kefu_session"]
    done = await browser.post("/desk/account/password", data=change)
    assert done.headers["location"] == "/desk/account?done=password"
    assert browser.cookies["kefu_session"] != before
    async with running.http(Origin=running.url) as other:
        assert (await log_in(other)).status_code == 401
        assert (await log_in(other, password="another-password")).status_code == 303


async def test_every_form_needs_a_login_and_our_own_page(running, browser):
    forms = ["password", "sessions/end", "sessions/end-others", "factor/begin", "factor"]
    for form in [*forms, "factor/codes", "factor/end"]:
        response = await browser.post(f"/desk/account/{form}", data={"code": "1"})
        assert response.status_code == 303, form
        assert response.headers["location"].startswith("/desk/login")
    running.make.staff(login="xiaoli")
    await log_in(browser)
    for form in [*forms, "factor/codes", "factor/end"]:
        foreign = {"Origin": "http://evil.example"}
        response = await browser.post(f"/desk/account/{form}", data={}, headers=foreign)
        assert response.status_code == 403


async def test_a_stranger_cannot_fix_the_session_of_a_victim(running, browser):
    """A token that was in the browser before the login is worth nothing after it."""
    running.make.staff(login="xiaoli")
    browser.cookies.set("kefu_session", "planted", domain="127.0.0.1")
    await log_in(browser)
    headers = {"Authorization": "Bearer planted"}
    async with running.http() as attacker:
        assert (await attacker.get("/api/v1/me", headers=headers)).status_code == 401


async def test_the_pages_are_strict_and_not_cached(running, browser):
    running.make.staff(login="xiaoli")
    await log_in(browser)
    headers = (await browser.get("/desk/account")).headers
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


async def test_behind_tls_cookies_are_secure_without_a_setting(running):
    running.make.staff(login="xiaoli")
    origin = running.url.replace("http:", "https:")
    headers = {"X-Forwarded-Proto": "https", "Origin": origin}
    async with httpx.AsyncClient(base_url=running.url, headers=headers) as client:
        response = await log_in(client)
    cookies = response.headers.get_list("set-cookie")
    names = {cookie.partition("=")[0] for cookie in cookies}
    assert {"__Host-kefu_session", "__Secure-kefu_device"} <= names
    (session,) = (cookie for cookie in cookies if cookie.startswith("__Host-"))
    assert "path=/;" in session.lower() + ";" and "domain" not in session.lower()
    assert all("secure" in cookie.lower() for cookie in cookies)
    assert "strict-transport-security" in response.headers


async def test_activity_keeps_a_session_awake(running, browser):
    running.make.staff(login="xiaoli")
    assert (await browser.post("/desk/active")).status_code == 204
    await log_in(browser)
    assert (await browser.post("/desk/active")).status_code == 204
    assert "desk/active" in (await browser.get("/desk/active.js")).text
