"""The ledger: what customers sent and saw, held against what is stored. Nothing may be lost,
doubled or out of order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.conversations.models import Message, Sender


@dataclass(slots=True)
class Sent:
    """A message of a customer. `seq` is what the desk acknowledged; None if it did not."""

    client_id: str
    text: str
    seq: int | None = None
    answered: bool = False


@dataclass(slots=True)
class Account:
    """One conversation as its customer lived through it.

    Attributes:
        conversation_id: given by the desk.
        sent: in the order of sending.
        seen: `seq` of every message that reached the browser, in the order of arrival, without
            what was sent again after a reconnect.
        is_finished: the customer had all answers before the end; otherwise the last message may
            still be open.
    """

    conversation_id: str
    sent: list[Sent] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    is_finished: bool = False


def check_ledger(session: Session, accounts: Iterable[Account]) -> list[str]:
    """Return what does not fit, in words without texts of customers; empty if all is well."""
    problems: list[str] = []
    for account in accounts:
        query = select(Message).where(Message.conversation_id == account.conversation_id)
        stored = list(session.scalars(query.order_by(Message.seq)))
        problems += (f"{account.conversation_id[:8]}: {one}" for one in _check(account, stored))
    return problems


def _check(account: Account, stored: list[Message]) -> Iterator[str]:
    if [message.seq for message in stored] != list(range(1, len(stored) + 1)):
        yield "stored numbers have gaps"
    by_id: dict[str, list[int]] = {}
    for message in stored:
        if message.sender == Sender.CUSTOMER and message.client_id:
            by_id.setdefault(message.client_id, []).append(message.seq)
    for number, sent in enumerate(account.sent, start=1):
        places = by_id.pop(sent.client_id, [])
        if sent.seq is not None and places != [sent.seq]:
            yield f"message {number}, acknowledged as {sent.seq}, is stored at {places}"
        elif len(places) > 1:
            yield f"message {number} is stored {len(places)} times"
    if by_id:
        yield f"{len(by_id)} stored messages were never sent"
    acknowledged = [sent.seq for sent in account.sent if sent.seq is not None]
    if acknowledged != sorted(acknowledged):
        yield "messages are stored in another order than they were sent"
    yield from _check_seen(account, stored)
    yield from _check_answers(account, stored)


def _check_seen(account: Account, stored: list[Message]) -> Iterator[str]:
    """What reached the browser: each message once, in order, none left out on the way."""
    shown = [message.seq for message in stored if message.sender != Sender.NOTE]
    if account.seen != sorted(set(account.seen)):
        yield "the browser got messages twice or out of order"
    elif account.seen != shown[: len(account.seen)]:
        yield "messages are missing in the browser"


def _check_answers(account: Account, stored: list[Message]) -> Iterator[str]:
    """Every question has its answer, and no answer came twice."""
    last = max((m.seq for m in stored if m.sender == Sender.CUSTOMER), default=0)
    for message in stored:
        is_open = message.seq == last and not account.is_finished
        if message.sender == Sender.CUSTOMER and message.handled_at is None and not is_open:
            yield f"message {message.seq} was never answered"
    for before, after in pairwise(stored):
        is_bot = before.sender == after.sender == Sender.BOT
        if is_bot and (before.text, before.buttons) == (after.text, after.buttons):
            yield f"the bot said the same twice at {after.seq}"
