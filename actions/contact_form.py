"""How an inquiry is answered: the phone or the e-mail address the customer wants it on (R-A4)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from actions.base import Reply, Say, get_desk
from actions.forms.guided import GuidedForm
from actions.forms.submit import SubmitAction
from actions.forms.view import SKIPPED, FormView, Step
from actions.labels import CHANNEL_LABELS
from actions.parsing.channels import CHANNELS, read_channel
from actions.parsing.replies import is_refusal
from actions.turn import Turn
from desk.tickets.contact import set_contact
from desk.tickets.service import find_ticket
from scripts_library.reading.emails import read_email
from scripts_library.reading.phones import read_phone

MOST_PHONE_TRIES = 3


def wished_channel(turn: Turn) -> str | None:
    """Return the channel that a button or the words of a turn name for the answer."""
    button = (turn.button or "").removeprefix("reply_")
    if button in CHANNELS:
        return button
    return read_channel(turn.plain) or ("email" if read_email(turn.plain) else None)


class ValidateContactForm(GuidedForm):
    """Asks for the address that the chosen channel needs; an address says which one it is for."""

    form = "contact_form"
    optional = frozenset(("contact_phone", "contact_email"))
    extra_slots = ("contact_channel",)
    readers: ClassVar[Mapping[str, Any]] = {
        "contact_phone": lambda _: None,
        "contact_email": lambda _: None,
    }

    def wanted(self, values: Mapping[str, Any]) -> Sequence[str]:
        channel = values.get("contact_channel")
        if channel == "chat":
            return ()
        return ("contact_email",) if channel == "email" else ("contact_phone",)

    async def begin(self, view: FormView) -> Step:
        step = await self.read(view)
        return Step(step.says, {"contact_channel": "phone", **step.slots})

    async def read(self, view: FormView) -> Step:
        channel = wished_channel(view.turn)
        slots = {"contact_channel": channel} if channel else {}
        email = read_email(view.plain)
        if email:
            return Step(slots={**slots, "contact_channel": "email", "contact_email": email})
        found = read_phone(view.plain, is_asked=view.asks("contact_phone"))
        if found.number:
            is_sms = (channel or view.values.get("contact_channel")) == "sms"
            given = {"contact_channel": "sms" if is_sms else "phone", "contact_phone": found.number}
            return Step(slots={**slots, **given})
        if not slots and view.requested and is_refusal(view.plain):
            return self.skip(view)
        return (
            self._problem(view, found.problem, found.digits) if found.problem else Step((), slots)
        )

    def _problem(self, view: FormView, problem: str, digits: int) -> Step:
        misses = int(view.values.get("form_misses") or 0) + 1
        if misses >= MOST_PHONE_TRIES:
            return self.skip(view)
        said = Say(f"utter_phone_{problem}", {"digits": digits})
        return Step((said,), {"form_misses": misses})

    def help_for(self, slot: str) -> str:
        return "utter_help_case_email" if slot == "contact_email" else "utter_help_case_phone"


class ActionSubmitContact(SubmitAction):
    """Notes on the inquiry's ticket how it is to be answered."""

    action_name = "action_submit_contact"
    form_slots = (
        "contact_channel",
        "contact_phone",
        "contact_email",
        "pending_offer",
        "offer_ticket",
    )
    cancelled_response = "utter_reply_here"

    async def submit(self, turn: Turn) -> Reply:
        channel = str(turn.slots.get("contact_channel"))
        address = turn.slots.get("contact_email" if channel == "email" else "contact_phone")
        if channel == "chat" or address in (None, SKIPPED):
            return Reply((Say("utter_reply_here"),))
        await get_desk().database.run(self._set, turn, channel, str(address))
        return Reply((Say("utter_contact_recorded", {"channel": CHANNEL_LABELS[channel]}),))

    def _set(self, session: Session, turn: Turn, channel: str, address: str) -> None:
        ticket = find_ticket(session, str(turn.slots.get("offer_ticket")))
        is_email = channel == "email"
        set_contact(
            session,
            ticket,
            phone=None if is_email else address,
            email=address if is_email else None,
            reply_channel=channel,
            actor="customer",
        )
