"""What complaints and repairs have in common when they are taken down (R-B1, R-B2)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from actions.base import Say, get_desk
from actions.forms import case_readers as read
from actions.forms.guided import GuidedForm
from actions.forms.view import DANGER, SKIPPED, FormView, Step
from actions.parsing.mood import is_dangerous
from actions.parsing.replies import is_correction, named_field
from desk.catalog.service import estates

CONFIRM = read.CONFIRM
MOST_PHONE_TRIES = 3
_CORRECTABLE = ("case_place", "case_time", "case_wish", "case_name", "case_phone", "case_email")


class CaseForm(GuidedForm):
    """Consent, matter, place, time, contact, confirmation, from any message in any order."""

    optional = frozenset(("case_time", "case_wish", "case_name", "case_phone"))
    free_text = frozenset(("case_matter", "case_time", "case_wish", "case_confirmed"))
    is_light = False
    opening: ClassVar[str]
    readers: ClassVar[Mapping[str, Any]]

    async def begin(self, view: FormView) -> Step:
        if is_dangerous(view.plain):
            # People first: no questions, a person takes over at once (R-B3).
            return Step((Say("utter_stay_safe"),), {"case_matter": view.plain}, outcome=DANGER)
        step = await self.read(view)
        return Step((Say(self.opening), *step.says), step.slots, step.outcome)

    async def read(self, view: FormView) -> Step:
        button = view.turn.button or ""
        if button.startswith("edit_"):
            return self._reopen(button.removeprefix("edit_"))
        slots = {s: value for s, r in self.readers.items() if (value := r(view)) is not None}
        if view.plain:
            names = await get_desk().database.look(estates)
            place = read.read_case_place(view, names)
            slots |= {"case_place": place} if place else {}
        says: list[Say] = []
        slots |= self._phone(view, slots, says) | read.refused(view)
        if slots.get("case_consent") is False:
            says.append(Say("utter_consent_anonymous"))
            slots |= {"case_name": None, "case_phone": None}
        return self._confirmed(view, slots, says)

    def skip(self, view: FormView) -> Step:
        """Leave the requested slot out; name and phone are asked, and left out, together."""
        slots: dict[str, Any] = {str(view.requested): SKIPPED, "form_misses": 0}
        if view.asks("case_name") and view.values.get("case_phone") is None:
            slots["case_phone"] = SKIPPED
        return Step((Say("utter_noted_skip"),), slots)

    def after_miss(self, view: FormView) -> Step:
        misses = int(view.values.get("form_misses") or 0) + 1
        if view.asks("case_consent") and misses >= 2:
            # No clear answer is no consent; the customer is helped all the same (R-B2).
            slots = {"case_consent": False, "form_misses": 0}
            return Step((Say("utter_consent_anonymous"),), slots)
        return super().after_miss(view)

    def help_for(self, slot: str) -> str:
        chosen = ("case_target", "case_consent", "case_split", "case_reply", CONFIRM)
        return "utter_help_choose" if slot in chosen else f"utter_help_{slot}"

    def _phone(self, view: FormView, slots: Mapping[str, Any], says: list[Say]) -> dict[str, Any]:
        found = read.phone_reading(view)
        if found.number:
            return {"case_phone": found.number} if read.may_replace(view, "case_phone") else {}
        if not found.problem or "case_place" in slots:
            return {}
        tries = int(view.values.get("form_misses") or 0) + 1
        if tries >= MOST_PHONE_TRIES:
            says.append(Say("utter_noted_skip"))
            return {"case_phone": SKIPPED, "form_misses": 0}
        says.append(Say(f"utter_phone_{found.problem}", {"digits": found.digits}))
        return {"form_misses": tries}

    def _confirmed(self, view: FormView, slots: dict[str, Any], says: list[Say]) -> Step:
        """Take the confirmation, or the correction that came instead of it."""
        if is_correction(view.plain) and any(
            slots.get(s) and view.values.get(s) not in (None, slots[s]) for s in _CORRECTABLE
        ):
            says.insert(0, Say("utter_corrected"))
        if not view.asks(CONFIRM) or slots:
            return Step(tuple(says), slots)
        if view.turn.button == "confirm":
            return Step(slots={CONFIRM: True})
        if view.turn.button == "edit":
            return Step(slots={"form_misses": 0})
        field = named_field(view.plain)
        if field and field in self.readers and is_correction(view.plain):
            return self._reopen(field)
        answer = read.yes_or_no(view)
        # A plain no is asked about: action_ask_case_confirmed offers the fields to change.
        return Step(
            slots={CONFIRM: True} if answer else {"form_misses": 0} if answer is False else {}
        )

    def _reopen(self, slot: str) -> Step:
        known = slot in (*self.readers, "case_place", "case_phone")
        return Step(slots={slot: None, "form_misses": 0}) if known else Step()
