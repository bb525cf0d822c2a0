"""Suggestions and praise, recorded as said."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from actions.base import Reply, Say, conversation_in, get_desk, source_key
from actions.cases import opened_values
from actions.forms.guided import GuidedForm
from actions.forms.submit import SubmitAction
from actions.forms.view import FormView, Step
from actions.parsing.matters import has_words, is_matter, without_personal_data
from actions.parsing.replies import is_yes
from actions.turn import Turn
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.service import open_ticket


def read_feedback(view: FormView) -> str | None:
    """Return what the customer suggests or praises."""
    if view.asks("feedback_text"):
        return view.plain if has_words(view.plain, 2) and not is_yes(view.plain) else None
    return view.plain if is_matter(view.plain) else None


class ValidateFeedbackForm(GuidedForm):
    """Asks for the words, unless the first message has them."""

    form = "feedback_form"
    own_intents = frozenset(("make_suggestion", "give_praise"))
    extra_slots = ("feedback_kind",)
    free_text = frozenset(("feedback_text",))
    readers = {"feedback_text": read_feedback}  # noqa: RUF012

    def wanted(self, values: Mapping[str, Any]) -> Sequence[str]:
        return ("feedback_text",)

    async def begin(self, view: FormView) -> Step:
        step = await self.read(view)
        kind = view.turn.intent
        if kind == "give_praise" and not step.slots:
            # 「好评」「谢谢你们，很满意」 is the whole praise: nothing more is asked for.
            step = Step(slots={"feedback_text": view.plain or "好评"})
        return Step(slots={**step.slots, "feedback_kind": kind})


class ActionSubmitFeedback(SubmitAction):
    """Opens the ticket of a suggestion or praise."""

    action_name = "action_submit_feedback"
    form_slots = ("feedback_text", "feedback_kind")
    cancelled_response = "utter_feedback_cancelled"

    async def submit(self, turn: Turn) -> Reply:
        ticket = await get_desk().database.run(self._open, turn)
        is_praise = turn.slots.get("feedback_kind") == "give_praise"
        response = "utter_praise_recorded" if is_praise else "utter_suggestion_recorded"
        return Reply((Say(response, opened_values(ticket)),))

    def _open(self, session: Session, turn: Turn) -> Ticket:
        kind = str(turn.slots.get("feedback_kind") or "make_suggestion")
        title = "表扬" if kind == "give_praise" else "建议"
        return open_ticket(
            session,
            NewTicket(
                kind="suggestion",
                description=f"{title}：{without_personal_data(str(turn.slots['feedback_text']))}",
                conversation_id=conversation_in(session, turn),
                source_key=source_key(turn, "suggestion"),
                intent=kind,
            ),
        )
