"""Chromium against a running desk (its own process and database); a small server plays Rasa."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright
from sqlalchemy import select

from desk.accounts.models import Staff
from desk.conversations import service as conversations
from desk.conversations.models import Conversation, Mode
from desk.database import Database
from desk.demo import DEMO_PASSWORD, load_demo
from desk.installation import open_database
from desk.settings import Settings
from tests.browser.stand_in_bot import StandInBot

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
# Without a sandbox: the tests run as root in containers.
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    # The foreign site of the widget's tests is made up; the desk on the loopback would be out of
    # its reach.
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
]
START_S = 90
WAITS = re.compile("转接人工|恢复人工服务")
"""Who waits for people reads one of these, by the hour of the day."""
PATIENCE_MS = 15_000
# The browser itself reports these when a test takes the desk away on purpose, or a page is 403.
EXPECTED_ERRORS = re.compile(r"WebSocket connection|Failed to load resource|ERR_CONNECTION")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass
class Kefu:
    """A running desk; it can be taken away and brought back at the same address."""

    url: str
    environment: dict[str, str]
    log: Path
    database: Database
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "desk.serve"],
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
            )
        transport = httpx.HTTPTransport(retries=0)
        with httpx.Client(transport=transport, timeout=5) as client:
            waiter = threading.Event()
            for _ in range(START_S * 5):
                if self._process.poll() is not None:
                    break
                try:
                    if client.get(f"{self.url}/health/ready").status_code == 200:
                        return
                except httpx.TransportError:
                    waiter.wait(0.2)
        pytest.fail(f"the desk did not start:\n{self.log.read_text()[-3000:]}")

    def stop(self, with_signal: int = signal.SIGTERM) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(with_signal)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)


def _free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def running_kefu(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kefu]:
    """The desk as a process of its own, with demo data."""
    folder = tmp_path_factory.mktemp("kefu")
    port = _free_port()
    settings = Settings(_env_file=None, data_dir=folder, port=port)
    with open_database(settings) as database:
        with database.transaction() as session:
            load_demo(session)
        bot = StandInBot(database)
        environment = {
            "KEFU_DATA_DIR": str(folder),
            "KEFU_PORT": str(port),
            "KEFU_ACTION_PORT": str(_free_port()),
            "KEFU_RASA_URLS": json.dumps([bot.url]),
            "KEFU_DEMO": "true",
        }
        kefu = Kefu(f"http://127.0.0.1:{port}", environment, folder / "desk.log", database)
        kefu.start()
        yield kefu
        kefu.stop()
        bot.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a file: while Playwright runs, no other test can use an event loop."""
    if not Path(CHROMIUM).exists():
        if os.environ.get("KEFU_REQUIRE_SERVICES"):
            pytest.fail("Chromium is not installed but KEFU_REQUIRE_SERVICES is set")
        pytest.skip("Chromium is not installed")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@dataclass
class Windows:
    """Opens browser windows as different people, and collects what goes wrong in them."""

    browser: Browser
    url: str
    states: dict[str, Any]
    contexts: list[BrowserContext] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def open(self, *, width: int = 1280, height: int = 800, **options: Any) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda message: self._note(message.type, message.text))
        return page

    def customer(self, path: str = "/", *, width: int = 1280, height: int = 800) -> "Customer":
        customer = Customer(self.open(width=width, height=height))
        customer.page.goto(self.url + path)
        expect(customer.log).to_contain_text("请问有什么可以帮您")
        return customer

    def staff(self, login: str, path: str = "/desk") -> Page:
        """A staff member's window, logged in through the form the first time."""
        page = self.open(storage_state=self.states.get(login), accept_downloads=True)
        page.goto(self.url + path)
        if login not in self.states:
            page.get_by_label("登录名").fill(login)
            page.get_by_label("密码").fill(DEMO_PASSWORD)
            page.get_by_role("button", name="登录").click()
            page.wait_for_url(re.compile(r"/desk(/(?!login)[a-z/]+)?$"))
            self.states[login] = page.context.storage_state()
        # What is pressed before the page is connected is lost.
        page.wait_for_function("() => !window.socket || window.did_handshake")
        return page

    def ticket(self, login: str, number: str, *, by: str = "/desk/transfers") -> Page:
        """A staff member's window with a ticket's page, ready to be worked with.

        `by` is a page without digits that this person may open, for the login.
        """
        page = self.staff(login, by)
        page.goto(f"{self.url}/desk/tickets/{number}")
        page.wait_for_function("() => window.did_handshake")
        return page

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" and not EXPECTED_ERRORS.search(text):
            self.problems.append(text)


