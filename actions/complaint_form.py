"""Taking down a complaint: what the form asks for, and what becomes of it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from actions.base import Handover, Reply, Say, conversation_in, get_desk, source_key
from actions.cases import matters, new_ticket, opened_values
from actions.forms import case_readers as read
from actions.forms.case_form import CONFIRM, CaseForm
from actions.forms.submit import SubmitAction
from actions.forms.view import (
    CANCELLED,
    DANGER,
    FAILED,
    HANDOVERS,
    SKIPPED,
    FormView,
    Step,
)
from actions.parsing.matters import is_matter, without_personal_data
from actions.parsing.several import matters_of
from actions.turn import Turn
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.progress_card import progress_card
from desk.tickets.service import (
    find_ticket,
    open_ticket,
    supplement,
    tickets_of_conversation,
    triage_of,
)

if TYPE_CHECKING:
    from scripts_library.triage.classifier import Triage

SUPPLEMENT = "supplement"
ASK = "ask"
"""Value of `case_reply` after the customer chose to change it; else it follows from the phone."""
SLOTS = (
    "case_target",
    "case_consent",
    "case_matter",
    "case_parts",
    "case_split",
    "case_place",
    "case_time",
    "case_wish",
    "case_name",
    "case_phone",
    "case_reply",
    "case_email",
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


def read_split(view: FormView) -> str | None:
    """Return whether the matters of a letter are taken down `apart` or `together`."""
    if view.turn.button in ("split", "together"):
        return "apart" if view.turn.button == "split" else "together"
    if not view.asks("case_split"):
        return None
    if any(word in view.plain for word in ("合", "一起", "一张", "一个单", "不分", "不用分")):
        return "together"
    if any(word in view.plain for word in ("分", "两", "各", "单独")):
        return "apart"
    answer = read.yes_or_no(view)
    return None if answer is None else ("apart" if answer else "together")


class ValidateComplaintForm(CaseForm):
    """The complaint form (R-B1)."""

    form = "complaint_form"
    own_intents = frozenset(("file_complaint", "request_repair", "make_suggestion"))
    opening = "utter_apologize"
    extra_slots = ("case_place", "case_phone", "case_confirmed", "case_parts", "offer_ticket")
    optional = CaseForm.optional | {"case_reply", "case_email"}
    readers = {  # noqa: RUF012
        "case_target": read_target,
        "case_consent": read.read_consent,
        "case_matter": read.read_matter,
        "case_split": read_split,
        "case_time": read.read_case_time,
        "case_wish": read.read_case_wish,
        "case_name": read.read_case_name,
        "case_reply": read.read_case_reply,
        "case_email": read.read_case_email,
    }

    async def begin(self, view: FormView) -> Step:
        step = await super().begin(view)
        number = await get_desk().database.look(open_complaint, view.turn.conversation_id)
        slots = {"case_target": None if number else "new", "offer_ticket": number}
        return Step(step.says, {**step.slots, **slots}, step.outcome)

    async def read(self, view: FormView) -> Step:
        step = await super().read(view)
        if "case_matter" in step.slots and not view.values.get("case_parts"):
            parts = matters_of(str(step.slots["case_matter"] or ""))
            step = replace(step, slots={**step.slots, "case_parts": list(parts) or None})
        return self._reply_ready(view, step)

    def _reply_ready(self, view: FormView, step: Step) -> Step:
        """Ask for the phone again if the answer is wished by phone and it was left out."""
        wished = step.slots.get("case_reply")
        phone = {**view.values, **step.slots}.get("case_phone")
        if wished not in ("phone", "sms") or phone != SKIPPED:
            return step
        return replace(step, slots={**step.slots, "case_phone": None})

    async def look_up(self, view: FormView, step: Step) -> Step:
        if step.slots.get("case_target") == "same" and not step.outcome:
            return Step(step.says, step.slots, outcome=SUPPLEMENT)
        return step

    def is_missing(self, slot: str, values: Mapping[str, Any]) -> bool:
        if slot == "case_reply":
            return values.get(slot) == ASK
        return super().is_missing(slot, values)

    def _reopen(self, slot: str) -> Step:
        step = super()._reopen(slot)
        return replace(step, slots={**step.slots, slot: ASK}) if slot == "case_reply" else step

    def wanted(self, values: Mapping[str, Any]) -> Sequence[str]:
        """Angry customers are asked less, anonymous ones not for name and phone."""
        wanted = ["case_target", "case_consent", "case_matter"]
        is_calm = not values.get("form_calmed")
        if is_calm and values.get("case_parts"):
            wanted.append("case_split")
        wanted.append("case_place")
        if is_calm:
            wanted += ["case_time", "case_wish"]
        if values.get("case_consent"):
            wanted += ["case_name", "case_phone", "case_reply"]
            wanted += ["case_email"] if values.get("case_reply") == "email" else []
        return [*wanted, CONFIRM]


def open_complaint(session: Session, conversation_id: str) -> str | None:
    """Return the number of the conversation's newest complaint that is not closed."""
    mine = tickets_of_conversation(session, conversation_id)
    return next((t.number for t in mine if t.kind == "complaint" and t.state != "closed"), None)


