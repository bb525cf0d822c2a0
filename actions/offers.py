"""Short answers and thanks outside of forms: they belong to what was offered or asked last."""

from actions.answers.registry import answer_turn
from actions.base import DeskAction, Handover, Reply, Say, get_desk
from actions.contact_form import wished_channel
from actions.pending import pending_intent_of
from actions.survey import survey_reply
from actions.turn import Turn
from actions.understanding import missed


class ActionTakeAnswer(DeskAction):
    """Takes a yes, a no or a button."""

    action_name = "action_take_answer"
    resets = ("pending_offer",)
    keeps_misses = True

    async def reply(self, turn: Turn) -> Reply:
        score = await survey_reply(turn)
        if score:
            return Reply(score.says, {**score.slots, "pending_offer": None, "misses": 0})
        # The slot is set each time: the rules decide by it whether an address is asked for.
        channel = wished_channel(turn) if turn.slots.get("offer_ticket") else None
        if channel == "chat":
            return Reply((Say("utter_reply_here"),), {"pending_offer": None, "misses": 0})
        if channel:
            return Reply(slots={"pending_offer": "contact", "misses": 0})
        if turn.text and not any(char.isalnum() for char in turn.plain):
            # 「？？？」 or a face: nothing that could be a yes or a no.
            reply = missed(turn, Say("utter_rephrase"))
            return Reply(reply.says, {**reply.slots, "pending_offer": None}, reply.handover)
        earlier = pending_intent_of(turn)
        if earlier:
            reply = await get_desk().database.run(answer_turn, turn, earlier)
            return Reply(
                reply.says, {**reply.slots, "pending_offer": None, "misses": 0}, reply.handover
            )
        if turn.slots.get("pending_offer") == "human" and turn.intent == "affirm":
            return Reply(slots={"pending_offer": None, "misses": 0}, handover=Handover("requested"))
        return Reply((Say("utter_noted"),), {"pending_offer": None, "misses": 0})


class ActionTakeThanks(DeskAction):
    """Takes thanks, with the score in them if a survey waits for one (「谢谢，很满意」)."""

    action_name = "action_take_thanks"

    async def reply(self, turn: Turn) -> Reply:
        return await survey_reply(turn) or Reply((Say("utter_welcome"),))
