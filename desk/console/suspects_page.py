"""`/desk/suspects`: conversations that read like complaints and led to no ticket, for QA."""

from collections.abc import Sequence
from functools import partial

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.access import QA_ROLES, Visit, admit
from desk.console.choosing import as_choice, hear_choices
from desk.console.elements import action, box, customer_name, detail_panel, moment, nothing, words
from desk.console.tabs import Tabs
from desk.console.theme import frame
from desk.console.ticket.page import CSS
from desk.console.ticket.parts import ticket_link
from desk.console.transcript import show_message
from desk.conversations import service as conversations
from desk.conversations.models import Message
from desk.locale import t
from desk.reviews import suspects
from desk.reviews.models import Suspect

PAGE_SIZE = 50
MESSAGES_SHOWN = 60
DECISIONS = ("open", "complaint", "none")


async def suspects_page(request: Request) -> Response | None:
    """Build the page for QA and leaders."""
    visit = await admit(request, *QA_ROLES)
    if isinstance(visit, Response):
        return visit
    ui.add_css(CSS)
    with frame(visit, active="suspects"):
        page = SuspectsPage(visit)
    await page.refresh()
    return None


class SuspectsPage:
    """One open page: the list, the conversation that was chosen, and the decision."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._decision = DECISIONS[0]
        self._chosen: str | None = None
        with box("k-qa"):
            with box("k-qa-list", tag="section"):
                names = {name: t(f"suspects.tab_{name}") for name in DECISIONS}
                self._tabs = Tabs(names, self._turn)
                self._list = box("k-qa-scroll")
                hear_choices(self._list, "suspect", self._choose)
            self._detail = detail_panel()

    async def refresh(self) -> None:
        """Read the list and the chosen conversation again."""
        wanted = (self._decision, self._chosen)
        with self._visit.errors_shown():
            page, messages, number = await self._visit.read(partial(_read, *wanted))
            if wanted != (self._decision, self._chosen):
                # Another list or conversation was chosen while this one was read.
                return
            self._tabs.show(self._decision, {self._decision: page.total})
            self._list.clear()
            with self._list:
                self._draw_list(page.rows)
            chosen = next((o for o in page.rows if o.conversation_id == self._chosen), None)
            self._detail.clear()
            with self._detail:
                self._draw_detail(chosen, messages, number)

    async def _turn(self, decision: str) -> None:
        self._decision, self._chosen = decision, None
        await self.refresh()

    def _draw_list(self, rows: Sequence[Suspect]) -> None:
        if not rows:
            nothing(t(f"suspects.empty_{self._decision}"), t("suspects.empty_hint"))
            return
        for row in rows:
            entry = box("k-entry k-suspect", tag="button").props("type=button")
            entry.props["aria-current"] = "true" if row.conversation_id == self._chosen else "false"
            with as_choice(entry, "suspect", row.conversation_id):
                with box("k-entry-top"):
                    words(customer_name(row.conversation_id), "k-entry-name")
                    words(
                        t("suspects.score", percent=min(99, round(row.score * 100))),
                        "k-chip is-urgent",
                    )
                    words(moment(row.found_at, utc_now()), "k-cell-sub")
                with box("k-ticket-top"):
                    for word in row.words:
                        words(word, "k-mark k-warn")

    async def _choose(self, conversation_id: str) -> None:
        self._chosen = conversation_id
        await self.refresh()

    def _draw_detail(
        self, chosen: Suspect | None, messages: Sequence[Message], number: str | None
    ) -> None:
        if chosen is None:
            nothing(t("suspects.pick"), t("suspects.pick_hint"), has_help=False)
            return
        with box("k-section", tag="section"):
            words(t("suspects.judge"), "k-title", tag="h2")
            if number:
                words(t("suspects.became"), "k-cell-sub")
                ticket_link(number)
            if chosen.decision == "open":
                with box("k-decide"):
                    action(
                        t("suspects.open_ticket"),
                        partial(self._open, chosen.conversation_id),
                        look="unelevated color=negative",
                    )
                    action(
                        t("suspects.dismiss"),
                        partial(self._dismiss, chosen.conversation_id),
                        look="outline color=positive",
                    )
        with box("k-section", tag="section"):
            words(t("console.transcript"), "k-title", tag="h2")
            with box("k-log"):
                for message in messages:
                    show_message(message, utc_now())

    async def _open(self, conversation_id: str) -> None:
        with self._visit.errors_shown():
            number = await self._visit.write(
                lambda session, staff: (
                    suspects.open_from_suspect(session, staff, conversation_id).number
                )
            )
            self._visit.tell(t("suspects.opened", number=number))
            self._chosen, self._decision = conversation_id, "complaint"
        await self.refresh()

    async def _dismiss(self, conversation_id: str) -> None:
        def work(session: Session, staff: Staff) -> None:
            suspects.dismiss(session, staff, conversation_id)

        with self._visit.errors_shown():
            await self._visit.write(work)
            self._visit.tell(t("suspects.dismissed"))
            self._chosen = None
        await self.refresh()


def _read(
    decision: str, chosen: str | None, session: Session, staff: Staff
) -> tuple[suspects.SuspectPage, list[Message], str | None]:
    page = suspects.list_suspects(session, staff, decision=decision, limit=PAGE_SIZE)
    if chosen is None:
        return page, [], None
    suspect = suspects.find_suspect(session, staff, chosen)
    start = max(0, suspect.last_seq - MESSAGES_SHOWN)
    messages = conversations.messages_after(session, chosen, start, for_staff=True)
    return page, messages, suspects.ticket_number(session, suspect)
