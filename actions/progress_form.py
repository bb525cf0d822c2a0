"""How a ticket stands: this conversation's own at once, others after a check (R-B7)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from actions.base import Handover, Reply, Say, get_desk
from actions.cards import progress_say
from actions.case_questions import AskAction
from actions.forms.guided import GuidedForm
from actions.forms.submit import SubmitAction
from actions.forms.view import FormView, Step
from actions.parsing.replies import is_urging
from actions.turn import Turn
from desk.outbox.codes import can_send_codes, send_code
from desk.tickets.models import Ticket
from desk.tickets.numbers import parse_number
from desk.tickets.progress import Progress, ask_progress
from desk.tickets.service import tickets_of_conversation, urge
from scripts_library.reading.phones import read_last4, read_phone
from scripts_library.reading.places import read_place

MOST_TRIES = 3
MOST_SHOWN = 3
OWN = "own"
"""Value of `progress_ref`: the tickets of this conversation."""
CHECKED = "checked"
"""Value of `progress_proof`: nothing has to be proved."""
LOCKED = "locked"
_CODE = re.compile(r"(?<!\d)\d{3}[ -]?\d{3}(?!\d)")


def read_ref(view: FormView) -> str | None:
    """Return a ticket number or a phone number."""
    if view.asks("progress_proof"):
        return None
    return (
        parse_number(view.plain)
        or read_phone(view.plain, is_asked=view.asks("progress_ref")).number
    )


def read_proof(view: FormView) -> str | None:
    """Return what shows that the ticket is the customer's, if it was asked for.

    With a ticket number the last four digits of its phone, with a phone the code that was sent to
    it or, where no text messages go out, the room of the ticket.
    """
    if not view.asks("progress_proof"):
        return None
    if parse_number(str(view.values.get("progress_ref"))):
        return read_last4(view.plain)
    if can_send_codes():
        return read_code(view.plain)
    return read_place(view.plain, is_asked=True).room


def read_code(text: str) -> str | None:
    """Return the only run of six digits in a text, written together or in groups."""
    found = _CODE.findall(text)
    return re.sub(r"\D", "", found[0]) if len(found) == 1 else None


class ValidateProgressForm(GuidedForm):
    """Asks which ticket, and checks that it is the customer's."""

    form = "progress_form"
    own_intents = frozenset(("ask_ticket_progress",))
    readers = {"progress_ref": read_ref, "progress_proof": read_proof}  # noqa: RUF012

    def wanted(self, values: Mapping[str, Any]) -> Sequence[str]:
        is_own = values.get("progress_ref") == OWN
        return ("progress_ref",) if is_own else ("progress_ref", "progress_proof")

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
        ref, proof = values.get("progress_ref"), values.get("progress_proof")
        if step.outcome or step.leaves or not ref or ref == OWN:
            return step
        found = await get_desk().database.run(checked, view.turn.conversation_id, ref, proof)
        if found.is_locked:
            return Step(outcome=LOCKED)
        if found.tickets:
            slots = {"progress_proof": proof or CHECKED, "progress_tries": 0}
            return Step(step.says, {**step.slots, **slots})
        if found.needs_proof:
            return step
        tries = int(view.values.get("progress_tries") or 0) + 1
        slots = {"progress_ref": None, "progress_proof": None, "progress_tries": tries}
        if tries >= MOST_TRIES:
            return Step(slots=slots, outcome=LOCKED)
        return Step((Say("utter_progress_not_matching"),), {**step.slots, **slots})

    def help_for(self, slot: str) -> str:
        if slot == "progress_ref":
            return "utter_help_progress_ref"
        return "utter_help_progress_code" if can_send_codes() else "utter_help_progress_proof"


class ActionAskProgressProof(AskAction):
    """Asks for what shows that the ticket is the customer's."""

    action_name = "action_ask_progress_proof"

    async def reply(self, turn: Turn) -> Reply:
        is_number = parse_number(str(turn.slots.get("progress_ref"))) is not None
        if is_number:
            return Reply((Say("utter_ask_progress_last4"),))
        is_sent = can_send_codes()
        return Reply((Say("utter_ask_progress_code" if is_sent else "utter_ask_progress_room"),))


def checked(session: Session, conversation_id: str, ref: str, proof: str | None) -> Progress:
    """Ask the desk for the tickets of a number or phone; wrong tries are counted there.

    Where a phone is to be checked by a code, the code is sent.
    """
    number = parse_number(ref)
    by_code = number is None and can_send_codes()
    found = ask_progress(
        session,
        conversation_id=conversation_id,
        number=number,
        phone=None if number else ref,
        proof=None if proof == CHECKED else proof,
        by_code=by_code,
    )
    if by_code and found.needs_proof:
        is_sent = send_code(session, conversation_id=conversation_id, phone=ref)
        return found if is_sent else Progress(is_locked=True)
    return found


def own_tickets(session: Session, conversation_id: str) -> list[Ticket]:
    """Return the conversation's tickets that are not closed, newest first; else the newest."""
    mine = tickets_of_conversation(session, conversation_id)
    return [ticket for ticket in mine if ticket.state != "closed"] or mine[:1]


def tickets_meant(session: Session, turn: Turn) -> list[Ticket]:
    """Return the tickets a checked reference stands for."""
    ref, proof = str(turn.slots.get("progress_ref")), turn.slots.get("progress_proof")
    if ref == OWN:
        return own_tickets(session, turn.conversation_id)
    return list(checked(session, turn.conversation_id, ref, proof).tickets)


class ActionSubmitProgress(SubmitAction):
    """Tells how the ticket stands and records that the customer presses (催办)."""

    action_name = "action_submit_progress"
    form_slots = ("progress_ref", "progress_proof")

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
        says = [progress_say(session, ticket) for ticket in tickets]
        if is_urging(turn.plain) and tickets[0].state not in ("resolved", "closed"):
            urge(session, tickets[0], actor="customer", said=turn.plain)
            says.append(Say("utter_urged"))
        return Reply(tuple(says))
