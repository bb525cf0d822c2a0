"""A figure that a benchmark prints."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measurement:
    """One figure.

    Attributes:
        name: what was measured.
        value: the figure, in `unit`.
        target: what it should reach, or None.
        better: `lower` or `higher`.
        n: number of single measurements behind it.
    """

    name: str
    value: float
    unit: str
    target: float | None
    better: str
    n: int
