"""Sends what is due, each message at most once.

`sending` is committed before an attempt. Who finds a message in that state after its claim has
run out knows that the process ended in between: where the receiver recognises repetitions by key
it is sent again, otherwise it becomes `uncertain` and a person decides.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, selectinload

from desk.clock import Clock, utc_now
from desk.database import Database
from desk.outbox.alarms import tell_staff
from desk.outbox.models import OutboxMessage, OutboxState, Webhook
from desk.outbox.parcels import NotSent, Parcel, Sender, Uncertain
from desk.outbox.queueing import File

MOST_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
JITTER = 0.2
CLAIM_LENGTH = timedelta(minutes=3)
ATTEMPT_LIMIT_S = 60.0
"""Well below the claim, so that whoever claimed also writes down what came of it."""
REPEATABLE = frozenset({"sms", "webhook"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an attempt. `state` is what the message becomes; pending means again later."""

    state: OutboxState
    reason: str | None = None


async def deliver_due(
    database: Database,
    senders: Mapping[str, Sender],
    *,
    clock: Clock = utc_now,
    limit: int = 20,
) -> int:
    """Send up to `limit` messages that are due, side by side; return how many were tried."""
    await database.run(recover, clock())
    parcels = await database.run(claim, clock(), limit)
    await asyncio.gather(*(_deliver(database, senders, parcel, clock) for parcel in parcels))
    return len(parcels)


def has_due(session: Session, now: datetime | None = None) -> bool:
    """Tell whether there is anything to send or to recover; takes no lock."""
    now = now or utc_now()
    query = select(OutboxMessage.id).where(or_(_is_due(now), _is_left_behind(now)))
    return session.scalar(query.limit(1)) is not None


def claim(session: Session, now: datetime, limit: int = 20) -> list[Parcel]:
    """Mark due messages as being sent and return them. Commit before sending."""
    query = (
        select(OutboxMessage)
        .where(_is_due(now))
        .order_by(OutboxMessage.next_try_at, OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .options(selectinload(OutboxMessage.attachments))
    )
    parcels = []
    for message in session.scalars(query).all():
        message.state = OutboxState.SENDING
        message.attempts += 1
        message.claimed_until = now + CLAIM_LENGTH
        parcels.append(_parcel(session, message))
    return parcels


def recover(session: Session, now: datetime, limit: int = 200) -> int:
    """Take up messages whose process ended while it sent them; return how many."""
    query = select(OutboxMessage).where(_is_left_behind(now)).limit(limit)
    messages = session.scalars(query.with_for_update(skip_locked=True)).all()
    for message in messages:
        is_repeatable = message.channel in REPEATABLE
        state = OutboxState.PENDING if is_repeatable else OutboxState.UNCERTAIN
        _note(session, message, Result(state, "interrupted"), now)
    return len(messages)


def settle(session: Session, parcel: Parcel, result: Result, now: datetime) -> bool:
    """Write down what came of an attempt; False if somebody else has taken the message over."""
    query = select(OutboxMessage).where(OutboxMessage.id == parcel.id).with_for_update()
    message = session.scalars(query).one()
    if message.state != OutboxState.SENDING or message.attempts != parcel.attempt:
        return False
    _note(session, message, result, now)
    return True


def pause_after(attempts: int, *, spread: float | None = None) -> timedelta:
    """Return how long to wait after this many attempts: doubling, with a random share of ±20 %.

    `spread` from -1 to 1 fixes the share.
    """
    share = random.uniform(-1, 1) if spread is None else spread
    pause: timedelta = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    return pause * (1 + JITTER * share)


def _is_due(now: datetime) -> ColumnElement[bool]:
    return (OutboxMessage.state == OutboxState.PENDING) & (OutboxMessage.next_try_at <= now)


def _is_left_behind(now: datetime) -> ColumnElement[bool]:
    is_sending = OutboxMessage.state == OutboxState.SENDING
    return is_sending & (OutboxMessage.claimed_until <= now)


def _parcel(session: Session, message: OutboxMessage) -> Parcel:
    webhook = session.get(Webhook, message.webhook_id) if message.webhook_id else None
    return Parcel(
        id=message.id,
        key=message.dedupe_key,
        attempt=message.attempts,
        channel=message.channel,
        address=webhook.url if webhook else message.address,
        subject=message.subject,
        body=message.body,
        files=tuple(File(one.name, one.media_type, one.content) for one in message.attachments),
        secret=webhook.secret if webhook and webhook.is_active else "",
    )


async def _deliver(
    database: Database, senders: Mapping[str, Sender], parcel: Parcel, clock: Clock
) -> None:
    result = await _attempt(senders.get(parcel.channel), parcel)
    # A state, a channel and a short code: never an address.
    said = {"channel": parcel.channel, "attempt": parcel.attempt, "state": result.state}
    log.info("outbox.attempt", message=parcel.id, **said, reason=result.reason)
    await database.run(settle, parcel, result, clock())


async def _attempt(sender: Sender | None, parcel: Parcel) -> Result:
    if sender is None:
        return Result(OutboxState.FAILED, "channel not set up")
    try:
        async with asyncio.timeout(ATTEMPT_LIMIT_S):
            await sender.send(parcel)
    except NotSent as problem:
        is_over = problem.is_final or parcel.attempt >= MOST_ATTEMPTS
        return Result(OutboxState.FAILED if is_over else OutboxState.PENDING, problem.reason)
    except (Uncertain, TimeoutError) as problem:
        reason = problem.reason if isinstance(problem, Uncertain) else "timeout"
        return _unclear(sender, parcel, reason)
    except Exception as error:
        return _unclear(sender, parcel, type(error).__name__)
    return Result(OutboxState.SENT)


def _unclear(sender: Sender, parcel: Parcel, reason: str) -> Result:
    if not sender.is_repeatable:
        return Result(OutboxState.UNCERTAIN, reason)
    is_over = parcel.attempt >= MOST_ATTEMPTS
    return Result(OutboxState.FAILED if is_over else OutboxState.PENDING, reason)


def _note(session: Session, message: OutboxMessage, result: Result, now: datetime) -> None:
    message.state = result.state
    message.last_error = result.reason and result.reason[:120]
    message.claimed_until = None
    if result.state == OutboxState.SENT:
        message.sent_at = now
    elif result.state == OutboxState.PENDING:
        message.next_try_at = now + pause_after(message.attempts)
    else:
        tell_staff(session, message, now)
