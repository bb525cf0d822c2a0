"""The first words of a conversation: the desk says them in the bot's name, together with the page.

So they wait for nobody, and are there while the bot starts or is away. Works in the caller's
transaction.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from desk.clock import to_local, utc_now
from desk.company import Company
from desk.conversations.models import Message, Sender
from desk.conversations.repository import Head
from desk.conversations.service import open_conversation
from desk.conversations.writing import Line, append, in_script_of
from desk.locale import t

_DAYPARTS = ((5, "night"), (11, "morning"), (13, "noon"), (18, "afternoon"), (24, "evening"))


@dataclass(frozen=True, slots=True)
class Opened:
    """A new conversation, its customer's token, and what the customer was greeted with."""

    conversation: Head
    token: str
    greeting: Message


def open_greeted(
    session: Session,
    company: Company,
    *,
    is_bot_away: bool = False,
    source: str = "web",
    browser: str | None = None,
    is_traditional: bool = False,
    now: datetime | None = None,
) -> Opened:
    """Store a new conversation with its greeting; see `service.open_conversation`."""
    now = now or utc_now()
    conversation, token = open_conversation(
        session, source=source, browser=browser, is_traditional=is_traditional, now=now
    )
    line = Line(in_script_of(conversation, _words(company, now, is_bot_away=is_bot_away)))
    greeting = append(session, conversation, Sender.BOT, line, now=now)
    return Opened(conversation, token, greeting)


def daypart(instant: datetime) -> str:
    """Return the part of the day for a greeting on the company's clock, e.g. `上午`."""
    hour = to_local(instant).hour
    return t(f"chat.daypart.{next(name for until, name in _DAYPARTS if hour < until)}")


def _words(company: Company, now: datetime, *, is_bot_away: bool) -> str:
    if is_bot_away:
        return t("chat.greeting_without_bot", company=company.short_name)
    values = {"role": company.role, "bot_name": company.bot_name}
    return t("chat.greeting", daypart=daypart(now), **values)
