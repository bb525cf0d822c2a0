"""How the complaint and repair forms ask for what they need."""

from actions.base import Button, DeskAction, Reply, Say, get_desk
from actions.cards import consent_card, summary_card
from actions.cases import summary
from actions.forms.case_readers import place_of
from actions.labels import CHANNEL_LABELS
from actions.parsing.replies import is_edit, is_no, is_skip
from actions.turn import Turn

_FIELD_NAMES = (
    ("case_matter", "事情经过"),
    ("case_place", "位置"),
    ("case_time", "时间"),
    ("case_wish", "要求"),
    ("case_name", "称呼"),
    ("case_phone", "电话"),
    ("case_reply", "答复方式"),
)


def _button(title: str, name: str, intent: str = "affirm") -> Button:
    return {"title": title, "payload": f'/{intent}{{"button": "{name}"}}'}


class AskAction(DeskAction):
    """Base of the questions; a question changes nothing about misses."""

    keeps_misses = True


class ActionAskCaseTarget(AskAction):
    """Asks whether the open complaint or a new matter is meant."""

    action_name = "action_ask_case_target"

    async def reply(self, turn: Turn) -> Reply:
        buttons = (
            _button("同一件事，补充进去", "same_case"),
            _button("另一件事，新登记", "new_case", "deny"),
        )
        values = {"number": turn.slots.get("offer_ticket")}
        return Reply((Say("utter_ask_case_target", values, buttons),))


class ActionAskCaseConsent(AskAction):
    """Asks for consent: purpose, use and protection come from the company's notice (R-B2)."""

    action_name = "action_ask_case_consent"

    async def reply(self, turn: Turn) -> Reply:
        values = {"notice": get_desk().company.privacy_notice}
        return Reply((Say("utter_ask_case_consent", values, card=consent_card()),))


class ActionAskCaseSplit(AskAction):
    """Asks whether the matters of one letter become tickets of their own."""

    action_name = "action_ask_case_split"

    async def reply(self, turn: Turn) -> Reply:
        parts = turn.slots.get("case_parts") or []
        buttons = (_button("分开登记", "split"), _button("合在一起登记", "together", "deny"))
        lines = "\n".join(f"{i}. {part}" for i, part in enumerate(parts, start=1))
        values = {"count": len(parts), "parts": lines}
        return Reply((Say("utter_ask_case_split", values, buttons),))


class ActionAskCaseReply(AskAction):
    """Asks how the customer wants to be answered."""

    action_name = "action_ask_case_reply"

    async def reply(self, turn: Turn) -> Reply:
        buttons = tuple(_button(label, f"reply_{name}") for name, label in CHANNEL_LABELS.items())
        return Reply((Say("utter_ask_case_reply", buttons=buttons),))


class ActionAskCasePlace(AskAction):
    """Asks for the whole place at once, or for the room that is missing."""

    action_name = "action_ask_case_place"

    async def reply(self, turn: Turn) -> Reply:
        place = place_of(turn.slots)
        if place:
            return Reply((Say("utter_ask_case_room", {"place": place.text}),))
        return Reply((Say("utter_ask_case_place"),))


class ActionAskCaseName(AskAction):
    """Asks for name and phone in one question, unless the phone is known."""

    action_name = "action_ask_case_name"

    async def reply(self, turn: Turn) -> Reply:
        is_phone_open = turn.slots.get("case_phone") is None
        return Reply((Say("utter_ask_case_contact" if is_phone_open else "utter_ask_case_name"),))


class ActionAskCaseConfirmed(AskAction):
    """Restates the whole, or asks what to change."""

    action_name = "action_ask_case_confirmed"

    async def reply(self, turn: Turn) -> Reply:
        is_repair = (turn.slots.get("case_wish") is None) and turn.slots.get("case_target") is None
        wants_change = turn.button == "edit" or is_edit(turn.plain)
        if wants_change or (is_no(turn.plain) and not is_skip(turn.plain)):
            personal = {"case_name", "case_phone", "case_reply"}
            hidden = set() if turn.slots.get("case_consent") else personal
            if is_repair:
                hidden |= {"case_wish", "case_reply"}
            buttons = tuple(
                _button(title, f"edit_{slot}", "deny")
                for slot, title in _FIELD_NAMES
                if slot not in hidden
            )
            return Reply((Say("utter_which_field", buttons=buttons),))
        values = {"summary": summary(turn.slots, is_repair=is_repair)}
        card = summary_card(turn.slots, is_repair=is_repair)
        return Reply((Say("utter_ask_case_confirmed", values, card=card),))
