"""Taking down a complaint: what the form asks for, and what becomes of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from actions.base import Handover, Reply, Say, conversation_in, get_desk
from actions.cases import new_ticket, opened_values
from actions.forms import case_readers as read
from actions.forms.case_form import CONFIRM, CaseForm
from actions.forms.submit import SubmitAction
from actions.forms.view import CANCELLED, DANGER, FAILED, HANDOVERS, FormView, Step
from actions.parsing.matters import is_matter, without_personal_data
from actions.turn import Turn
from desk.tickets.models import Ticket
from desk.tickets.service import find_ticket, open_ticket, supplement, tickets_of_conversation

SUPPLEMENT = "supplement"
SLOTS = (
    "case_target",
    "case_consent",
    "case_matter",
    "case_place",
    "case_time",
    "case_wish",
    "case_name",
    "case_phone",
    "case_confirmed",
    "offer_ticket",
)


def read_target(view: FormView) -> str | None:
    """Return whether an open complaint is continued (`same`) or a new one begins (`new`)."""
    if view.turn.button in ("same_case", "new_case"):
        return "same" if view.turn.button == "same_case" else "new"
    if not view.asks("case_target"):
        return None
    if any(word in view.plain for word in ("另一", "别的", "新的", "不同", "其他", "不是一")):
        return "new"
    if any(word in view.plain for word in ("同一", "一样", "补充", "就是这", "还是那")):
        return "same"
    answer = read.yes_or_no(view)
    return None if answer is None else ("same" if answer else "new")


class ValidateComplaintForm(CaseForm):
    """The complaint form (R-B1)."""

    form = "complaint_form"
    own_intents = frozenset(("file_complaint", "request_repair", "make_suggestion"))
    opening = "utter_apologize"
    extra_slots = ("case_place", "case_phone", "case_confirmed", "offer_ticket")
    readers = {  # noqa: RUF012
        "case_target": read_target,
        "case_consent": read.read_consent,
        "case_matter": read.read_matter,
        "case_time": read.read_case_time,
        "case_wish": read.read_case_wish,
        "case_name": read.read_case_name,
    }

    async def begin(self, view: FormView) -> Step:
        step = await super().begin(view)
        number = await get_desk().database.look(open_complaint, view.turn.conversation_id)
        slots = {"case_target": None if number else "new", "offer_ticket": number}
        return Step(step.says, {**step.slots, **slots}, step.outcome)

    async def look_up(self, view: FormView, step: Step) -> Step:
        if step.slots.get("case_target") == "same" and not step.outcome:
            return Step(step.says, step.slots, outcome=SUPPLEMENT)
        return step

    def wanted(self, values: Mapping[str, Any]) -> Sequence[str]:
        """Angry customers are asked less, anonymous ones not for name and phone."""
        wanted = ["case_target", "case_consent", "case_matter", "case_place"]
        if not values.get("form_calmed"):
            wanted += ["case_time", "case_wish"]
        if values.get("case_consent"):
            wanted += ["case_name", "case_phone"]
        return [*wanted, CONFIRM]


def open_complaint(session: Session, conversation_id: str) -> str | None:
    """Return the number of the conversation's newest complaint that is not closed."""
    mine = tickets_of_conversation(session, conversation_id)
    return next((t.number for t in mine if t.kind == "complaint" and t.state != "closed"), None)


class ActionSubmitComplaint(SubmitAction):
    """Opens or supplements the complaint's ticket; a major one goes to a person at once."""

    action_name = "action_submit_complaint"
    form_slots = SLOTS

    async def submit(self, turn: Turn) -> Reply:
        ticket = await get_desk().database.run(self._open, turn)
        says = (Say("utter_complaint_opened", opened_values(ticket)),)
        if ticket.severity == "major":
            return Reply(says, handover=Handover("major_complaint", is_urgent=True))
        return Reply(says)

    async def end_early(self, turn: Turn, outcome: str) -> Reply:
        if outcome == SUPPLEMENT:
            return await get_desk().database.run(self._supplement, turn)
        if outcome in (CANCELLED, FAILED) or not turn.slots.get("case_matter"):
            return await super().end_early(turn, outcome)
        # A person takes over in the middle: what was said so far must not be lost.
        ticket = await get_desk().database.run(self._open, turn, is_danger=outcome == DANGER)
        says = (Say("utter_case_taken_along", {"number": ticket.number}),)
        if outcome == DANGER or ticket.severity == "major":
            return Reply(says, handover=Handover("major_complaint", is_urgent=True))
        return Reply(says, handover=HANDOVERS[outcome])

    def _open(self, session: Session, turn: Turn, *, is_danger: bool = False) -> Ticket:
        severity = "major" if is_danger else None
        return open_ticket(session, new_ticket(session, turn, "complaint", severity=severity))

    def _supplement(self, session: Session, turn: Turn) -> Reply:
        number = str(turn.slots.get("offer_ticket"))
        ticket = find_ticket(session, number)
        if ticket.conversation_id != conversation_in(session, turn):
            return Reply((Say("utter_progress_none"),))
        text = str(turn.slots.get("case_matter") or "")
        if not is_matter(text):
            text = "客户再次反映同一件事，要求尽快处理"
        supplement(session, ticket, without_personal_data(text), actor="bot")
        return Reply((Say("utter_supplemented", opened_values(ticket)),))
