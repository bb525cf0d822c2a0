"""Notes that somebody works with a session, so that it does not end as idle."""

from desk.accounts import sessions
from desk.accounts.origin import hash_token
from desk.current import get_desk
from desk.rate_limit import KeyedRateLimiter

_writes = KeyedRateLimiter(1, sessions.TOUCH_EVERY.total_seconds())
"""One write a minute and session is enough."""


async def note_activity(token: str | None) -> None:
    """Note a request of this session's owner; costs a write at most once a minute."""
    if token and _writes.allow(hash_token(token)):
        await get_desk().database.run(sessions.touch, token)
