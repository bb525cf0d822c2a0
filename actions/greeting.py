"""Who answers: greeting by company and role (R-A1), and the honest word that it is a machine."""

from sqlalchemy.orm import Session

from actions.base import DeskAction, Reply, Say, get_desk
from actions.cards import progress_say
from actions.turn import LONG_SILENCE_HOURS, Turn
from desk.clock import utc_now
from desk.conversations.greeting import daypart
from desk.tickets.service import tickets_of_conversation


def company_values() -> dict[str, str]:
    """Return the company's values for responses."""
    company = get_desk().company
    return {"role": company.role, "bot_name": company.bot_name, "company": company.name}


def open_matter(session: Session, conversation_id: str) -> Say | None:
    """Tell how the conversation's newest ticket that is not settled stands."""
    mine = tickets_of_conversation(session, conversation_id)
    unsettled = (ticket for ticket in mine if ticket.state not in ("resolved", "closed"))
    newest = next(unsettled, None)
    return progress_say(session, newest) if newest else None


class ActionGreet(DeskAction):
    """Greets; the second time without the introduction, after a silence with how things stand."""

    action_name = "action_greet"

    async def reply(self, turn: Turn) -> Reply:
        values = {"daypart": daypart(utc_now()), **company_values()}
        if turn.silent_hours > LONG_SILENCE_HOURS:
            matter = await get_desk().database.look(open_matter, turn.conversation_id)
            says = [Say("utter_greet_back", values)]
            says += [matter] if matter else []
            return Reply(tuple(says), {"is_greeted": True})
        if turn.is_greeted and turn.text:
            return Reply((Say("utter_greet_again"),))
        return Reply((Say("utter_greet", values),), {"is_greeted": True})


class ActionIntroduceBot(DeskAction):
    """Says that a machine answers, and offers a person."""

    action_name = "action_introduce_bot"

    async def reply(self, turn: Turn) -> Reply:
        return Reply((Say("utter_introduce_bot", company_values()),))
