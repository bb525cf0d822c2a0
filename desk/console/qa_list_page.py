"""What QA's pages with a list and what is chosen of it share: opening, columns, decisions."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol, TypeVar

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui

from desk.console.access import QA_ROLES, Visit, admit
from desk.console.choosing import hear_choices
from desk.console.elements import action, box, detail_panel
from desk.console.qa_shell import Keys, qa_frame
from desk.locale import t

Decision = TypeVar("Decision")


class ListPage(Protocol):
    """One open page of QA's."""

    def keys(self) -> Keys:
        """Return the page's keys."""

    def build(self) -> None:
        """Add the page's parts."""

    async def refresh(self) -> None:
        """Read and show everything again."""


async def open_page(
    request: Request, name: str, make_page: Callable[[Visit], ListPage]
) -> Response | None:
    """Build a page for QA and leaders; `name` is the one it has among QA's links."""
    visit = await admit(request, *QA_ROLES)
    if isinstance(visit, Response):
        return visit
    page = make_page(visit)
    with qa_frame(visit, name, page.keys()):
        page.build()
    await page.refresh()
    return None


def list_and_detail(on_choose: Callable[[str], object]) -> tuple[ui.element, ui.element]:
    """Add the two columns; return where the list goes, and where what is chosen.

    `on_choose` is called with the name of the `row` that is pressed in the list.
    """
    with box("k-qa"):
        with box("k-qa-list", tag="section"):
            place = box("k-qa-scroll")
        hear_choices(place, "row", on_choose)
        return place, detail_panel()


def decision_buttons(
    choices: Iterable[tuple[Decision, str, str, str]], decide: Callable[[Decision], object]
) -> None:
    """Add a button for each choice: the decision, its name, Quasar's colour and its key."""
    with box("k-decide"):
        for decision, name, color, key in choices:
            button = action(name, partial(decide, decision), look=f"outline color={color}")
            button.props(f"data-shortcut={key}").tooltip(t("quality.key", press=key))
