"""Towards the customer's satisfaction: coordination, feedback, and a manager's closing."""

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.elements import box, moment, words
from desk.console.feedback_dialogs import ask_score, show_surveys
from desk.console.ticket.dialogs import Field, moment_field, read_moment
from desk.console.ticket.parts import panel, small
from desk.console.ticket.validity import refusals
from desk.errors import InvalidInput
from desk.feedback.coordinating import Position, coordinate
from desk.feedback.models import Coordination
from desk.feedback.service import ask_customer, close_with_reason, give_feedback
from desk.locale import t
from desk.tickets.models import Ticket, TicketState
from desk.tickets.view import due_text

if TYPE_CHECKING:
    from desk.console.ticket.page import TicketPage
    from desk.console.ticket.reading import TicketView

Given = dict[str, str]
WARNED = "errors.wording_warned"


def show_feedback(page: "TicketPage", view: "TicketView") -> None:
    """Draw the section."""
    is_open = view.ticket.state != TicketState.CLOSED and view.standing is None
    if not (view.coordinations or view.surveys or (is_open and view.is_desk)):
        return
    with panel(t("ticket_page.feedback"), name="feedback") as buttons:
        if is_open:
            with buttons:
                if view.is_leader:
                    small(t("ticket_page.coordinate"), lambda: _coordinate(page))
                if view.is_manager:
                    close = t("ticket_page.close")
                    small(close, lambda: _close(page), look="outline color=negative")
                if view.is_desk and view.ticket.state == TicketState.RESOLVED:
                    record = t("feedback.record_score")
                    small(record, lambda: ask_score(page.visit, view.ticket, page.refresh))
                if view.is_desk:
                    give = t("ticket_page.give_feedback")
                    small(give, lambda: _give(page, view), look="unelevated color=primary")
        words(t("ticket_page.feedback_hint"), "k-card-why", tag="div")
        for one in view.coordinations:
            _coordination(one)
        show_surveys(view.surveys)


def _coordination(one: Coordination) -> None:
    with box("k-card"):
        head = t("ticket_page.coordinated", who=one.led_by.display_name)
        words(f"{head} · {moment(one.held_at, utc_now())}", "k-line-title", tag="div")
        with box("k-rows", tag="ul"):
            for position in one.positions:
                words(t("ticket_page.position", **position), tag="li")
        words(t("ticket_page.agreed", agreement=one.agreement), "k-card-text", tag="div")
        if one.due_at:
            words(t("ticket_page.agreed_by", due=due_text(one.due_at)), "k-card-why", tag="div")


async def _give(page: "TicketPage", view: "TicketView") -> None:
    results = [one.result for one in view.transfers if one.result and one.state == "done"]
    presets = {t("ticket_page.use_result"): results[-1]} if results else {}
    if view.ticket.validity == "invalid":
        presets |= refusals(page, view.ticket)
    field = Field("text", t("ticket_page.feedback_text"), presets=presets)
    await page.ask_for(
        t("ticket_page.give_feedback"),
        [field],
        _Checked(page, give_feedback),
        done=t("ticket_page.feedback_given"),
        hint=t("ticket_page.give_hint"),
    )


async def ask_question(page: "TicketPage") -> None:
    """Ask for what the customer should add; they get it, and the ticket waits."""
    await page.ask_for(
        t("ticket_page.to_waiting_customer"),
        [Field("text", t("feedback.question"))],
        _Checked(page, ask_customer),
        done=t("feedback.asked"),
        hint=t("feedback.question_hint"),
    )


async def _close(page: "TicketPage") -> None:
    await page.ask_for(
        t("ticket_page.close"),
        [Field("text", t("ticket_page.close_reason"))],
        _Checked(page, close_with_reason),
        done=t("ticket_page.closed"),
        hint=t("ticket_page.close_hint"),
    )


async def _coordinate(page: "TicketPage") -> None:
    def work(session: Session, staff: Staff, ticket: Ticket, given: Given) -> None:
        coordinate(
            session,
            staff,
            ticket,
            held_at=read_moment(given["held_at"]),
            positions=_positions(given["positions"]),
            agreement=given["agreement"],
            due_at=read_moment(given["due_at"]) if given["due_at"] else None,
        )

    fields = [
        moment_field("held_at", t("ticket_page.held_at"), utc_now()),
        Field("positions", t("ticket_page.positions")),
        Field("agreement", t("ticket_page.agreement")),
        Field("due_at", t("ticket_page.agreement_due"), "moment", is_required=False),
    ]
    hint = t("ticket_page.positions_hint")
    done = t("ticket_page.coordination_saved")
    await page.ask(t("ticket_page.coordinate"), fields, work, done=done, hint=hint)


def _positions(text: str) -> list[Position]:
    """Read one participant a line: who, a colon, and what they wanted."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        who, mark, position = line.replace(":", "：", 1).partition("：")
        if not mark:
            raise InvalidInput("errors.position_line")
        found.append(Position(who.strip(), position.strip()))
    return found


class _Checked:
    """Says something to the customer; a warning of the wording check must be confirmed by a
    second click on the same text."""

    def __init__(self, page: "TicketPage", say: Any) -> None:
        self._page, self._say = page, say
        self._warned: str | None = None

    async def __call__(self, given: Given) -> None:
        text, checker = given["text"], self._page.visit.desk.checker

        def work(session: Session, staff: Staff, ticket: Ticket, _given: Given) -> None:
            confirmed = self._warned == text
            self._say(session, staff, ticket, text, checker=checker, is_confirmed=confirmed)

        try:
            await self._page.write(work, given)
        except InvalidInput as error:
            self._warned = text if error.key == WARNED else None
            raise
