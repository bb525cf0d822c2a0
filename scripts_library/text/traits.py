"""What every check asks of every character, in one look-up: its class and the echo of its sound."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from scripts_library.text.classes import class_table
from scripts_library.text.folding import UNICODE_SIZE, fold_table
from scripts_library.text.sound_codes import echo_table


@cache
def trait_table() -> NDArray[np.uint16]:
    """Return the traits of each code point once folded, uint16 of shape (0x110000,): its class (see
    `classes`) in the low byte, its echo (see `sound_codes.echo_table`) in the high one."""
    table = np.zeros(UNICODE_SIZE, dtype="<u2")
    table += class_table()
    table += echo_table()[fold_table()].astype(np.uint16) << 8
    return table
