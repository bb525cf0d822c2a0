"""`/desk/groups`: who is in which group, what each is for, and how much each person takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.console.access import LEADER_ROLES, Visit, admit
from desk.console.confirming import ask_yes
from desk.console.elements import action, box, nothing, words
from desk.console.live_tabs import live_tabs
from desk.console.presence import standing_text
from desk.console.theme import frame
from desk.console.ticket.dialogs import Field, Values, fill_in
from desk.errors import DeskError, InvalidInput
from desk.locale import t
from desk.routing.groups import Colleague, Group, colleagues, groups
from desk.routing.managing import MOST_CAPACITY, remove_group, save_group, set_capacity
from desk.routing.settings import current_settings
from desk.routing.topics import known_topics

CSS = "".join(
    (Path(__file__).parent / name).read_text(encoding="utf-8")
    for name in ("live.css", "groups.css")
)
SHOWN_TOPICS = 6


@dataclass(frozen=True, slots=True)
class _Shown:
    groups: Sequence[Group]
    people: Sequence[Colleague]


def _read(session: Session, _leader: Staff) -> _Shown:
    return _Shown(groups(session), colleagues(session))


async def groups_page(request: Request) -> Response | None:
    """Build the page for leaders."""
    visit = await admit(request, *LEADER_ROLES)
    if isinstance(visit, Response):
        return visit
    ui.add_css(CSS)
    with frame(visit, active="live"):
        page = GroupsPage(visit)
    await page.refresh()
    return None


class GroupsPage:
    """One leader's open page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with box("k-groups", tag="main"):
            with box("k-groups-head"):
                with box(""):
                    words(t("groups.title"), tag="h1")
                    words(t("groups.hint"), "k-groups-hint", tag="p")
                live_tabs("groups")
                look = "unelevated color=primary"
                action(t("groups.add"), lambda: self._edit(None), look=look, icon="add")
            self._body = box("")

    async def refresh(self) -> None:
        """Read and draw everything."""
        with self._visit.errors_shown():
            shown = await self._visit.read(_read)
            self._body.clear()
            with self._body:
                self._draw_groups(shown)
                self._draw_people(shown.people)

    def _draw_groups(self, shown: _Shown) -> None:
        if not shown.groups:
            nothing(t("groups.none_title"), t("groups.none_hint"), classes="k-groups-none")
            return
        names = {one.id: one.display_name for one in shown.people}
        with box("k-table k-plain", tag="table"):
            with box(tag="thead"), box(tag="tr"):
                for column in ("name", "topics", "members", "act"):
                    words(t(f"groups.column_{column}"), tag="th").props("scope=col")
            with box(tag="tbody"):
                for group in shown.groups:
                    self._draw_group(group, names)

    def _draw_group(self, group: Group, names: dict[int, str]) -> None:
        with box(tag="tr").props(f"data-group={group.id}"):
            words(group.name, "k-groups-name", tag="td")
            with box(tag="td"):
                _chips([known_topics().get(one, one) for one in group.topics])
                if not group.topics:
                    words(t("groups.any_topic"))
            members = [names[one] for one in group.members if one in names]
            words("、".join(members) or t("groups.no_members"), tag="td")
            with box("k-cell-time", tag="td"):
                action(t("groups.edit"), partial(self._edit, group), classes="k-small")
                action(t("groups.remove"), partial(self._remove, group), classes="k-small")

    def _draw_people(self, people: Sequence[Colleague]) -> None:
        usual = current_settings().capacity
        words(t("groups.people"), "k-groups-part", tag="h2")
        words(t("groups.people_hint", usual=usual), "k-groups-hint", tag="p")
        if not people:
            words(t("groups.people_none"), "k-empty", tag="div")
            return
        with box("k-table k-plain", tag="table"):
            with box(tag="thead"), box(tag="tr"):
                for column in ("person", "role", "state", "load", "capacity", "column_act"):
                    words(t(f"groups.{column}"), tag="th").props("scope=col")
            with box(tag="tbody"):
                for one in sorted(people, key=lambda each: (each.role != "agent", each.id)):
                    with box(tag="tr").props(f"data-person={one.id}"):
                        words(one.display_name, tag="td")
                        words(t(f"console.role_{one.role}"), tag="td")
                        words(standing_text(one.standing), tag="td")
                        words(str(one.load), tag="td")
                        words(str(one.capacity), tag="td")
                        with box("k-cell-time", tag="td"):
                            change = partial(self._capacity, one)
                            action(t("groups.set_capacity"), change, classes="k-small")

    async def _edit(self, group: Group | None) -> None:
        with self._visit.errors_shown():
            people = (await self._visit.read(_read)).people
            if await _GroupForm(self._visit, group, people).ask():
                self._visit.tell(t("groups.saved"))
        await self.refresh()

    async def _remove(self, group: Group) -> None:
        question = t("groups.remove_question", name=group.name)
        if not await ask_yes(self._visit, title=t("groups.remove"), question=question):
            return
        with self._visit.errors_shown():
            await self._visit.write(lambda session, staff: remove_group(session, staff, group.id))
            self._visit.tell(t("groups.removed"))
        await self.refresh()

    async def _capacity(self, one: Colleague) -> None:
        async def work(given: Values) -> None:
            capacity = _whole_number(given["capacity"])
            await self._visit.write(
                lambda session, staff: set_capacity(session, staff, one.id, capacity)
            )

        field = Field(
            "capacity",
            t("groups.capacity_field"),
            "line",
            value=str(one.capacity),
            is_required=False,
            limit=3,
        )
        title = t("groups.capacity_of", name=one.display_name)
        if await fill_in(
            self._visit, title=title, fields=[field], submit=t("groups.save"), work=work
        ):
            self._visit.tell(t("groups.capacity_saved"))
            await self.refresh()


