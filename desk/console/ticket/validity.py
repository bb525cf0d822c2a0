"""Whether a complaint is valid: the clerk's proposal, the supervisor's decision, and refusals."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.adopting import with_slots
from desk.console.elements import box, moment, words
from desk.console.suggesting import known_values
from desk.console.ticket.dialogs import Field
from desk.console.ticket.parts import panel, small
from desk.locale import t
from desk.tickets.models import Ticket, TicketKind, TicketState
from desk.tickets.validity import (
    REASON_LIMIT,
    VALIDITIES,
    Opinion,
    decide_validity,
    propose_validity,
    refusal_scripts,
)
from desk.tickets.view import actor_name, validity_name

if TYPE_CHECKING:
    from desk.console.ticket.page import TicketPage
    from desk.console.ticket.reading import TicketView


def show_validity(page: "TicketPage", view: "TicketView") -> None:
    """Draw the section, for complaints only."""
    ticket = view.ticket
    if ticket.kind != TicketKind.COMPLAINT:
        return
    with panel(t("ticket_page.validity"), name="validity") as buttons:
        if ticket.state != TicketState.CLOSED:
            with buttons:
                if view.is_leader:
                    small(t("ticket_page.decide"), lambda: _judge(page, view, is_decision=True))
                elif view.is_desk and ticket.validity is None:
                    small(t("ticket_page.propose"), lambda: _judge(page, view, is_decision=False))
        if not view.opinions:
            words(t("ticket_page.validity_open"), "k-card-why", tag="div")
        for opinion in view.opinions:
            _opinion(opinion, view.names)


def refusals(page: "TicketPage", ticket: Ticket) -> dict[str, str]:
    """Return polite refusals from the script library, what is known filled in."""
    known = known_values(page.visit.desk.company, page.visit.staff, [ticket])
    scripts = refusal_scripts(page.visit.desk.scripts.scripts)
    return {
        t("ticket_page.refusal", n=number): with_slots(script.text, known)
        for number, script in enumerate(scripts, 1)
    }


def _opinion(opinion: Opinion, names: Mapping[str, str]) -> None:
    key = "ticket_page.decided" if opinion.is_decision else "ticket_page.proposed"
    with box("k-card"):
        words(t(key, validity=validity_name(opinion.validity)), "k-line-title")
        words(opinion.reason, "k-card-text", tag="div")
        who = f"{actor_name(opinion.actor, names)} · {moment(opinion.at, utc_now())}"
        words(who, "k-card-why", tag="div")


async def _judge(page: "TicketPage", view: "TicketView", *, is_decision: bool) -> None:
    judge = decide_validity if is_decision else propose_validity

    def work(session: Session, staff: Staff, ticket: Ticket, given: dict[str, str]) -> None:
        judge(session, staff, ticket, given["validity"], given["reason"])

    proposed = view.opinions[-1].validity if view.opinions else ""
    choices = {name: validity_name(name) for name in VALIDITIES}
    fields = [
        Field("validity", t("ticket_page.validity"), "choice", proposed, choices),
        Field("reason", t("ticket_page.validity_reason"), limit=REASON_LIMIT),
    ]
    key = "decide" if is_decision else "propose"
    await page.ask(
        t(f"ticket_page.{key}"),
        fields,
        work,
        done=t("ticket_page.validity_saved"),
        hint=t("ticket_page.validity_hint"),
    )
