"""axe-core finds nothing serious on any page, in any state, light and dark."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.desk.web.test_every_door import PAGES

GRAVE = ("serious", "critical")
LEADERS_PAGES = (
    *(page for page in PAGES if "{" not in page and page != "/desk/reports/rows"),
    "/desk/help/agent",
    "/desk/account",
)
"""Pages of the console, which a leader may open all."""

RULES: dict[str, tuple[str, ...]] = {"light": (), "dark": ("color-contrast",)}
"""Nothing but colours differs in the dark."""


def grave(page: Page, *rules: str) -> list[str]:
    """Return what axe-core finds serious or critical (by these rules only, if any are given): rule,
    and the first elements."""
    options = {"runOnly": list(rules)} if rules else None
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['id']}: " + " | ".join(node["html"][:120] for node in one["nodes"][:3])
        for one in found
        if one["impact"] in GRAVE
    ]


def with_answers(page: Page) -> None:
    for said in ("征求同意", "查进度", "请核对"):
        page.locator("#input").fill(said)
        page.locator("#input").press("Enter")
    expect(page.get_by_role("region", name="请核对登记内容")).to_be_visible()


def opened(button: str) -> Callable[[Page], None]:
    def open_(page: Page) -> None:
        page.get_by_role("button", name=button).click()
        expect(page.locator("dialog[open]")).to_be_visible()

    return open_


def cut_off(page: Page) -> None:
    page.context.set_offline(True)
    page.evaluate("() => dispatchEvent(new Event('offline'))")
    expect(page.locator("#banner")).to_be_visible()


STATES: dict[str, Callable[[Page], None]] = {
    "greeting": lambda page: None,
    "cards": with_answers,
    "word": opened("留言"),
    "link": opened("换设备继续"),
    "privacy": opened("个人信息如何使用"),
    "offline": cut_off,
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_customer_page_in_every_state(windows: Any, scheme: str) -> None:
    found = {}
    for name, reach in STATES.items():
        page = windows.open(width=390, height=844, color_scheme=scheme)
        page.goto(windows.url)
        expect(page.get_by_role("log")).to_contain_text("请问有什么可以帮您")
        reach(page)
        found[name] = grave(page)
    assert found == {name: [] for name in STATES}


def test_widget_open_and_closed(windows: Any) -> None:
    page = windows.open()
    page.goto(f"{windows.url}/demo/embed")
    expect(page.get_by_role("button", name="在线客服")).to_be_visible()
    assert grave(page) == []
    page.get_by_role("button", name="在线客服").click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("log")).to_contain_text("请问有什么可以帮您")
    assert grave(page) == []


def test_console(windows: Any) -> None:
    page, found = windows.staff("zhuguan"), {}
    first, second = "light", "dark"
    for path in LEADERS_PAGES:
        page.goto(f"{windows.url}{path}")
        for scheme in (first, second):
            # Its charts are drawn in new colours by a reload.
            reloads = path == "/desk/live/trends" and scheme == second
            with page.expect_navigation() if reloads else nullcontext():
                page.emulate_media(color_scheme=scheme)
            expect(page.locator("h1, h2, .q-page, main").first).to_be_visible()
            found[f"{path} {scheme}"] = grave(page, *RULES[scheme])
        # The next page begins as this one ends, so that a page changes in its own time only.
        first, second = second, first
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
