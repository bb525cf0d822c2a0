"""When the language of staff is loaded: not for customers, once, before anybody is let in."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from desk.current import set_desk
from scripts_library.checking.checker import Checker
from scripts_library.errors import LexiconError
from tests.desk.conftest import application
from tests.desk.rulebook.test_scripts import published_rule
from tests.desk.support import Builder, FakeRasa, Running, build, greeted, serving, tab


class Loading:
    """Loads a checker when asked; `fails` makes it say that a pack is broken."""

    def __init__(self, checker: Checker) -> None:
        self.checker = checker
        self.times = 0
        self.fails = False

    def __call__(self) -> Checker:
        self.times += 1
        if self.fails:
            raise LexiconError([])
        return self.checker


@pytest.fixture
def loading(checker: Checker) -> Loading:
    return Loading(checker)


@pytest_asyncio.fixture
async def opened(
    desk_values: dict[str, str],
    tmp_path: Path,
    loading: Loading,
    rasa: FakeRasa,
    password_hash: str,
) -> AsyncIterator[Running]:
    """A desk that nobody of the staff has come to yet."""
    desk = build(data_dir=tmp_path, checker=loading.checker, rasa_url=rasa.url, **desk_values)
    desk.load_checker = loading
    async with serving(application()) as url:
        yield Running(desk, url, Builder(desk.database, password_hash), rasa)
    set_desk(None)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.01)


async def test_a_customer_needs_none_of_it(opened: Running, loading: Loading) -> None:
    async with tab(opened) as one:
        await greeted(one)
    assert loading.times == 0


async def test_a_call_without_a_login_loads_nothing(opened: Running, loading: Loading) -> None:
    async with opened.http() as client:
        assert (await client.post("/api/v1/check", json={"texts": ["您好"]})).status_code == 401
    assert loading.times == 0


async def test_the_login_page_begins_and_does_not_wait(opened: Running, loading: Loading) -> None:
    async with opened.http() as client:
        assert (await client.get("/desk/login")).status_code == 200
        await until(lambda: loading.times == 1)
        assert (await client.get("/desk/login")).status_code == 200
    await opened.desk.language.ready()
    assert loading.times == 1


async def test_the_first_check_is_by_the_rules_published_before(
    opened: Running, loading: Loading
) -> None:
    desk = opened.desk
    await desk.rulebook.take_up(loading.checker)
    await published_rule(desk, opened.make)
    # As after a restart: what is published is known to the database only.
    del desk.__dict__["rulebook"]
    async with opened.http(opened.make.staff()) as client:
        texts = {"texts": ["灯笼不借"]}
        first, second = await asyncio.gather(
            client.post("/api/v1/check", json=texts), client.post("/api/v1/check", json=texts)
        )
    for answer in (first, second):
        (flag,) = answer.json()["verdicts"][0]["flags"]
        assert flag["rule"] == "refusal.lantern"
    assert loading.times == 1


async def test_nobody_is_let_in_while_the_rules_are_broken_and_then_everybody(
    opened: Running, loading: Loading
) -> None:
    loading.fails = True
    async with opened.http(opened.make.staff()) as client:
        texts = {"texts": ["您好"]}
        assert (await client.post("/api/v1/check", json=texts)).status_code == 500
        loading.fails = False
        assert (await client.post("/api/v1/check", json=texts)).status_code == 200
    assert loading.times == 2


async def test_a_suggester_that_is_broken_keeps_nobody_out(
    opened: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise LexiconError([])

    monkeypatch.setattr(opened.desk, "warm_up", broken)
    async with opened.http(opened.make.staff()) as client:
        answer = await client.post("/api/v1/check", json={"texts": ["您好"]})
    assert answer.status_code == 200


async def test_without_rules_nothing_is_checked_by_mistake(opened: Running) -> None:
    with pytest.raises(RuntimeError, match="no rules yet"):
        _ = opened.desk.checker
