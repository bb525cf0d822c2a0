"""Taking down a repair: shorter than a complaint, and with a room for the technician."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from actions.base import Handover, Reply, Say, get_desk
from actions.cases import new_ticket, opened_values
from actions.forms import case_readers as read
from actions.forms.case_form import CONFIRM, CaseForm
from actions.forms.submit import SubmitAction
from actions.forms.view import CANCELLED, DANGER, FAILED, HANDOVERS, FormView, Step
from actions.turn import Turn
from actions.visit_times import check_time
from desk.clock import to_local, utc_now
from desk.tickets.models import Ticket
from desk.tickets.progress_card import progress_card
from desk.tickets.service import open_ticket
from scripts_library.reading.times import read_when

_VISIT = re.compile(
    r"(?:今天|今晚|明天|明早|后天|周末|(?:这|下)?(?:周|星期)[一二三四五六日天])[^,，。;；]{0,8}"
    r"(?=来|上门|过来|有人|在家|有空|方便)"
)
SLOTS = (
    "case_consent",
    "case_matter",
    "case_place",
    "case_time",
    "case_name",
    "case_phone",
    "case_confirmed",
)


def read_visit_time(view: FormView) -> str | None:
    """Return when the technician may come; when the thing broke is part of the matter."""
    if view.asks("case_time"):
        return read.read_case_time(view)
    wished = _VISIT.search(view.plain)
    return wished.group(0) if wished and read.may_replace(view, "case_time") else None


class ValidateRepairForm(CaseForm):
    """The repair form."""

    form = "repair_form"
    own_intents = frozenset(("request_repair", "file_complaint"))
    opening = "utter_start_repair"
    extra_slots = ("case_place", "case_phone", "case_confirmed", "case_target", "case_wish")
    readers = {  # noqa: RUF012
        "case_consent": read.read_consent,
        "case_matter": read.read_matter,
        "case_time": read_visit_time,
        "case_name": read.read_case_name,
    }

    async def read(self, view: FormView) -> Step:
        step = await super().read(view)
        now = to_local(utc_now())
        wished = read_when(str(step.slots.get("case_time") or ""), now).at
        wrong = check_time(wished, now, "repair") if wished else None
        if wrong is None:
            return step
        slots = {name: value for name, value in step.slots.items() if name != "case_time"}
        return Step((*step.says, wrong), {**slots, "form_misses": 0}, step.outcome)

    def wanted(self, values: Mapping[str, Any]) -> Sequence[str]:
        """Angry customers are not asked for a time, anonymous ones not for name and phone."""
        wanted = ["case_consent", "case_matter", "case_place"]
        if not values.get("form_calmed"):
            wanted.append("case_time")
        if values.get("case_consent"):
            wanted += ["case_name", "case_phone"]
        return [*wanted, CONFIRM]

    def is_missing(self, slot: str, values: Mapping[str, Any]) -> bool:
        if slot != "case_place":
            return values.get(slot) is None
        place = read.place_of(values)
        # A building alone sends the technician nowhere; but the room is asked for once only.
        was_asked = bool(place) and read.place_tries(values) > 1
        return not (place.room or place.has_public_place or was_asked)


class ActionSubmitRepair(SubmitAction):
    """Opens the repair's ticket."""

    action_name = "action_submit_repair"
    form_slots = SLOTS

    async def submit(self, turn: Turn) -> Reply:
        return await get_desk().database.run(self._open_and_tell, turn)

    async def end_early(self, turn: Turn, outcome: str) -> Reply:
        if outcome in (CANCELLED, FAILED) or not turn.slots.get("case_matter"):
            return await super().end_early(turn, outcome)
        is_danger = outcome == DANGER
        ticket = await get_desk().database.run(self._open, turn, is_danger=is_danger)
        says = (Say("utter_case_taken_along", {"number": ticket.number}),)
        urgent = Handover("major_complaint", is_urgent=True)
        return Reply(says, handover=urgent if is_danger else HANDOVERS[outcome])

    def _open_and_tell(self, session: Session, turn: Turn) -> Reply:
        ticket = self._open(session, turn)
        card = progress_card(session, ticket)
        return Reply((Say("utter_repair_opened", opened_values(ticket), card=card),))

    def _open(self, session: Session, turn: Turn, *, is_danger: bool = False) -> Ticket:
        severity = "major" if is_danger else None
        return open_ticket(session, new_ticket(session, turn, "repair", severity=severity))
