"""Actions that answer questions about facts, one per kind of record."""

from actions.answers.registry import answer_turn
from actions.base import DeskAction, Reply, Say, get_desk
from actions.pending import pending_intent_of
from actions.turn import Turn


class AnswerAction(DeskAction):
    """Answers the questions of a message from the database, in one transaction.

    The kinds differ by name only, so that rules and logs show what was asked; a message may ask
    for several kinds at once.
    """

    resets = ("pending_intent", "pending_text")

    async def reply(self, turn: Turn) -> Reply:
        earlier = pending_intent_of(turn)
        reply = await get_desk().database.run(answer_turn, turn, earlier)
        if turn.is_repeated:
            return Reply((Say("utter_again"), *reply.says), reply.slots, reply.handover)
        return reply


class ActionAnswerHome(AnswerAction):
    """Questions about homes and estates."""

    action_name = "action_answer_home"


class ActionAnswerProduct(AnswerAction):
    """Questions about doors, windows and their installation and care."""

    action_name = "action_answer_product"


class ActionAnswerService(AnswerAction):
    """Questions about the shop's, the property's and the desk's rules."""

    action_name = "action_answer_service"
