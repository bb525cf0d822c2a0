"""The engine of all forms: who stops, asks back, is angry or answers is decided here, once.

A form is Rasa's (`forms:` in the domain); the action `validate_<form>` runs at each message. It
never lets a message fall through by accident: either the form goes on, or it ends with an outcome
that `action_submit_*` reads, or it leaves (the message is then handled by the ordinary rules).
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Reply, Say, reset, utter
from actions.forms.asides import (
    answer_aside,
    end_of,
    is_aside,
    is_sent_twice,
    small_talk,
    wants_other_form,
)
from actions.forms.view import (
    CANCELLED,
    CONFIRMED,
    FAILED,
    SKIPPED,
    SURVEY,
    FormView,
    Step,
)
from actions.handover import ANGER_UNTIL_HANDOVER
from actions.parsing.mood import is_angry
from actions.parsing.replies import is_skip, is_stop
from actions.survey import is_survey_answer, survey_reply
from actions.turn import LONG_SILENCE_HOURS, read_turn

log = logging.getLogger(__name__)

Reader = Callable[[FormView], Any]
REQUESTED = "requested_slot"
MISSES_IN_A_ROW = 2


class GuidedForm(Action, ABC):
    """Base of the `validate_<form>` actions.

    Class attributes:
        form: name in the domain.
        readers: slot -> function that reads its value from a message, or None.
        optional: slots that may be skipped.
        free_text: slots that any words may answer.
        own_intents: intents that belong to this form.
        is_light: another wish ends the form instead of waiting for its end.
        is_offer: the customer did not ask for it, so any other question ends it while it is empty.
    """

    form: ClassVar[str]
    readers: ClassVar[Mapping[str, Reader]]
    optional: ClassVar[frozenset[str]] = frozenset()
    own_intents: ClassVar[frozenset[str]] = frozenset()
    extra_slots: ClassVar[tuple[str, ...]] = ()
    free_text: ClassVar[frozenset[str]] = frozenset()
    is_light: ClassVar[bool] = True
    is_offer: ClassVar[bool] = False

    def name(self) -> str:
        return f"validate_{self.form}"

    @property
    def slots(self) -> tuple[str, ...]:
        """All slots of the form, emptied at its start and its end."""
        return (*self.readers, *self.extra_slots)

    @abstractmethod
    def wanted(self, values: Mapping[str, Any]) -> Sequence[str]:
        """Return the slots to ask for, in order, as things stand."""

    async def begin(self, view: FormView) -> Step:
        """Open the form with the message that started it."""
        return await self.read(view)

    async def look_up(self, view: FormView, step: Step) -> Step:
        """Check what was read against the database; by default nothing is checked."""
        return step

    async def read(self, view: FormView) -> Step:
        """Return the values that the message holds."""
        found = {slot: reader(view) for slot, reader in self.readers.items()}
        return Step(slots={slot: value for slot, value in found.items() if value is not None})

    def is_missing(self, slot: str, values: Mapping[str, Any]) -> bool:
        """Tell whether a wanted slot still has to be asked for."""
        return values.get(slot) is None

    def after_miss(self, view: FormView) -> Step:
        """Say how to answer; the second time an optional slot is skipped, else a person helps."""
        slot, misses = str(view.requested), int(view.values.get("form_misses") or 0) + 1
        if misses < MISSES_IN_A_ROW:
            return Step((Say(self.help_for(slot)),), {"form_misses": misses})
        if slot in self.optional:
            return Step((Say("utter_noted_skip"),), {slot: SKIPPED, "form_misses": 0})
        return Step(outcome="handover_misunderstanding")

    def help_for(self, slot: str) -> str:
        """Return the response that tells how to answer."""
        return f"utter_help_{slot}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        turn = read_turn(tracker)
        requested = tracker.slots.get(REQUESTED)
        values = dict(tracker.slots) if requested else {**tracker.slots, **reset(self.slots)}
        view = FormView(turn, requested, values, is_angry(turn.plain))
        try:
            step = await (self._go_on(view) if requested else self._start(view))
            step = await self.look_up(view, step)
        except Exception as error:
            log.error("%s failed: %s", self.name(), type(error).__name__)
            step = Step((Say("utter_trouble"),), outcome=FAILED)
        return self._events(dispatcher, view, step)

    def _events(
        self, dispatcher: CollectingDispatcher, view: FormView, step: Step
    ) -> list[EventType]:
        if step.leaves:
            events = [SlotSet(slot, None) for slot in (*self.slots, REQUESTED)]
            return [*events, ActiveLoop(None), ActionExecutionRejected(self.form)]
        fresh = {} if view.requested else {**reset(self.slots), "form_misses": 0}
        slots = {**fresh, **step.slots}
        events = utter(dispatcher, Reply(step.says, slots))
        outcome, following = step.outcome, None
        if outcome is None:
            values = {**view.values, **slots}
            missing = (slot for slot in self.wanted(values) if self.is_missing(slot, values))
            following = next(missing, None)
            outcome = None if following else CONFIRMED
        # A slot besides the requested one must be set, else Rasa takes the form as rejected.
        return [*events, SlotSet("form_outcome", outcome), SlotSet(REQUESTED, following)]

    async def _start(self, view: FormView) -> Step:
        if await is_survey_answer(view.turn):
            return Step(outcome=SURVEY)
        calmed = self._calm(view)
        step = await self.begin(view)
        if calmed.outcome:
            return Step(
                slots={**step.slots, **calmed.slots}, outcome=step.outcome or calmed.outcome
            )
        # The form's opening is the calming word; it is not said twice.
        return Step(step.says, {**calmed.slots, **step.slots}, step.outcome, step.leaves)

    async def _go_on(self, view: FormView) -> Step:
        if is_stop(view.plain) or (not view.turn.text and view.turn.intent == "cancel_form"):
            return Step(outcome=CANCELLED)
        if await is_survey_answer(view.turn, is_asked_else=True):
            answer = await survey_reply(view.turn)
            return Step(answer.says, {"form_misses": 0}) if answer else Step()
        calmed = self._calm(view)
        step = Step() if is_sent_twice(view, self.free_text) else await self.read(view)
        if calmed.outcome:
            return Step(slots={**step.slots, **calmed.slots}, outcome=calmed.outcome)
        if not self._answers(view, step):
            step = end_of(view) or await self._understand(view, step)
        back = (Say("utter_welcome_back"),) if view.turn.silent_hours > LONG_SILENCE_HOURS else ()
        return Step(
            (*back, *calmed.says, *step.says),
            {"form_misses": 0, **calmed.slots, **step.slots},
            step.outcome,
            step.leaves,
        )

    def _answers(self, view: FormView, step: Step) -> bool:
        """Tell whether the message gave just what was asked for, in a form that can't be a wish.

        A phone number is one whatever the classifier takes it for; a free text may be a question.
        """
        slot = str(view.requested)
        return step.slots.get(slot) is not None and slot not in self.free_text

    def _calm(self, view: FormView) -> Step:
        """Say one calming line at the first angry message; the second goes to a person."""
        if not view.is_angry:
            return Step()
        count = int(view.values.get("anger_count") or 0) + 1
        if count >= ANGER_UNTIL_HANDOVER:
            return Step(slots={"anger_count": 0, "form_misses": 0}, outcome="handover_anger")
        return Step((Say("utter_calm"),), {"anger_count": count, "form_calmed": True})

    async def _understand(self, view: FormView, step: Step) -> Step:
        slot = str(view.requested)
        if view.turn.button == "skip" and slot in self.optional:
            return self.skip(view)
        if is_aside(view):
            is_untouched = self.is_offer and not any(view.values.get(s) for s in self.slots)
            return Step(leaves=True) if is_untouched else await self._answer(view)
        if slot in self.optional and is_skip(view.plain):
            return self.skip(view)
        if step.slots or step.says or step.outcome or step.leaves:
            return step
        if is_sent_twice(view, self.free_text):
            return Step()
        chat = small_talk(view)
        if chat:
            return Step(chat.says)
        if wants_other_form(view, self.own_intents):
            return Step(leaves=True) if self.is_light else Step((Say("utter_after_form"),))
        return Step() if view.is_angry else self.after_miss(view)

    def skip(self, view: FormView) -> Step:
        """Leave the requested slot out."""
        return Step((Say("utter_noted_skip"),), {str(view.requested): SKIPPED, "form_misses": 0})

    async def _answer(self, view: FormView) -> Step:
        reply = await answer_aside(view)
        return Step(reply.says, reply.slots)
