"""Sliding-window limits, with a clock of the test's own."""

from desk.rate_limit import KeyedRateLimiter, RateLimiter


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_the_window_slides():
    clock = Clock()
    limiter = RateLimiter(2, 10, clock)
    assert [limiter.allow() for _ in range(3)] == [True, True, False]
    clock.now = 9.9
    assert not limiter.allow()
    clock.now = 10.0
    assert [limiter.allow() for _ in range(3)] == [True, True, False]


def test_keys_do_not_disturb_one_another_and_old_ones_are_forgotten():
    limiter = KeyedRateLimiter(1, 10, capacity=2, clock=Clock())
    assert [limiter.allow(key) for key in "aab"] == [True, False, True]
    assert limiter.allow("c")
    assert limiter.allow("a")
    assert len(limiter._limiters) == 2
