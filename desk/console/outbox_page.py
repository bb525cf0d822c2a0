"""`/desk/outbox`: messages that failed or may have gone out, for leaders to decide; webhooks."""

from collections.abc import Callable, Sequence
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.access import LEADER_ROLES, Visit, admit
from desk.console.confirming import ask_yes
from desk.console.elements import action, box, empty, moment, words
from desk.console.live import Listener, Refresher
from desk.console.outbox_webhooks import WebhookSection
from desk.console.theme import frame
from desk.fanout import NOTICE_CHANNEL
from desk.locale import t, texts
from desk.outbox import deciding
from desk.outbox.models import OutboxMessage, OutboxState
from desk.tickets.models import Ticket

CSS = (Path(__file__).resolve().parent / "outbox.css").read_text(encoding="utf-8")
Row = tuple[OutboxMessage, str | None]
Decide = Callable[[Session, Staff, int], object]


async def outbox_page(request: Request) -> Response | None:
    """Build the page for supervisors and above."""
    visit = await admit(request, *LEADER_ROLES)
    if isinstance(visit, Response):
        return visit
    ui.add_css(CSS)
    with frame(visit, active="outbox"):
        OutboxPage(visit)
    return None


class OutboxPage:
    """The list of messages that wait for a decision."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with box("k-outbox"):
            words(t("outbox.page_title"), "k-dialog-title", tag="h1")
            words(t("outbox.page_hint"), "k-dialog-text", tag="p")
            self._place = box("k-outbox-list")
            self._webhooks = WebhookSection(visit)
        self._refresher = Refresher(visit.client, self._refresh)
        self._listener = Listener(
            visit.desk.fanout, visit.client, lambda _event: self._refresher.request()
        )
        self._listener.listen_to(NOTICE_CHANNEL)
        self._refresher.request()
        ui.timer(0, self._webhooks.refresh, once=True)

    async def _refresh(self) -> None:
        with self._visit.errors_shown():
            rows = await self._visit.read(_read)
            if not self._place.is_deleted:
                self._draw(rows)

    def _draw(self, rows: Sequence[Row]) -> None:
        self._place.clear()
        with self._place:
            if not rows:
                empty(t("outbox.page_empty"))
                return
            with box("k-table", tag="table"):
                self._head()
                with box(tag="tbody"):
                    for message, number in rows:
                        self._row(message, number)

    def _head(self) -> None:
        with box(tag="thead"), box(tag="tr"):
            for name in ("state", "channel", "to", "ticket", "text", "error", "at", "decide"):
                words(t(f"outbox.column_{name}"), tag="th")

    def _row(self, message: OutboxMessage, number: str | None) -> None:
        with box(tag="tr").props(f"data-message={message.id}"):
            with box(tag="td"):
                look = "is-urgent" if message.state == OutboxState.FAILED else ""
                words(t(f"outbox.state_{message.state}"), f"k-chip {look}")
            words(t(f"outbox.channel_{message.channel}"), tag="td")
            words(deciding.masked_address(message), tag="td")
            with box(tag="td"):
                if number:
                    words(number, "k-number", tag="a").props(f"href=/desk/tickets/{number}")
            words(message.subject or message.body[:60], tag="td")
            words(t("outbox.tried", n=message.attempts, error=_reason(message)), tag="td")
            words(moment(message.created_at, utc_now()), "k-cell-time", tag="td")
            with box("k-outbox-decide", tag="td"):
                action(t("outbox.resend"), lambda: self._resend(message), look="outline")
                action(t("outbox.discard"), lambda: self._discard(message))

    async def _resend(self, message: OutboxMessage) -> None:
        key = "resend_uncertain" if message.state == OutboxState.UNCERTAIN else "resend_failed"
        await self._decide(message, "resend", key, deciding.resend)

    async def _discard(self, message: OutboxMessage) -> None:
        await self._decide(message, "discard", "discard_question", deciding.discard)

    async def _decide(
        self, message: OutboxMessage, name: str, question: str, decide: Decide
    ) -> None:
        if not await ask_yes(
            self._visit, title=t(f"outbox.{name}"), question=t(f"outbox.{question}")
        ):
            return
        with self._visit.errors_shown():
            await self._visit.write(lambda session, staff: decide(session, staff, message.id))
            self._visit.tell(t(f"outbox.{name}_done"))
        self._refresher.request()


def _reason(message: OutboxMessage) -> str:
    """Return why it did not go out, in words where there are some."""
    code = message.last_error or ""
    known: dict[str, str] = texts("outbox")["reasons"]
    return known.get(code, code)


def _read(session: Session, staff: Staff) -> list[Row]:
    messages = deciding.problems(session, staff)
    ids = {message.ticket_id for message in messages if message.ticket_id}
    rows = session.query(Ticket.id, Ticket.number).filter(Ticket.id.in_(ids))
    numbers = {row.id: row.number for row in rows}
    return [(message, numbers.get(message.ticket_id or 0)) for message in messages]
