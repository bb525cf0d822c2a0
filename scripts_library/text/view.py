"""A text as the checker searches it: folded, or folded and joined, with the way back."""

from collections.abc import Sequence

from scripts_library.text.classes import rare_classes
from scripts_library.text.codes import codes_of, without_surrogates
from scripts_library.text.folding import fold_codes
from scripts_library.text.separators import (
    Span,
    cut,
    cut_list,
    find_separators,
    may_have_runs,
    may_have_separators,
)
from scripts_library.text.sound_codes import sound
from scripts_library.text.traits import trait_table

_NO_DIGITS = b"HLOSZWPXB"
_TO_HAN = bytes.maketrans(b"N", b"H")
_MAX_ROUNDS = 16


class View:
    """A folded text and what is known of it; made by `folded_view`.

    Attributes:
        text: the folded text.
        kinds: the classes of its characters (see `classes`), numerals as Han.
        rare: those of them that are neither Chinese, digits nor usual marks.
        echo: its sounds in one byte each (see `sound_codes.echo_table`).
        digits: how many digits and Chinese numerals the original has.
        starts: where in the original each character stands; a range if nothing was taken out.
    """

    __slots__ = ("digits", "echo", "kinds", "rare", "starts", "text")

    def __init__(
        self,
        text: str,
        kinds: str,
        rare: str,
        echo: bytes,
        digits: int,
        starts: Sequence[int],
    ) -> None:
        self.text = text
        self.echo = echo
        self.kinds = kinds
        self.rare = rare
        self.digits = digits
        self.starts = starts

    def span(self, start: int, end: int) -> Span:
        """Return the original span of `text[start:end]`; needs `start < end`."""
        return self.starts[start], self.starts[end - 1] + 1

    def sounds(self) -> str:
        """Return the sound text, one code for each character."""
        return sound(self.text)

    def joined(self, *, may_repeat: bool | None = None) -> "View | None":
        """Return the view of this folded text without separators; None if it has none.

        Args:
            may_repeat: what `separators.may_have_runs` says of the echo, if that is known.
        """
        if may_repeat is None:
            may_repeat = may_have_runs(self.echo)
        if not may_have_separators(self.text, self.kinds, self.rare, may_repeat=may_repeat):
            return None
        text, kinds, rare, echo = self.text, self.kinds, self.rare, self.echo
        starts = self.starts
        for _ in range(_MAX_ROUNDS):
            spans = find_separators(text, kinds, echo)
            if not spans:
                break
            starts = cut_list(starts, spans)
            text, kinds, echo = cut(text, spans), cut(kinds, spans), cut(echo, spans)
            rare = rare_classes(kinds.encode("ascii"))
            may_repeat = may_have_runs(echo)
            if not may_have_separators(text, kinds, rare, may_repeat=may_repeat):
                break
        if starts is self.starts:
            return None
        return View(text, kinds, rare, echo, self.digits, starts)


def folded_view(text: str) -> View:
    """Return the folded view of a text; lone surrogates become question marks."""
    try:
        codes = codes_of(text)
    except UnicodeEncodeError:
        text = without_surrogates(text)
        codes = codes_of(text)
    traits = trait_table()[codes].tobytes()
    kinds, echo = traits[::2], traits[1::2]
    rare = rare_classes(kinds)
    if rare and not rare.isupper():
        text = fold_codes(codes)
        kinds = kinds.upper()
        rare = rare_classes(kinds)
    digits = len(kinds.translate(None, _NO_DIGITS))
    kinds_as_text = kinds.translate(_TO_HAN).decode("ascii")
    return View(text, kinds_as_text, rare, echo, digits, range(len(text)))
