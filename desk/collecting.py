"""How Python looks for garbage in a desk, whose pages must not wait for it."""

import ctypes
import gc

YOUNG = 10_000
"""So many new objects before the youngest are looked at: most are gone by then by themselves."""
YOUNG_ROUNDS, MIDDLE_ROUNDS = 20, 20


def settle() -> None:
    """Leave everything loaded so far out of all later collections, collect less often, and give
    memory back that only the loading needed.

    Call it after a start, and after dictionaries and models were loaded: a million objects that
    live as long as the process made every full collection a stop of a second or more for all pages.
    Takes up to half a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, YOUNG_ROUNDS, MIDDLE_ROUNDS)
    _give_back()


def _give_back() -> None:
    """Let the C library return what was freed to the system; it keeps it otherwise."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    # Another C library than glibc has none.
    if trim:
        trim(0)
