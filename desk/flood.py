"""How much one customer, and one network address, may send: counted for all desk processes.

Counts lie in Redis where it is set (several processes share it anyway), else in memory. What is
refused is neither stored nor acknowledged; the answer says how many seconds to wait. Addresses
are counted by keyed hash.
"""

import math
from dataclasses import dataclass

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from desk.encryption import personal_data
from desk.errors import TooManyRequests
from desk.rate_limit import KeyedRateLimiter

PREFIX = "kefu:flood:"
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` events of one key in `window_s` seconds."""

    name: str
    count: int
    window_s: int


MESSAGES = Limit("messages", 20, 10)
MESSAGES_OF_ADDRESS = Limit("messages_of_address", 600, 60)
"""An office behind one address must still get through."""
TALKS_OF_BROWSER = Limit("talks_of_browser", 20, 60)
TALKS_OF_ADDRESS = Limit("talks_of_address", 120, 60)
PHOTOS_OF_ADDRESS = Limit("photos_of_address", 120, 60)
LINKS = Limit("links", 6, 3600)
"""For one conversation: nobody is to be flooded with text messages."""
PHOTOS = Limit("photos", 20, 60)
OWN_DATA = Limit("own_data", 30, 3600)
"""For one conversation: what it shows, exports and deletes takes the database some time."""

LIMITS = (
    MESSAGES,
    MESSAGES_OF_ADDRESS,
    TALKS_OF_BROWSER,
    TALKS_OF_ADDRESS,
    PHOTOS_OF_ADDRESS,
    LINKS,
    PHOTOS,
    OWN_DATA,
)


class FloodGuard:
    """Counts events against limits. `stop` at the end.

    Args:
        redis_url: where all processes count together; empty: in this process.
    """

    def __init__(self, redis_url: str = "") -> None:
        self._redis = Redis.from_url(redis_url, socket_timeout=1.0) if redis_url else None
        self._here = {one.name: KeyedRateLimiter(one.count, one.window_s) for one in LIMITS}

    async def take(self, limit: Limit, key: str, *, error: str = "errors.slow_down") -> None:
        """Count an event; `error` is the key of the refusal's text.

        Raises:
            TooManyRequests: it is over the limit; `details["retry_after_s"]` says how long to wait.
        """
        wait = await self._wait(limit, personal_data().index(key)[:32])
        if wait is not None:
            raise TooManyRequests(error, retry_after_s=max(1, math.ceil(wait)))

    async def stop(self) -> None:
        """Close the connection."""
        if self._redis is not None:
            await self._redis.aclose()

    async def _wait(self, limit: Limit, key: str) -> float | None:
        if self._redis is not None:
            try:
                return await self._wait_shared(self._redis, limit, key)
            except RedisError as error:
                # Without Redis each process counts for itself: still a limit.
                log.warning("flood.redis_away", error=type(error).__name__)
        limiter = self._here[limit.name]
        return None if limiter.allow(key) else limiter.wait(key)

    async def _wait_shared(self, redis: "Redis", limit: Limit, key: str) -> float | None:
        name = f"{PREFIX}{limit.name}:{key}"
        async with redis.pipeline(transaction=True) as pipe:
            # The window begins with its first event and ends by itself.
            pipe.set(name, 0, ex=limit.window_s, nx=True)
            pipe.incr(name)
            pipe.pttl(name)
            _made, count, left_ms = await pipe.execute()
        return left_ms / 1000 if count > limit.count else None
