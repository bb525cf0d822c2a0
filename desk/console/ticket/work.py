"""What people do with a ticket: supplement, note, urge, press, change its state, stop its clock."""

from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.console.elements import box
from desk.console.ticket.dialogs import Field
from desk.console.ticket.feedback import ask_question
from desk.console.ticket.parts import panel, small
from desk.locale import t
from desk.tickets import service
from desk.tickets.domain import may_follow
from desk.tickets.handling import assign
from desk.tickets.models import SETTLED_STATES, Ticket, TicketState
from desk.tickets.pausing import pause, resume
from desk.tickets.pressing import press
from desk.tickets.view import state_name

if TYPE_CHECKING:
    from desk.console.ticket.page import TicketPage
    from desk.console.ticket.reading import TicketView

CHOSEN_STATES = (TicketState.IN_PROGRESS, TicketState.WAITING_CUSTOMER)
"""States to choose by hand; resolved and closed come by feedback, survey or a manager's reason."""
Given = dict[str, str]


def show_work(page: "TicketPage", view: "TicketView") -> None:
    """Draw the section; nothing for those who only read, or once the ticket was merged."""
    if not view.may_work or view.standing is not None:
        return
    is_closed = view.ticket.state == TicketState.CLOSED
    with panel(t("ticket_page.work"), name="work"), box("k-actions"):
        if not is_closed:
            small(t("ticket_page.supplement"), lambda: _supplement(page))
        small(t("ticket_page.note"), lambda: _note(page))
        if is_closed:
            return
        if view.is_desk:
            small(t("ticket_page.urge"), lambda: _urge(page))
            small(t("ticket_page.assign"), lambda: _assign(page, view))
        if view.is_leader:
            small(t("ticket_page.press"), lambda: _press(page), look="outline color=warning")
        for state in CHOSEN_STATES:
            if may_follow(view.ticket.state, state):
                small(t(f"ticket_page.to_{state}"), partial(_go, page, state))
        if view.is_desk and view.ticket.state not in SETTLED_STATES:
            _clock(page, view.ticket)


def _clock(page: "TicketPage", ticket: Ticket) -> None:
    if ticket.paused_since is None:
        small(t("ticket_page.pause"), lambda: _pause(page))
    elif ticket.state != TicketState.WAITING_CUSTOMER:

        def go_on(session: Session, staff: Staff, ticket: Ticket, _given: Given) -> None:
            resume(session, ticket, actor=staff.login, reason="other")

        small(t("ticket_page.resume"), lambda: page.act(go_on, done=t("ticket_page.resumed")))


async def _supplement(page: "TicketPage") -> None:
    def work(session: Session, staff: Staff, ticket: Ticket, given: Given) -> None:
        service.supplement(session, ticket, given["text"], actor=staff.login)

    field = Field("text", t("ticket_page.supplement_text"), limit=4000)
    await page.ask(t("ticket_page.supplement"), [field], work, done=t("ticket_page.supplemented"))


async def _note(page: "TicketPage") -> None:
    def work(session: Session, staff: Staff, ticket: Ticket, given: Given) -> None:
        service.note(session, ticket, given["text"], actor=staff.login)

    field = Field("text", t("ticket_page.note_text"), limit=4000)
    hint = t("console.note_hint")
    await page.ask(t("ticket_page.note"), [field], work, done=t("console.note_saved"), hint=hint)


async def _urge(page: "TicketPage") -> None:
    def work(session: Session, staff: Staff, ticket: Ticket, _given: Given) -> None:
        service.urge(session, ticket, actor=staff.login)

    await page.act(work, done=t("ticket_page.urged_done"))


async def _press(page: "TicketPage") -> None:
    def work(session: Session, staff: Staff, ticket: Ticket, given: Given) -> None:
        press(session, staff, ticket, given["text"])

    field = Field("text", t("ticket_page.press_text"), is_required=False)
    hint = t("ticket_page.press_hint")
    await page.ask(
        t("ticket_page.press"), [field], work, done=t("ticket_page.pressed_done"), hint=hint
    )


async def _assign(page: "TicketPage", view: "TicketView") -> None:
    def work(session: Session, staff: Staff, ticket: Ticket, given: Given) -> None:
        assign(session, staff, ticket, int(given["recipient"]))

    people = {str(key): name for key, name in view.responsible.items()}
    present = str(view.ticket.recipient_id or page.visit.staff.id)
    value = present if present in people else ""
    field = Field("recipient", t("ticket_page.recipient"), "choice", value, people)
    await page.ask(t("ticket_page.assign"), [field], work, done=t("ticket_page.assigned"))


async def _go(page: "TicketPage", state: TicketState) -> None:
    if state == TicketState.WAITING_CUSTOMER:
        await ask_question(page)
        return

    def work(session: Session, staff: Staff, ticket: Ticket, given: Given) -> None:
        text = given["text"] or None
        service.change_state(session, ticket, state, actor=staff.login, text=text)

    field = Field("text", t("ticket_page.state_text"), is_required=False)
    done = t("ticket_page.state_changed", state=state_name(state))
    await page.ask(t(f"ticket_page.to_{state}"), [field], work, done=done)


async def _pause(page: "TicketPage") -> None:
    def work(session: Session, staff: Staff, ticket: Ticket, given: Given) -> None:
        pause(session, ticket, reason="other", actor=staff.login, text=given["text"])

    field = Field("text", t("ticket_page.pause_text"))
    hint = t("ticket_page.pause_hint")
    await page.ask(t("ticket_page.pause"), [field], work, done=t("ticket_page.paused"), hint=hint)