class Customer:
    """The chat page with a customer in front of it."""

    def __init__(self, page: Page, frame: Any = None) -> None:
        self.page = page
        self.place = frame or page
        self.log: Locator = self.place.get_by_role("log")
        self.input: Locator = self.place.get_by_label("请输入您的问题")
        self.send_button: Locator = self.place.get_by_role("button", name="发送")
        self.status: Locator = self.place.locator("#status")
        self.conversation_id = ""

    def say(self, text: str) -> None:
        self.input.fill(text)
        self.input.press("Enter")

    def row(self, text: str) -> Locator:
        return self.log.locator(".row", has_text=text)

    def ask_for_human(self) -> None:
        self.place.get_by_role("button", name="转人工").click()
        expect(self.status).to_contain_text(WAITS)


@pytest.fixture(scope="session")
def staff_states() -> dict[str, Any]:
    """Cookies of staff who have logged in already."""
    return {}


@pytest.fixture
def make_windows(chromium: Browser) -> Iterator[Callable[..., Windows]]:
    """Open windows on the desk at an address; all are closed after the test."""
    made: list[Windows] = []

    def make(url: str, states: dict[str, Any] | None = None) -> Windows:
        made.append(Windows(chromium, url, {} if states is None else states))
        return made[-1]

    yield make
    for windows in made:
        for context in windows.contexts:
            context.close()


@pytest.fixture
def windows(
    running_kefu: Kefu, staff_states: dict[str, Any], make_windows: Callable[..., Windows]
) -> Iterator[Windows]:
    """Windows for one test; scripts that fail in any of them fail the test."""
    windows = make_windows(running_kefu.url, staff_states)
    yield windows
    assert windows.problems == []


@pytest.fixture
def take_picture() -> Callable[[Page, str], None]:
    """Keep a picture of a page for the guide, where `KEFU_PICTURES` names a folder."""
    folder = os.environ.get("KEFU_PICTURES")

    def take(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png")

    return take


@pytest.fixture
def customer(windows: Windows) -> Customer:
    """A customer who has just been greeted."""
    return windows.customer()


@pytest.fixture
def no_open_talks(running_kefu: Kefu) -> None:
    """End what other tests, or an earlier try of this one, left open with people."""
    with running_kefu.database.transaction() as session:
        is_open = Conversation.mode.in_((Mode.AGENT, Mode.QUEUED))
        for left in session.scalars(select(Conversation).where(is_open)):
            left.mode, left.assigned_to = Mode.CLOSED, None


@pytest.fixture
def with_agent(windows: Windows, running_kefu: Kefu) -> Callable[[Customer], Page]:
    """Bring a customer to an agent, who has claimed the conversation."""
    # An agent holds five at most; those of earlier tests are over.
    with running_kefu.database.transaction() as session:
        agent = session.scalars(select(Staff).where(Staff.login == "xiaoli")).one()
        for held in conversations.conversations_of(session, agent):
            conversations.close(session, held.id, agent)

    def bring(customer: Customer) -> Page:
        customer.say(f"转人工，{id(customer)}")
        expect(customer.status).to_contain_text(WAITS)
        agent = windows.staff("xiaoli")
        entry = agent.locator(".k-entry", has_text=str(id(customer)))
        customer.conversation_id = entry.get_attribute("data-conversation") or ""
        entry.click()
        agent.get_by_role("button", name="接入会话").click()
        expect(agent.get_by_label("回复内容")).to_be_visible()
        return agent

    return bring
