"""`/desk/knowledge/unanswered`: what the bot could not answer, and what is made of it."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from nicegui import background_tasks, ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.catalog.intents import intent_names
from desk.clock import utc_now
from desk.console.access import Visit, admit
from desk.console.choosing import as_choice, hear_choices
from desk.console.elements import box, moment, nothing, words
from desk.console.knowledge_pages.shell import Pager, knowledge_frame
from desk.console.knowledge_pages.unanswered_detail import UnansweredDetail
from desk.knowledge import unanswered
from desk.knowledge.listing import EDIT_ROLES
from desk.knowledge.unanswered import KINDS, Group
from desk.locale import t

PAGE_SIZE = 30
DAYS = (7, 30, 90)
ALL = "all"


async def unanswered_page(request: Request) -> Response | None:
    """Build the page."""
    visit = await admit(request, *EDIT_ROLES)
    if isinstance(visit, Response):
        return visit
    with knowledge_frame(visit, "unanswered"), box("k-qa is-wide"):
        page = UnansweredPage(visit)
    await page.refresh()
    return None


class UnansweredPage:
    """One open page: groups of questions on the left, the chosen one on the right."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._days, self._kind = DAYS[1], ALL
        self._groups: Sequence[Group] = ()
        self._chosen: int | None = None
        with box("k-pane", tag="section"):
            with box("k-pane-search"):
                days = {one: t(f"knowledge.days_{one}") for one in DAYS}
                kinds = {one: t(f"knowledge.kind_{one}") for one in (ALL, *KINDS)}
                self._select(days, self._days, "unanswered_days", self._set_days)
                self._select(kinds, ALL, "unanswered_kind", self._set_kind)
                words(t("knowledge.unanswered_hint"), "k-card-why", tag="div")
                self._total = words("", "k-card-why", tag="div").props("role=status")
            self._place = box("k-pane-scroll")
            hear_choices(self._place, "group", lambda name: self._choose(int(name)))
            self._pager = Pager(PAGE_SIZE, self._turn)
        self._detail = UnansweredDetail(visit, on_settled=self._settled)
        self._detail.clear()

    async def refresh(self) -> None:
        """Read the groups again."""
        days, kinds = self._days, KINDS if self._kind == ALL else (self._kind,)

        def read(session: Session, staff: Staff) -> list[Group]:
            return unanswered.groups(session, staff, days=days, kinds=kinds)

        with self._visit.errors_shown():
            found = await self._visit.read(read)
            if not self._place.is_deleted:
                self._groups = found
                self._draw()

    def _select(self, options: dict[Any, str], value: Any, label: str, on_change: Any) -> None:
        select = ui.select(options, value=value, label=t(f"knowledge.{label}"))
        select.props("outlined dense options-dense")
        select.on_value_change(lambda event: on_change(event.value))

    def _set_days(self, days: int) -> None:
        self._days, self._pager.page = days, 0
        background_tasks.create(self.refresh())

    def _set_kind(self, kind: str) -> None:
        self._kind, self._pager.page = kind, 0
        background_tasks.create(self.refresh())

    async def _turn(self) -> None:
        self._draw()

    def _draw(self) -> None:
        messages = sum(group.total for group in self._groups)
        text = t("knowledge.unanswered_total", groups=len(self._groups), messages=messages)
        self._total.set_text(text)
        self._place.clear()
        with self._place:
            if not self._groups:
                empty, hint = (t(f"knowledge.unanswered_empty{one}") for one in ("", "_hint"))
                nothing(empty, hint)
            for group in self._groups[self._pager.offset :][:PAGE_SIZE]:
                self._entry(group)
        self._pager.show(len(self._groups))

    def _entry(self, group: Group) -> None:
        entry = box("k-entry", tag="button").props("type=button")
        is_open = group.example_id == self._chosen
        entry.props["aria-current"] = "true" if is_open else "false"
        with as_choice(entry, "group", group.example_id):
            with box("k-entry-top"):
                words(group.example, "k-entry-name")
                words(t("knowledge.times", count=group.total), "k-count")
            if group.intent:
                name = intent_names().get(group.intent, group.intent)
                words(t("knowledge.understood_as", intent=name), "k-entry-text", tag="div")
            with box("k-entry-foot"):
                words("、".join(t(f"knowledge.kind_{kind}") for kind in group.kinds))
                words(t("knowledge.last_at", at=moment(group.last_at, utc_now())))

    async def _choose(self, example_id: int) -> None:
        group = next((one for one in self._groups if one.example_id == example_id), None)
        if group is None:
            return
        self._chosen = example_id
        self._draw()
        await self._detail.open(group)

    async def _settled(self) -> None:
        self._chosen = None
        self._detail.clear()
        await self.refresh()
