"""How far two judges agree, and how sure a share in a sample is: pure arithmetic."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

FEWEST = 30
"""Pairs from which kappa is worth an opinion; below, chance moves it too much."""
LEVELS = ((0.8, "very_good"), (0.6, "good"), (0.4, "moderate"), (0.2, "fair"))
"""From which kappa on agreement is called what (Landis and Koch 1977); less is `poor`."""
Z = 1.96
"""Of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Cohen's kappa of pairs of decisions.

    `observed` and `expected` are shares from 0 to 1, of equal decisions and of those equal by
    chance. `kappa` is None without pairs, or when both always decide the same one thing.
    """

    pairs: int
    observed: float
    expected: float
    kappa: float | None

    @property
    def level(self) -> str:
        """What the figure means: `none`, `few`, `poor`, `fair`, `moderate`, `good`, `very_good`."""
        if self.kappa is None:
            return "none"
        if self.pairs < FEWEST:
            return "few"
        return next((name for bar, name in LEVELS if self.kappa >= bar), "poor")


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `total`, and the 95 % interval of the share behind it (Wilson)."""

    count: int
    total: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """The share itself; None of nothing."""
        return self.count / self.total if self.total else None


def cohens_kappa(pairs: Iterable[tuple[str, str]]) -> Agreement:
    """Return how far the first and second decisions agree, beyond chance."""
    both = list(pairs)
    size = len(both)
    if not size:
        return Agreement(0, 0.0, 0.0, None)
    observed = sum(first == second for first, second in both) / size
    firsts = Counter(first for first, _ in both)
    seconds = Counter(second for _, second in both)
    expected = sum(firsts[name] * seconds[name] for name in firsts) / size**2
    kappa = None if expected == 1 else round((observed - expected) / (1 - expected), 6)
    return Agreement(size, observed, expected, kappa)


def share(count: int, total: int) -> Share:
    """Return the share with its interval; of nothing, the whole range from 0 to 1.

    Raises:
        ValueError: a count below 0 or above the total.
    """
    if not 0 <= count <= total:
        raise ValueError("count must lie between 0 and total")
    if not total:
        return Share(0, 0, 0.0, 1.0)
    rate, square = count / total, Z**2 / total
    middle = (rate + square / 2) / (1 + square)
    reach = Z / (1 + square) * sqrt(rate * (1 - rate) / total + square / (4 * total))
    return Share(count, total, max(0.0, middle - reach), min(1.0, middle + reach))
