"""Viewing a home: what the record says about it, then an appointment inside the viewing hours."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from actions.answers.asked import Asked
from actions.answers.home_facts import home_name
from actions.answers.homes import homes_meant
from actions.answers.registry import answer_turn
from actions.base import Reply, Say, conversation_in, get_desk, source_key
from actions.case_questions import AskAction
from actions.cases import opened_values
from actions.forms.guided import GuidedForm
from actions.forms.submit import SubmitAction
from actions.forms.view import CANCELLED, SKIPPED, FormView, Step
from actions.parsing.replies import is_refusal
from actions.turn import Turn
from actions.visit_times import check_time, day_text, hours, time_text
from desk.clock import to_local, utc_now
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.service import open_ticket
from scripts_library.reading.phones import read_phone
from scripts_library.reading.times import read_when


class ValidateViewingForm(GuidedForm):
    """Takes the appointment; leaving it is always possible."""

    form = "viewing_form"
    own_intents = frozenset(("ask_viewing",))
    optional = frozenset(("visit_phone",))
    is_offer = True
    extra_slots = ("visit_day",)
    readers: ClassVar[Mapping[str, Any]] = {
        "visit_time": lambda _: None,
        "visit_phone": lambda _: None,
    }

    def wanted(self, values: Mapping[str, Any]) -> Sequence[str]:
        return ("visit_time", "visit_phone")

    async def begin(self, view: FormView) -> Step:
        answer = await get_desk().database.run(answer_turn, view.turn, "ask_viewing")
        # Which home it is to be can be settled when the appointment is confirmed.
        says = tuple(say for say in answer.says if say.response != "utter_which_home")
        slots = {**answer.slots, "pending_intent": None, "pending_text": None}
        step = await self.read(view)
        return Step((*says, *step.says), {**slots, **step.slots})

    async def read(self, view: FormView) -> Step:
        phone = self._phone(view)
        when = self._when(view) if view.requested != "visit_phone" else Step()
        return Step((*when.says, *phone.says), {**when.slots, **phone.slots})

    def _phone(self, view: FormView) -> Step:
        is_asked = view.asks("visit_phone")
        if is_asked and is_refusal(view.plain):
            return self.skip(view)
        found = read_phone(view.plain, is_asked=is_asked)
        if found.number:
            return Step(slots={"visit_phone": found.number})
        if is_asked and found.problem:
            misses = int(view.values.get("form_misses") or 0) + 1
            if misses > 2:
                return self.skip(view)
            said = Say(f"utter_phone_{found.problem}", {"digits": found.digits})
            return Step((said,), {"form_misses": misses})
        return Step()

    def _when(self, view: FormView) -> Step:
        now = to_local(utc_now())
        stored = view.values.get("visit_day")
        when = read_when(view.plain, now, day=date.fromisoformat(stored) if stored else None)
        if when.at is None:
            return Step(slots={"visit_day": when.day.isoformat()} if when.day else {})
        wrong = check_time(when.at, now, "visit")
        if wrong:
            return Step((wrong,), {"visit_day": None})
        return Step(slots={"visit_time": when.at.isoformat(), "visit_day": None})

    def after_miss(self, view: FormView) -> Step:
        step = super().after_miss(view)
        # The appointment was an offer: who names no time twice does not want it.
        return Step(outcome=CANCELLED) if step.outcome else step

    def help_for(self, slot: str) -> str:
        return "utter_help_visit_time" if slot == "visit_time" else "utter_help_case_phone"


class ActionAskVisitTime(AskAction):
    """Asks for day and hour, or only for the hour."""

    action_name = "action_ask_visit_time"

    async def reply(self, turn: Turn) -> Reply:
        stored = turn.slots.get("visit_day")
        if stored:
            values = {"day": day_text(date.fromisoformat(stored)), **hours()}
            return Reply((Say("utter_ask_visit_hour", values),))
        return Reply((Say("utter_ask_visit_time", hours()),))


class ActionSubmitViewing(SubmitAction):
    """Opens the appointment's ticket; a person confirms it."""

    action_name = "action_submit_viewing"
    form_slots = ("visit_day", "visit_time", "visit_phone")
    cancelled_response = "utter_visit_cancelled"

    async def submit(self, turn: Turn) -> Reply:
        ticket, what = await get_desk().database.run(self._open, turn)
        moment = datetime.fromisoformat(str(turn.slots["visit_time"]))
        values = {"time": time_text(moment), "what": what, **opened_values(ticket)}
        return Reply((Say("utter_viewing_opened", values),))

    def _open(self, session: Session, turn: Turn) -> tuple[Ticket, str]:
        homes = homes_meant(session, Asked("ask_viewing", "", turn))
        is_one = len(homes) == 1
        what = (
            home_name(homes[0])
            if is_one
            else turn.slots.get("home_estate") or "房源到时由置业顾问介绍"
        )
        moment = datetime.fromisoformat(str(turn.slots["visit_time"]))
        phone = turn.slots.get("visit_phone")
        phone = None if phone == SKIPPED else phone
        ticket = open_ticket(
            session,
            NewTicket(
                kind="viewing",
                description=f"预约看房：{time_text(moment)}，{what}",
                conversation_id=conversation_in(session, turn),
                source_key=source_key(turn, "viewing"),
                intent="ask_viewing",
                # The question for the phone says what it is for; giving it is the consent.
                has_consent=bool(phone),
                phone=phone,
                reply_channel="phone" if phone else "chat",
                estate=homes[0].estate if is_one else turn.slots.get("home_estate"),
                building=homes[0].building if is_one else None,
                occurred=time_text(moment),
            ),
        )
        return ticket, what
