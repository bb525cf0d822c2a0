"""A person takes over: on request, after two misses, after anger (R-A5, R-G9)."""

from actions.base import DeskAction, Handover, Reply
from actions.turn import Turn

MISSES_UNTIL_HANDOVER = 2
ANGER_UNTIL_HANDOVER = 2


class ActionHandOver(DeskAction):
    """Gives the conversation to a person because the customer asks for one."""

    action_name = "action_hand_over"

    async def reply(self, turn: Turn) -> Reply:
        return Reply(slots={"pending_offer": None}, handover=Handover("requested"))
