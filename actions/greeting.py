"""Who answers: greeting by company and role (R-A1), and the honest word that it is a machine."""

from datetime import datetime

from actions.base import DeskAction, Reply, Say, get_desk
from actions.turn import Turn
from desk.clock import to_local, utc_now

_DAYPARTS = ((5, "晚上"), (11, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))


def daypart(instant: datetime) -> str:
    """Return the part of the day for a greeting on the company's clock, e.g. `上午`."""
    hour = to_local(instant).hour
    return next(name for until, name in _DAYPARTS if hour < until)


def company_values() -> dict[str, str]:
    """Return the company's values for responses."""
    company = get_desk().company
    return {"role": company.role, "bot_name": company.bot_name, "company": company.name}


class ActionGreet(DeskAction):
    """Greets; the second time in a conversation without the whole introduction."""

    action_name = "action_greet"

    async def reply(self, turn: Turn) -> Reply:
        if turn.slots.get("is_greeted") and turn.text:
            return Reply((Say("utter_greet_again"),))
        values = {"daypart": daypart(utc_now()), **company_values()}
        return Reply((Say("utter_greet", values),), {"is_greeted": True})


class ActionIntroduceBot(DeskAction):
    """Says that a machine answers, and offers a person."""

    action_name = "action_introduce_bot"

    async def reply(self, turn: Turn) -> Reply:
        return Reply((Say("utter_introduce_bot", company_values()),))