class _GroupForm:
    """The dialog of one group; it stays open until the group is stored."""

    def __init__(self, visit: Visit, group: Group | None, people: Sequence[Colleague]) -> None:
        self._visit = visit
        self._group = group
        names = {one.id: one.display_name for one in people}
        members = [one for one in group.members if one in names] if group else []
        with visit.client:
            self._dialog = ui.dialog().props("persistent")
        with self._dialog, ui.card().classes("k-dialog"):
            title = t("groups.edit_of", name=group.name) if group else t("groups.add")
            words(title, "k-dialog-title", tag="h2")
            self._name = ui.input(t("groups.name"), value=group.name if group else "")
            self._name.props("outlined dense autofocus maxlength=32").classes("w-full")
            self._topics = ui.select(
                dict(known_topics()),
                label=t("groups.topics"),
                value=[one for one in group.topics if one in known_topics()] if group else [],
                multiple=True,
                with_input=True,
            )
            self._topics.props("outlined dense use-chips").classes("w-full")
            self._members = ui.select(
                names,
                label=t("groups.members"),
                value=members,
                multiple=True,
                with_input=True,
            )
            self._members.props("outlined dense use-chips").classes("w-full")
            self._problem = words("", "k-dialog-problem", tag="p").props("role=alert")
            self._problem.visible = False
            with box("k-dialog-foot"):
                action(t("console.cancel"), lambda: self._dialog.submit(None))
                look = "unelevated color=primary"
                action(t("groups.save"), self._save, look=look)

    async def ask(self) -> bool:
        """Show the dialog; tells whether the group was stored."""
        outcome = await self._dialog
        self._dialog.delete()
        return bool(outcome)

    async def _save(self) -> None:
        def work(session: Session, staff: Staff) -> None:
            save_group(
                session,
                staff,
                self._group.id if self._group else None,
                name=str(self._name.value or ""),
                topics=list(self._topics.value or ()),
                members=list(self._members.value or ()),
            )

        try:
            await self._visit.write(work)
        except DeskError as error:
            self._problem.set_text(t(error.key, **error.details))
            self._problem.visible = True
        else:
            self._dialog.submit(True)


def _chips(names: Sequence[str]) -> None:
    for name in names[:SHOWN_TOPICS]:
        words(name, "k-chip k-groups-chip")
    if len(names) > SHOWN_TOPICS:
        words(t("groups.more", n=len(names)), "k-cell-sub")


def _whole_number(text: str) -> int | None:
    """Return the number a person typed, None for nothing; full-width digits count too."""
    if not text:
        return None
    if not text.isdecimal():
        raise InvalidInput("errors.capacity_invalid", field="capacity", most=MOST_CAPACITY)
    return int(text)
