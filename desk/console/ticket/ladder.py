"""Who was told on the ladder and who took it up; and what was promised to the customer."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.elements import box, moment, words
from desk.console.ticket.parts import panel, small
from desk.escalation.models import Commitment, Escalation
from desk.escalation.service import acknowledge
from desk.locale import t
from desk.tickets.models import SETTLED_STATES, Ticket
from desk.tickets.view import due_text, level_name

if TYPE_CHECKING:
    from desk.console.ticket.page import TicketPage
    from desk.console.ticket.reading import TicketView

LOOK_OF_PROMISE = {"open": "is-queued", "kept": "is-good", "broken": "is-urgent"}


def show_ladder(page: "TicketPage", view: "TicketView") -> None:
    """Draw the section for a ticket that was escalated or promised something about."""
    if not (view.escalations or view.commitments):
        return
    with panel(t("ticket_page.ladder"), name="ladder", count=len(view.escalations)):
        for one in view.escalations:
            _escalation(page, view, one)
        for promise in view.commitments:
            _promise(promise)


def _escalation(page: "TicketPage", view: "TicketView", one: Escalation) -> None:
    now = utc_now()
    with box("k-card").props(f"data-escalation={one.id}"):
        with box("k-ticket-top"):
            words(t("ticket_page.duty") if one.duty else level_name(one.level), "k-line-title")
            if one.staff:
                words(one.staff.display_name, "k-line-who")
            words(moment(one.created_at, now), "k-line-at")
        words(*_standing(one, now), tag="div")
        is_open = one.acknowledged_at is None and one.acknowledge_by is not None
        if is_open and view.ticket.state not in SETTLED_STATES and _may_take(view, one):
            with box("k-card-foot"):
                small(
                    t("ticket_page.acknowledge"),
                    lambda: _acknowledge(page, one.id),
                    look="unelevated color=primary",
                )


def _standing(one: Escalation, now: datetime) -> tuple[str, str]:
    if one.acknowledged_at:
        at = moment(one.acknowledged_at, now)
        return t("ticket_page.acknowledged", at=at), "k-card-why"
    if one.acknowledge_by is None:
        return t("ticket_page.passed_over"), "k-card-why"
    by = due_text(one.acknowledge_by)
    look = "k-card-why k-late" if one.acknowledge_by < now else "k-card-why"
    return t("ticket_page.acknowledge_by", by=by), look


def _may_take(view: "TicketView", one: Escalation) -> bool:
    return view.is_leader or one.staff_id == view.staff.id


def _promise(promise: Commitment) -> None:
    with box("k-card"):
        with box("k-ticket-top"):
            words(t("ticket_page.promise"), "k-line-title")
            look = LOOK_OF_PROMISE.get(promise.state, "")
            words(t(f"ticket_page.promise_{promise.state}"), f"k-chip {look}")
        words(promise.what, "k-card-text", tag="div")
        words(t("ticket_page.promise_due", due=due_text(promise.due_at)), "k-card-why", tag="div")


async def _acknowledge(page: "TicketPage", escalation_id: int) -> None:
    def work(session: Session, staff: Staff, _ticket: Ticket, _given: dict[str, str]) -> None:
        acknowledge(session, staff, escalation_id)

    await page.act(work, done=t("ticket_page.acknowledged_done"))
