"""Judging a new password while it is typed, and the scripts of password fields."""

import pytest

from desk.web import account
from tests.desk.support import PASSWORD


@pytest.fixture
async def browser(running):
    running.make.staff(login="xiaoli")
    async with running.http(Origin=running.url) as client:
        await client.post("/desk/login", data={"login": "xiaoli", "password": PASSWORD})
        yield client


@pytest.mark.parametrize(
    ("typed", "is_allowed", "said"),
    [
        ("短", False, "至少 12 个字符"),
        ("password1234", False, "太容易猜到"),
        ("xiaoli202611", False, "太容易猜到"),
        ("三月的雨打湿了旧窗台上的花", True, ""),
    ],
)
async def test_the_meter_says_what_the_rule_says(browser, typed, is_allowed, said):
    answer = await browser.post("/desk/account/strength", data={"fresh": typed})
    assert answer.json()["is_allowed"] is is_allowed
    assert 0 <= answer.json()["score"] <= 4 and said in answer.json()["text"]
    form = {"present": PASSWORD, "fresh": typed, "again": typed}
    changed = await browser.post("/desk/account/password", data=form)
    assert (changed.status_code == 303) is is_allowed, "the form decides alike"


async def test_it_is_no_oracle_for_strangers_and_not_asked_without_end(
    running, browser, monkeypatch
):
    async with running.http(Origin=running.url) as nobody:
        answer = await nobody.post("/desk/account/strength", data={"fresh": "abc"})
        assert (answer.status_code, answer.headers["location"][:11]) == (303, "/desk/login")
    monkeypatch.setattr(account, "strengths", account.KeyedRateLimiter(1, 60))
    await browser.post("/desk/account/strength", data={"fresh": "abc"})
    limited = await browser.post("/desk/account/strength", data={"fresh": "abc"})
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "60")


async def test_the_scripts_obey_the_strict_policy(browser):
    page = await browser.get("/desk/account")
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.text.count("<script") == page.text.count("<script src=") == 1
    assert "onclick" not in page.text and "style=" not in page.text
    script = await browser.get("/desk/password.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "innerHTML" not in script.text and "eval" not in script.text
