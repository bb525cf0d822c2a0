"""What every form's last action shares: outcomes that are not a submission, and a clean table."""

from abc import abstractmethod
from typing import ClassVar

from actions.base import DeskAction, Reply, Say, reset
from actions.forms.view import CONFIRMED, FAILED, HANDOVERS, SURVEY
from actions.survey import survey_reply
from actions.turn import Turn

FORM_SLOTS = ("form_outcome", "form_misses", "form_calmed")


class SubmitAction(DeskAction):
    """Runs when a form is done; empties the form's slots whatever happened."""

    form_slots: ClassVar[tuple[str, ...]]
    cancelled_response: ClassVar[str] = "utter_case_cancelled"

    @abstractmethod
    async def submit(self, turn: Turn) -> Reply:
        """Do what the filled form is for."""

    async def end_early(self, turn: Turn, outcome: str) -> Reply:
        """Reply to an outcome other than a submission."""
        if outcome in HANDOVERS:
            return Reply(handover=HANDOVERS[outcome])
        return Reply() if outcome == FAILED else Reply((Say(self.cancelled_response),))

    @property
    def resets(self) -> tuple[str, ...]:  # type: ignore[override]
        return (*self.form_slots, *FORM_SLOTS)

    async def reply(self, turn: Turn) -> Reply:
        outcome = turn.slots.get("form_outcome") or CONFIRMED
        done = await self._end(turn, str(outcome))
        return Reply(done.says, {**reset(self.resets), **done.slots}, done.handover)

    async def _end(self, turn: Turn, outcome: str) -> Reply:
        if outcome == CONFIRMED:
            return await self.submit(turn)
        if outcome == SURVEY:
            return await survey_reply(turn) or Reply((Say("utter_noted"),))
        return await self.end_early(turn, outcome)
