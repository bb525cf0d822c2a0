"""The time, in one place, so that tests can set it."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present instant, timezone-aware, in UTC."""
    return datetime.now(UTC)


def to_local(instant: datetime) -> datetime:
    """Return the same instant on the clock of the company (Asia/Shanghai)."""
    return instant.astimezone(LOCAL_ZONE)
