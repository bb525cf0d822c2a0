"""Messages that were not understood, or are not our business."""

from actions.answers.registry import answer_turn
from actions.base import Button, DeskAction, Handover, Reply, Say, get_desk
from actions.handover import ANGER_UNTIL_HANDOVER, MISSES_UNTIL_HANDOVER
from actions.labels import INTENT_LABELS
from actions.parsing.mood import is_angry
from actions.pending import pending_intent_of
from actions.turn import Turn

CLOSE_ENOUGH = 0.12
"""An intent below this confidence is not worth a button; by looking at rankings of own examples
that fell back (docs/guide/dialogue.md)."""
MAX_SUGGESTIONS = 3


def suggestions(turn: Turn) -> tuple[Button, ...]:
    """Return buttons for what the message may have meant, likeliest first."""
    likely = [
        name for name, share in turn.ranking if share >= CLOSE_ENOUGH and name in INTENT_LABELS
    ]
    return tuple(
        {"title": INTENT_LABELS[name], "payload": f"/{name}"} for name in likely[:MAX_SUGGESTIONS]
    )


def missed(turn: Turn, *says: Say) -> Reply:
    """Return the reply to a message that was not understood; the second one hands over."""
    misses = int(turn.slots.get("misses") or 0) + 1
    if misses >= MISSES_UNTIL_HANDOVER:
        return Reply(slots={"misses": 0}, handover=Handover("misunderstanding"))
    return Reply(says, {"misses": misses})


def angered(turn: Turn) -> Reply | None:
    """Count anger outside of forms; the second time a person takes over."""
    if not is_angry(turn.plain):
        return None
    count = int(turn.slots.get("anger_count") or 0) + 1
    if count >= ANGER_UNTIL_HANDOVER:
        return Reply(slots={"anger_count": 0, "misses": 0}, handover=Handover("anger"))
    return Reply((Say("utter_calm_offer"),), {"anger_count": count})


class ActionClarify(DeskAction):
    """Asks what was meant, with buttons for the likeliest intents."""

    action_name = "action_clarify"
    keeps_misses = True

    async def reply(self, turn: Turn) -> Reply:
        earlier = pending_intent_of(turn)
        if earlier:
            reply = await get_desk().database.run(answer_turn, turn, earlier)
            return Reply(reply.says, {**reply.slots, "misses": 0}, reply.handover)
        buttons = suggestions(turn)
        if not buttons:
            return angered(turn) or missed(turn, Say("utter_rephrase"))
        # What was written stays, so that the button's answer knows which home it is about.
        reply = missed(turn, Say("utter_clarify", buttons=buttons))
        return Reply(reply.says, {**reply.slots, "pending_text": turn.plain[:500]}, reply.handover)


class ActionDeclineTopic(DeskAction):
    """Says politely that this is not our business; the second time a person may look."""

    action_name = "action_decline_topic"
    keeps_misses = True

    async def reply(self, turn: Turn) -> Reply:
        earlier = pending_intent_of(turn)
        if earlier:
            reply = await get_desk().database.run(answer_turn, turn, earlier)
            return Reply(reply.says, {**reply.slots, "misses": 0}, reply.handover)
        return angered(turn) or missed(turn, Say("utter_out_of_scope"))
