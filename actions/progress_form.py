"""How a ticket stands: this conversation's own at once, others after a check (R-B7)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from actions.base import Handover, Reply, Say, get_desk
from actions.forms.guided import GuidedForm
from actions.forms.submit import SubmitAction
from actions.forms.view import FormView, Step
from actions.parsing.replies import is_urging
from actions.turn import Turn
from desk.errors import NotFound
from desk.tickets.models import Ticket
from desk.tickets.numbers import parse_number
from desk.tickets.service import find_ticket, tickets_for_phone, tickets_of_conversation, urge
from desk.tickets.view import progress_text
from scripts_library.reading.phones import read_last4, read_phone

MOST_TRIES = 3
MOST_SHOWN = 3
OWN = "own"
"""Value of `progress_ref`: the tickets of this conversation."""
LOCKED = "locked"


def read_ref(view: FormView) -> str | None:
    """Return a ticket number or a phone number."""
    return (
        parse_number(view.plain)
        or read_phone(view.plain, is_asked=view.asks("progress_ref")).number
    )


def read_digits(view: FormView) -> str | None:
    """Return the phone's last four digits, if they were asked for."""
    return read_last4(view.plain) if view.asks("progress_last4") else None


class ValidateProgressForm(GuidedForm):
    """Asks which ticket, and checks that it is the customer's."""

    form = "progress_form"
    own_intents = frozenset(("ask_ticket_progress",))
    readers = {"progress_ref": read_ref, "progress_last4": read_digits}  # noqa: RUF012

    def wanted(self, values: Mapping[str, Any]) -> Sequence[str]:
        ref = values.get("progress_ref")
        is_number = bool(ref) and ref != OWN and parse_number(str(ref)) is not None
        return ("progress_ref", "progress_last4") if is_number else ("progress_ref",)

    async def begin(self, view: FormView) -> Step:
        if int(view.values.get("progress_tries") or 0) >= MOST_TRIES:
            return Step(outcome=LOCKED)
        step = await self.read(view)
        if not step.slots:
            mine = await get_desk().database.look(own_tickets, view.turn.conversation_id)
            return Step(slots={"progress_ref": OWN}) if mine else step
        return step

    async def look_up(self, view: FormView, step: Step) -> Step:
        values = {**view.values, **step.slots}
        ref, last4 = values.get("progress_ref"), values.get("progress_last4")
        if step.outcome or step.leaves or not ref or ref == OWN:
            return step
        if not parse_number(str(ref)):
            return step
        ticket = await get_desk().database.look(ticket_by_number, str(ref))
        is_own = ticket is not None and ticket.conversation_id == view.turn.conversation_id
        if is_own or (ticket and last4 and (ticket.phone or "").endswith(str(last4))):
            # Checked: the digits need not be asked for any more.
            return Step(step.says, {**step.slots, "progress_last4": "0000", "progress_tries": 0})
        if not last4:
            return step
        tries = int(view.values.get("progress_tries") or 0) + 1
        slots = {"progress_ref": None, "progress_last4": None, "progress_tries": tries}
        if tries >= MOST_TRIES:
            return Step(slots=slots, outcome=LOCKED)
        return Step((Say("utter_progress_not_matching"),), {**step.slots, **slots})


def ticket_by_number(session: Session, number: str) -> Ticket | None:
    """Return the ticket with this number, or None."""
    try:
        return find_ticket(session, number)
    except NotFound:
        return None


def own_tickets(session: Session, conversation_id: str) -> list[Ticket]:
    """Return the conversation's tickets that are not closed, newest first; else the newest."""
    mine = tickets_of_conversation(session, conversation_id)
    return [ticket for ticket in mine if ticket.state != "closed"] or mine[:1]


def tickets_meant(session: Session, turn: Turn) -> list[Ticket]:
    """Return the tickets a checked reference stands for."""
    ref = str(turn.slots.get("progress_ref"))
    if ref == OWN:
        return own_tickets(session, turn.conversation_id)
    if parse_number(ref):
        ticket = ticket_by_number(session, ref)
        return [ticket] if ticket else []
    return tickets_for_phone(session, ref)


class ActionSubmitProgress(SubmitAction):
    """Tells how the ticket stands and records that the customer presses (催办)."""

    action_name = "action_submit_progress"
    form_slots = ("progress_ref", "progress_last4")

    async def submit(self, turn: Turn) -> Reply:
        return await get_desk().database.run(self._tell, turn)

    async def end_early(self, turn: Turn, outcome: str) -> Reply:
        if outcome == LOCKED:
            says = (Say("utter_progress_too_many_tries"),)
            return Reply(says, handover=Handover("misunderstanding"))
        if outcome == "cancelled":
            return Reply((Say("utter_noted"),))
        return await super().end_early(turn, outcome)

    def _tell(self, session: Session, turn: Turn) -> Reply:
        tickets = tickets_meant(session, turn)[:MOST_SHOWN]
        if not tickets:
            return Reply((Say("utter_progress_none"),), {"pending_offer": "human"})
        text = "\n".join(progress_text(ticket) for ticket in tickets)
        says = [Say("utter_progress", {"fact": text})]
        if is_urging(turn.plain) and tickets[0].state not in ("resolved", "closed"):
            urge(session, tickets[0], actor="customer")
            says.append(Say("utter_urged"))
        return Reply(tuple(says))
