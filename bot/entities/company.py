"""The company's own names in a text, by an automaton over the lexicon."""

from ahocorasick_rs import AhoCorasick, MatchKind

from bot.lexicon import Lexicon
from scripts_library.reading.found import Found


class CompanyNames:
    """Finds estates and products; leftmost and longest, any number of names in one pass."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._entries = [
            (surface, kind, name)
            for kind, names in lexicon.names.items()
            for surface, name in names.items()
        ]
        surfaces = [surface for surface, _, _ in self._entries]
        self._automaton = (
            AhoCorasick(surfaces, matchkind=MatchKind.LeftmostLongest) if surfaces else None
        )

    def find(self, text: str) -> list[Found]:
        """Return the names in order; value: the name as the catalogue writes it."""
        if self._automaton is None:
            return []
        return [
            Found(self._entries[i][1], start, end, self._entries[i][2])
            for i, start, end in self._automaton.find_matches_as_indexes(text)
        ]
