"""Counts events in a sliding window, in memory."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

Monotonic = Callable[[], float]


class RateLimiter:
    """Allows at most `limit` events in any `window_s` seconds."""

    def __init__(self, limit: int, window_s: float, clock: Monotonic = time.monotonic) -> None:
        self._limit = limit
        self._window_s = window_s
        self._clock = clock
        self._times: deque[float] = deque()

    def allow(self) -> bool:
        """Count an event and tell whether it is within the limit; one refused is not counted."""
        now = self._clock()
        while self._times and self._times[0] <= now - self._window_s:
            self._times.popleft()
        if len(self._times) >= self._limit:
            return False
        self._times.append(now)
        return True

    def wait_s(self) -> float:
        """Return after how many seconds another event is allowed; 0 if one is now."""
        if len(self._times) < self._limit:
            return 0.0
        return max(0.0, self._times[0] + self._window_s - self._clock())


class KeyedRateLimiter:
    """A limiter for each key; remembers the `capacity` keys seen last."""

    def __init__(
        self,
        limit: int,
        window_s: float,
        *,
        capacity: int = 10_000,
        clock: Monotonic = time.monotonic,
    ) -> None:
        self.window_s = window_s
        self._limit = limit
        self._clock = clock
        self._capacity = capacity
        self._limiters: OrderedDict[str, RateLimiter] = OrderedDict()

    def allow(self, key: str) -> bool:
        """Count an event of this key and tell whether it is within the limit."""
        limiter = self._limiters.setdefault(
            key, RateLimiter(self._limit, self.window_s, self._clock)
        )
        self._limiters.move_to_end(key)
        if len(self._limiters) > self._capacity:
            self._limiters.popitem(last=False)
        return limiter.allow()

    def wait(self, key: str) -> float:
        """Return after how many seconds another event of this key is allowed."""
        limiter = self._limiters.get(key)
        return limiter.wait_s() if limiter else 0.0
