"""A text as the checker searches it: folded, or folded and joined, with the way back."""

import numpy as np

from scripts_library.text.classes import Codes, class_table
from scripts_library.text.folding import fold_table
from scripts_library.text.separators import may_have_separators, text_of, without_separators
from scripts_library.text.sound_codes import sound_of

_CODES = np.dtype("<u4")


class View:
    """A folded text and what is known of it; made by `folded_view`.

    Attributes:
        text: the folded text.
        codes: its code points.
        kinds: the classes of its characters (see `classes`), numerals as Han.
        digits: how many of them are digits or Chinese numerals.
        kept: index in the original of each character; None if nothing moved.
    """

    __slots__ = ("codes", "digits", "kept", "kinds", "text")

    def __init__(self, text: str, codes: Codes, kinds: bytes, kept: Codes | None) -> None:
        self.text = text
        self.codes = codes
        self.digits = kinds.count(b"D") + kinds.count(b"N")
        self.kinds = kinds.replace(b"N", b"H")
        self.kept = kept

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original span of `text[start:end]`; needs `start < end`."""
        if self.kept is None:
            return start, end
        return int(self.kept[start]), int(self.kept[end - 1]) + 1

    def sounds(self) -> str:
        """Return the sound text, one code for each character."""
        return sound_of(self.codes)

    def joined(self) -> "View | None":
        """Return the view of this folded text without separators; None if it has none."""
        if not may_have_separators(self.text, self.kinds, self.codes):
            return None
        found = without_separators(self.text, self.kinds, self.codes)
        if found is None:
            return None
        codes, kept = found
        return View(text_of(codes), codes, class_table().take(codes).tobytes(), kept)


def folded_view(text: str) -> View:
    """Return the folded view of a text; lone surrogates become question marks."""
    try:
        raw = text.encode("utf-32-le")
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode("utf-8")
        raw = text.encode("utf-32-le")
    codes = np.frombuffer(raw, _CODES).astype(np.intp)
    kinds = class_table().take(codes).tobytes()
    if b"C" in kinds:
        codes = fold_table().take(codes).astype(np.intp)
        kinds = class_table().take(codes).tobytes()
        text = text_of(codes)
    return View(text, codes, kinds, None)