def _opened(session: Session, tickets: Sequence[Ticket]) -> tuple[Say, ...]:
    response = "utter_complaint_opened" if len(tickets) == 1 else "utter_complaint_part"
    parts = tuple(
        Say(response, opened_values(ticket), card=progress_card(session, ticket))
        for ticket in tickets
    )
    if len(tickets) == 1:
        return parts
    return (Say("utter_complaints_opened", {"count": len(tickets)}), *parts)


def _all_matters(session: Session, turn: Turn) -> list[NewTicket]:
    told = matters(turn.slots)
    if len(told) == 1:
        return _one_matter(session, turn)
    return [
        new_ticket(session, turn, "complaint", matter=matter, key=f"complaint{i}")
        for i, matter in enumerate(told, start=1)
    ]


def _one_matter(session: Session, turn: Turn, *, is_danger: bool = False) -> list[NewTicket]:
    severity = "major" if is_danger else None
    return [new_ticket(session, turn, "complaint", severity=severity)]


async def _looked_at(
    what: Callable[..., list[NewTicket]], turn: Turn, **given: bool
) -> list[tuple[NewTicket, "Triage | None"]]:
    """Return what is to be opened with what triage says: before the transaction that opens it."""
    news = await get_desk().database.look(what, turn, **given)
    return [(new, await asyncio.to_thread(triage_of, new)) for new in news]


def _open_and_tell(
    session: Session, news: Sequence[tuple[NewTicket, "Triage | None"]]
) -> tuple[list[Ticket], tuple[Say, ...]]:
    tickets = [open_ticket(session, new, triage=triage) for new, triage in news]
    return tickets, _opened(session, tickets)


class ActionSubmitComplaint(SubmitAction):
    """Opens or supplements the complaint's ticket; a major one goes to a person at once."""

    action_name = "action_submit_complaint"
    form_slots = SLOTS

    async def submit(self, turn: Turn) -> Reply:
        news = await _looked_at(_all_matters, turn)
        tickets, says = await get_desk().database.run(_open_and_tell, news)
        if any(ticket.severity == "major" for ticket in tickets):
            return Reply(says, handover=Handover("major_complaint", is_urgent=True))
        return Reply(says)

    async def end_early(self, turn: Turn, outcome: str) -> Reply:
        if outcome == SUPPLEMENT:
            return await get_desk().database.run(self._supplement, turn)
        if outcome in (CANCELLED, FAILED) or not turn.slots.get("case_matter"):
            return await super().end_early(turn, outcome)
        # A person takes over in the middle: what was said so far must not be lost.
        news = await _looked_at(_one_matter, turn, is_danger=outcome == DANGER)
        (ticket,), _ = await get_desk().database.run(_open_and_tell, news)
        says = (Say("utter_case_taken_along", {"number": ticket.number}),)
        if outcome == DANGER or ticket.severity == "major":
            return Reply(says, handover=Handover("major_complaint", is_urgent=True))
        return Reply(says, handover=HANDOVERS[outcome])

    def _supplement(self, session: Session, turn: Turn) -> Reply:
        number = str(turn.slots.get("offer_ticket"))
        ticket = find_ticket(session, number)
        if ticket.conversation_id != conversation_in(session, turn):
            return Reply((Say("utter_progress_none"),))
        text = str(turn.slots.get("case_matter") or "")
        if not is_matter(text):
            text = "客户再次反映同一件事，要求尽快处理"
        said, key = without_personal_data(text), source_key(turn, SUPPLEMENT)
        supplement(session, ticket, said, actor="bot", source_key=key)
        return Reply((Say("utter_supplemented", opened_values(ticket)),))
