"""Login page, cookie, lockout, and where one lands after it."""

import pytest

from desk.web import login as login_page
from desk.web.cookies import token_of_cookies
from desk.web.login import local_target
from tests.desk.support import PASSWORD


@pytest.fixture
async def browser(running):
    async with running.http(Origin=running.url) as client:
        yield client


async def post(browser, login, password, **more):
    return await browser.post("/desk/login", data={"login": login, "password": password, **more})


async def test_the_page_needs_no_script_and_no_other_server(browser):
    page = await browser.get("/desk/login")
    assert page.status_code == 200
    assert page.text.count("<script") == 1, "only the button that shows the password"
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert (await browser.get("/desk/login.css")).headers["content-type"].startswith("text/css")


async def test_login_sets_a_cookie_out_of_reach_and_leads_on(running, browser):
    running.make.staff(login="xiaoli")
    response = await post(browser, " XiaoLi ", PASSWORD, next="/desk/qa?page=2")
    assert (response.status_code, response.headers["location"]) == (303, "/desk/qa?page=2")
    cookie = response.headers["set-cookie"].lower()
    for attribute in ("httponly", "samesite=lax", "path=/", "max-age=43200"):
        assert attribute in cookie
    assert "secure" not in cookie
    again = await browser.get("/desk/login")
    assert (again.status_code, again.headers["location"]) == (303, "/desk")
    me = await browser.get("/api/v1/me")
    assert me.json()["login"] == "xiaoli"


async def test_the_cookie_is_secure_by_setting(running, browser):
    running.desk.settings.secure_cookies = True
    running.make.staff(login="xiaoli")
    response = await post(browser, "xiaoli", PASSWORD)
    assert "secure" in response.headers["set-cookie"].lower()


async def test_logout_ends_the_session_and_forgets_the_cookie(running, browser):
    running.make.staff(login="xiaoli")
    await post(browser, "xiaoli", PASSWORD)
    token = browser.cookies["kefu_session"]
    response = await browser.post("/desk/logout")
    assert response.headers["location"] == "/desk/login?left=true"
    assert "kefu_session" not in browser.cookies
    assert "您已退出登录" in (await browser.get("/desk/login?left=true")).text
    headers = {"Authorization": f"Bearer {token}"}
    assert (await browser.get("/api/v1/me", headers=headers)).status_code == 401


async def test_a_failed_login_says_so_and_repeats_no_password(running, browser):
    running.make.staff(login="xiaoli")
    response = await post(browser, "xiaoli", "wrong-password-1")
    assert response.status_code == 401
    assert "set-cookie" not in response.headers
    assert "账号或密码不正确" in response.text
    assert "wrong-password-1" not in response.text


async def test_five_failures_lock_the_account(running, browser):
    running.make.staff(login="xiaoli")
    for _ in range(5):
        await post(browser, "xiaoli", "wrong-password")
    assert (await post(browser, "xiaoli", PASSWORD)).status_code == 401


async def test_too_many_tries_from_one_address(running, browser, monkeypatch):
    monkeypatch.setattr(login_page, "tries", login_page.KeyedRateLimiter(3, 300))
    running.make.staff(login="xiaoli")
    for _ in range(3):
        await post(browser, "nobody", "wrong-password")
    response = await post(browser, "xiaoli", PASSWORD)
    assert response.status_code == 429
    body = {"login": "xiaoli", "password": PASSWORD}
    api = await browser.post("/api/v1/login", json=body)
    assert (api.status_code, api.headers["retry-after"]) == (429, "300")


@pytest.mark.parametrize(
    "login", ["<script>alert(1)</script>", '" onfocus="alert(1)', "\x00", "长" * 5000, ""]
)
async def test_hostile_logins_come_back_as_text(browser, login):
    response = await post(browser, login, "wrong-password")
    assert response.status_code == 401
    assert "<script>" not in response.text
    assert 'value="" onfocus' not in response.text


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/desk", "/desk"),
        ("/desk/qa", "/desk/qa"),
        ("/desk?id=1", "/desk?id=1"),
        ("/", "/desk"),
        ("/deskx", "/desk"),
        ("//evil.example", "/desk"),
        ("/desk//evil.example", "/desk"),
        ("https://evil.example/desk", "/desk"),
        ("/desk/\\evil.example", "/desk"),
        ("/desk/\r\nSet-Cookie: a=b", "/desk"),
        ("javascript:alert(1)", "/desk"),
        ('/desk/"><script>', "/desk"),
        ("", "/desk"),
    ],
)
def test_only_pages_of_the_console_are_targets(target, lands):
    assert local_target(target) == lands


@pytest.mark.parametrize(
    ("header", "is_secure", "token"),
    [
        ("", False, None),
        ("a=b", False, None),
        ("kefu_session=", False, None),
        ("kefu_session=abc", False, "abc"),
        ('a=b; kefu_session="abc"; c=d', False, "abc"),
        ("xkefu_session=abc", False, None),
        ("__Host-kefu_session=abc", True, "abc"),
        # Over TLS a cookie that a neighbouring host could have planted counts for nothing.
        ("kefu_session=abc", True, None),
        ("kefu_session=planted; __Host-kefu_session=abc", True, "abc"),
        ("__Host-kefu_session=abc", False, None),
    ],
)
def test_token_of_cookies(header, is_secure, token):
    assert token_of_cookies(header, is_secure=is_secure) == token
