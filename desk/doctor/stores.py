"""What kefu keeps things in: the database, Redis, the clock they agree on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.clock import utc_now
from desk.conversations.models import Message
from desk.database import Database
from desk.demo import DEMO_LOGINS
from desk.doctor.findings import Finding, fine, warning, wrong
from desk.migrate import current_revision, newest_revision
from desk.settings import Settings

CLOCK_TOLERANCE = timedelta(seconds=30)
DEMO_NAMES = tuple(demo.login for demo in DEMO_LOGINS)


def examine_stores(settings: Settings) -> Iterator[Finding]:
    """Look at database and Redis; nothing is migrated or written."""
    url = settings.effective_database_url
    if settings.redis_url:
        yield _redis(settings.redis_url)
    try:
        # Looking at a file that is not there would make it.
        revision = current_revision(url) if _exists(url) else None
    except (SQLAlchemyError, OSError):
        # What the driver says may hold the password of the address.
        yield wrong("database", "away")
        return
    if revision != newest_revision():
        case = "empty" if revision is None else "old"
        yield warning("database", case, revision=revision, newest=newest_revision())
        return
    yield fine("database", revision=revision)
    database = Database(url)
    try:
        with database.reading() as session:
            yield _clock(session)
            yield _accounts(session, settings)
    finally:
        database.dispose()


def _exists(url: str) -> bool:
    parsed = make_url(url)
    return parsed.get_backend_name() != "sqlite" or Path(str(parsed.database)).exists()


def _clock(session: Session) -> Finding:
    """Compare the clock with the database server's, and with the newest message there is."""
    now = utc_now()
    if session.get_bind().dialect.name == "postgresql":
        theirs: datetime = session.scalar(text("SELECT now()")) or now
        off_s = abs((theirs.astimezone(UTC) - now).total_seconds())
        if off_s > CLOCK_TOLERANCE.total_seconds():
            return wrong("clock", "off", seconds=round(off_s))
    newest = session.scalar(select(func.max(Message.created_at)))
    if newest and newest > now + CLOCK_TOLERANCE:
        return wrong("clock", "back", seconds=round((newest - now).total_seconds()))
    return fine("clock", now=now.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z"))


def _accounts(session: Session, settings: Settings) -> Finding:
    is_active = Staff.is_active.is_(True)
    if session.scalar(select(Staff.id).where(is_active, Staff.role == Role.ADMIN)) is None:
        return warning("accounts", "no_admin")
    demo = session.scalars(select(Staff.login).where(is_active, Staff.login.in_(DEMO_NAMES))).all()
    if demo and not settings.demo:
        return wrong("accounts", "demo", logins="、".join(demo))
    return fine("accounts", n=session.scalar(select(func.count(Staff.id)).where(is_active)))


def _redis(url: str) -> Finding:
    client = Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3)
    try:
        client.ping()
    except (RedisError, OSError):
        return wrong("redis", "away")
    finally:
        client.close()
    return fine("redis")
