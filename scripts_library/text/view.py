"""A text as the checker searches it: folded, or folded and joined, with the way back."""

from collections.abc import Sequence

import numpy as np

from scripts_library.text.classes import class_table
from scripts_library.text.codes import UNIT, Codes, codes_of, text_of, units_of
from scripts_library.text.folding import fold_table
from scripts_library.text.separators import Span, cut, find_separators, may_have_separators
from scripts_library.text.sound_codes import sound_units

_SYMBOL, _REBUS = b"XR"
_NO_DIGITS = b"HLOSZWPXB"
_TO_HAN = bytes.maketrans(b"N", b"H")
_MAX_ROUNDS = 16


class View:
    """A folded text and what is known of it; made by `folded_view`.

    Attributes:
        text: the folded text.
        codes: its code points.
        kinds: the classes of its characters (see `classes`), numerals as Han.
        units: the text as 16-bit units, for the scanner.
        digits: how many digits and Chinese numerals the original has.
        cuts: what was taken out of the original, as spans, one list a round; the offset map.
    """

    __slots__ = ("_starts", "codes", "cuts", "digits", "kinds", "text", "units")

    def __init__(
        self,
        text: str,
        codes: Codes,
        kinds: bytes,
        units: bytes,
        digits: int,
        cuts: Sequence[Sequence[Span]] = (),
    ) -> None:
        self.text = text
        self.codes = codes
        self.units = units
        self.kinds = kinds
        self.digits = digits
        self.cuts = cuts
        self._starts: Sequence[int] | None = None

    @property
    def starts(self) -> Sequence[int]:
        """Where in the original each character stands."""
        if self._starts is None:
            self._starts = _starts(len(self.text), self.cuts)
        return self._starts

    def span(self, start: int, end: int) -> Span:
        """Return the original span of `text[start:end]`; needs `start < end`."""
        if not self.cuts:
            return start, end
        return self.starts[start], self.starts[end - 1] + 1

    def sounds(self) -> bytes:
        """Return the sound text as 16-bit units, one for each character."""
        return sound_units(self.codes)

    def joined(self) -> "View | None":
        """Return the view of this folded text without separators; None if it has none."""
        text, kinds, codes = self.text, self.kinds, self.codes
        cuts: list[list[Span]] = []
        while len(cuts) < _MAX_ROUNDS and may_have_separators(text, kinds, codes):
            spans = find_separators(text, kinds, codes)
            if not spans:
                break
            cuts.append(spans)
            text, kinds = cut(text, spans), cut(kinds, spans)
            codes = codes_of(text)
        if not cuts:
            return None
        return View(text, codes, kinds, units_of(codes), self.digits, cuts)


def _starts(size: int, cuts: Sequence[Sequence[Span]]) -> Sequence[int]:
    """Return the original offset of each of `size` characters that stayed."""
    if not cuts:
        return range(size)
    original = size + sum(end - start for spans in cuts for start, end in spans)
    starts = np.arange(original)
    for spans in cuts:
        stays = np.ones(len(starts), dtype=bool)
        for start, end in spans:
            stays[start:end] = False
        starts = starts[stays]
    return list(starts.tolist())


def folded_view(text: str) -> View:
    """Return the folded view of a text; lone surrogates become question marks."""
    try:
        units = text.encode("utf-16-le")
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode("utf-8")
        units = text.encode("utf-16-le")
    if len(units) == 2 * len(text):
        codes = np.frombuffer(units, UNIT).astype(np.intp)
    else:
        codes = codes_of(text)
        units = units_of(codes)
    kinds = class_table().take(codes).tobytes()
    if b"C" in kinds or b"R" in kinds:
        codes = fold_table().take(codes).astype(np.intp)
        before, kinds = kinds, class_table().take(codes).tobytes()
        if b"R" in before:
            kinds = bytes(_SYMBOL if b == _REBUS else k for b, k in zip(before, kinds, strict=True))
        text, units = text_of(codes), units_of(codes)
    digits = len(kinds.translate(None, _NO_DIGITS))
    return View(text, codes, kinds.translate(_TO_HAN), units, digits)
