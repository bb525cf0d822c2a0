"""What customers ask: intents, what was not understood, and who spoke."""

from sqlalchemy import func, select

from desk.conversations.models import Conversation, Message, Sender
from desk.locale import texts
from desk.reports.model import Grid, Line, Number, RowList
from desk.reports.row_filter import NO_INTENT, happened_in
from desk.reports.sql import counted
from desk.reports.totals import Look, other_rows, share

INTENT_LIMIT = 15
NOT_UNDERSTOOD = "out_of_scope"
SMALL_TALK = frozenset(
    {"greet", "goodbye", "thank", "affirm", "deny", "bot_challenge", "cancel_form", NOT_UNDERSTOOD}
)
"""Not inquiries: they are left out of the list of hot ones."""


def hot_inquiries(look: Look) -> Grid:
    """Return the most frequent intents of customers' messages, and how many of those messages
    were in conversations that went to people."""
    return _by_intent(look, "inquiry", is_hot=True)


def unanswered(look: Look) -> Grid:
    """Return the messages that the bot could not place."""
    return _by_intent(look, "unanswered", is_hot=False)


def intent_name(intent: str | None) -> str:
    """Return an intent in Chinese; one without a name as it is."""
    names = texts("report")["intent"]
    return str(names.get(intent or NO_INTENT, intent))


def _by_intent(look: Look, key: str, *, is_hot: bool) -> Grid:
    said = happened_in(look.span, sender=Sender.CUSTOMER.value)
    handed = select(Conversation.id).where(Conversation.queue_reason.is_not(None))
    went = counted(Message.conversation_id.in_(handed))
    of_interest = Message.intent.in_((NOT_UNDERSTOOD,))
    if is_hot:
        of_interest = Message.intent.not_in(SMALL_TALK)
    query = (
        select(Message.intent, func.count(), went)
        .where(*look.rows(RowList.MESSAGES, said), of_interest)
        .group_by(Message.intent)
        .order_by(func.count().desc(), Message.intent)
        .limit(INTENT_LIMIT)
    )
    lines = []
    for intent, count, handed_over in look.session.execute(query):
        wanted = happened_in(look.span, sender=Sender.CUSTOMER.value, intent=intent)
        passed = happened_in(
            look.span, sender=Sender.CUSTOMER.value, intent=intent, is_handed_over=True
        )
        rows, part = (other_rows(RowList.MESSAGES, one) for one in (wanted, passed))
        cells = (
            Number(count, rows=rows),
            Number(handed_over, rows=part),
            share(handed_over, count, part, rows),
        )
        lines.append(Line(str(intent), intent_name(intent), cells))
    return Grid(key, ("messages", "handed_over_messages", "share"), tuple(lines))
