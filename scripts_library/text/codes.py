"""A text as an array of its code points, for looking characters up in tables."""

from codecs import utf_32_le_decode, utf_32_le_encode

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.intp]
"""The code points of a text."""

CODE = np.dtype("<u4")


def codes_of(text: str) -> Codes:
    """Return the code points of a text.

    Raises:
        UnicodeEncodeError: if it holds lone surrogates.
    """
    return np.frombuffer(utf_32_le_encode(text)[0], CODE).astype(np.intp)


def text_of(codes: NDArray[np.uint32]) -> str:
    """Return the text of code points."""
    return utf_32_le_decode(codes.tobytes())[0]


def without_surrogates(text: str) -> str:
    """Return the text with lone surrogates, which are no characters, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
