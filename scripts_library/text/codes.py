"""A text as an array of its code points, and as the 16-bit units that the scanner reads.

Two bytes for a character instead of three make the automaton a third faster and smaller.
"""

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.intp]
"""The code points of a text."""

UNIT = np.dtype("<u2")
LAST_UNIT = 0xFFFF
"""Stands for every character beyond the basic plane (emoji, rare Han), so offsets stay simple."""


def codes_of(text: str) -> Codes:
    """Return the code points of a text."""
    raw = text.encode("utf-32-le", "surrogatepass")
    return np.frombuffer(raw, np.dtype("<u4")).astype(np.intp)


def codes_of_units(units: bytes) -> Codes:
    """Return the code points of 16-bit units; those beyond the basic plane are `LAST_UNIT`."""
    return np.frombuffer(units, UNIT).astype(np.intp)


def text_of(codes: Codes) -> str:
    """Return the text of code points."""
    return codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def units_of_text(text: str) -> bytes:
    """Return two bytes for each character, as `units_of` does."""
    units = text.encode("utf-16-le", "surrogatepass")
    return units if len(units) == 2 * len(text) else units_of(codes_of(text))


def units_of(codes: Codes) -> bytes:
    """Return two bytes for each code point; those beyond the basic plane become `LAST_UNIT`."""
    return np.minimum(codes, LAST_UNIT).astype(UNIT).tobytes()
