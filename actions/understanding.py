"""Messages that were not understood, or are not our business."""

from abc import abstractmethod

from actions.answers.registry import answer_turn, worded_answer
from actions.base import Button, DeskAction, Handover, Reply, Say, get_desk
from actions.contact_form import wished_channel
from actions.handover import ANGER_UNTIL_HANDOVER, MISSES_UNTIL_HANDOVER
from actions.labels import INTENT_LABELS
from actions.parsing.mood import is_angry
from actions.pending import pending_intent_of
from actions.survey import survey_reply
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


class UnclearAction(DeskAction):
    """Base of the answers to what no intent fits: it may still belong to what was offered last.

    `pending_offer` is set each time: the rules decide by it whether an address is asked for.
    """

    resets = ("pending_offer",)
    keeps_misses = True

    async def reply(self, turn: Turn) -> Reply:
        reply = await self._belated(turn) or await _worded(turn) or await self.reply_unclear(turn)
        return Reply(reply.says, {"pending_offer": None, **reply.slots}, reply.handover)

    @abstractmethod
    async def reply_unclear(self, turn: Turn) -> Reply:
        """Return the reply to a message that belongs to nothing."""

    async def _belated(self, turn: Turn) -> Reply | None:
        """Return the reply to an answer that was waited for: a score, a home, a phone."""
        answer = await survey_reply(turn)
        if answer:
            return Reply(answer.says, {**answer.slots, "misses": 0}, answer.handover)
        earlier = pending_intent_of(turn)
        if earlier:
            found = await get_desk().database.run(answer_turn, turn, earlier)
            return Reply(found.says, {**found.slots, "misses": 0}, found.handover)
        channel = wished_channel(turn) if turn.slots.get("offer_ticket") else None
        if channel == "chat":
            return Reply((Say("utter_reply_here"),), {"misses": 0})
        return Reply(slots={"pending_offer": "contact", "misses": 0}) if channel else None


async def _worded(turn: Turn) -> Reply | None:
    """Return the approved answer to this wording: people wrote it because nothing else fitted."""
    answer = await get_desk().database.look(worded_answer, turn.plain, with_questions=True)
    return Reply(answer.says, {"misses": 0}) if answer else None


class ActionClarify(UnclearAction):
    """Asks what was meant, with buttons for the likeliest intents."""

    action_name = "action_clarify"

    async def reply_unclear(self, turn: Turn) -> Reply:
        buttons = suggestions(turn)
        if not buttons:
            return angered(turn) or missed(turn, Say("utter_rephrase"))
        # What was written stays, so that the button's answer knows which home it is about.
        reply = missed(turn, Say("utter_clarify", buttons=buttons))
        return Reply(reply.says, {**reply.slots, "pending_text": turn.plain[:500]}, reply.handover)


class ActionDeclineTopic(UnclearAction):
    """Says politely that this is not our business; the second time a person may look."""

    action_name = "action_decline_topic"

    async def reply_unclear(self, turn: Turn) -> Reply:
        return angered(turn) or missed(turn, Say("utter_out_of_scope"))
