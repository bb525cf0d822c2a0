"""The dialog that passes a conversation on: to a colleague or a group; departments get a ticket."""

from dataclasses import dataclass

from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.console.access import Visit
from desk.console.elements import action, box, words
from desk.console.pinyin_search import best_fit
from desk.console.presence import standing_text
from desk.conversations.models import Conversation
from desk.locale import t
from desk.routing.groups import Colleague, Group, colleagues, groups
from desk.routing.presence import Presence
from desk.tickets.service import tickets_of_conversation

NOTE_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom to pass it on to (one of both ids), under which name, and what to tell them."""

    name: str
    staff_id: int | None = None
    group_id: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    colleagues: list[Colleague]
    groups: list[Group]
    tickets: tuple[str, ...]


async def ask_for_successor(visit: Visit, conversation: Conversation) -> Choice | None:
    """Ask who goes on with a conversation; None if nobody else is to."""

    def read(session: Session, staff: Staff) -> _Known:
        holder = conversation.assigned_to_id
        others = [one for one in colleagues(session) if one.id != holder]
        tickets = tickets_of_conversation(session, conversation.id)
        return _Known(others, groups(session), tuple(one.number for one in tickets))

    known = None
    with visit.errors_shown():
        known = await visit.read(read)
    if known is None:
        return None
    dialog = _Dialog(visit, known)
    answer = await dialog.ask()
    return answer if isinstance(answer, Choice) else None


class _Dialog:
    def __init__(self, visit: Visit, known: _Known) -> None:
        self._known = known
        self._chosen: Choice | None = None
        self._entries: list[tuple[ui.element, Choice]] = []
        with visit.client, ui.dialog() as self._dialog, ui.card().classes("k-dialog is-wide"):
            words(t("workbench.transfer_title"), "k-dialog-title", tag="h2")
            self._search = ui.input(on_change=lambda event: self._draw(event.value or ""))
            self._search.props(
                f'outlined dense autofocus aria-label="{t("workbench.transfer_search")}" '
                f'placeholder="{t("workbench.transfer_search")}"'
            ).classes("w-full")
            self._search.on("keydown.enter", self._take_first)
            self._list = box("k-choices")
            self._department()
            self._note = ui.textarea(t("workbench.transfer_note"))
            self._note.props(f"outlined dense autogrow maxlength={NOTE_LIMIT}").classes("w-full")
            with box("k-dialog-foot"):
                action(t("console.cancel"), lambda: self._dialog.submit(None))
                self._go = action(
                    t("workbench.transfer_go"), self._submit, look="unelevated color=primary"
                )
        self._go.set_enabled(False)
        self._draw("")

    async def ask(self) -> object:
        answer = await self._dialog
        self._dialog.delete()
        return answer

    def _department(self) -> None:
        with box("k-dialog-text"):
            words(t("workbench.transfer_department"))
            for number in self._known.tickets:
                link = words(number, "k-number k-link", tag="a")
                link.props(f"href=/desk/tickets/{number} target=_blank")
            if not self._known.tickets:
                words(t("workbench.transfer_no_ticket"))

    def _draw(self, wanted: str) -> None:
        self._list.clear()
        self._entries = []
        with self._list:
            for group in self._known.groups:
                choice = Choice(group.name, group_id=group.id)
                if not wanted or best_fit(wanted, (group.name,)):
                    self._entry(choice, t("workbench.group_of", n=len(group.members)), "")
            for one in self._known.colleagues:
                choice = Choice(one.display_name, staff_id=one.id)
                if not wanted or best_fit(wanted, (one.display_name,)):
                    load = t("workbench.load", n=one.load, limit=one.capacity)
                    state = standing_text(one.standing)
                    self._entry(choice, f"{state} · {load}", str(one.standing.presence))
            if not self._entries:
                words(t("workbench.transfer_nobody"), "k-empty", tag="div")

    def _entry(self, choice: Choice, about: str, presence: str) -> None:
        entry = box("k-choice", tag="button").props("type=button aria-pressed=false")
        with entry:
            box(f"k-dot is-{presence or Presence.AVAILABLE}").props("aria-hidden=true")
            words(choice.name, "k-choice-name")
            words(about, "k-cell-sub")
        entry.on("click", lambda: self._choose(choice))
        self._entries.append((entry, choice))

    def _choose(self, choice: Choice) -> None:
        self._chosen = choice
        for entry, other in self._entries:
            entry.props["aria-pressed"] = "true" if other == choice else "false"
        self._go.set_enabled(True)

    def _take_first(self) -> None:
        if self._entries:
            self._choose(self._entries[0][1])

    def _submit(self) -> None:
        if self._chosen:
            one, note = self._chosen, (self._note.value or "").strip()[:NOTE_LIMIT]
            self._dialog.submit(Choice(one.name, one.staff_id, one.group_id, note))
