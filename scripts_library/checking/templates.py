"""Compile patterns (see `scripts_library.checking.pattern_syntax`) for the automaton.

A pattern becomes literals: either the whole of it, when it is a finite list of words, or words one
of which must occur, next to a regular expression that confirms the place.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import product
from typing import NamedTuple

from scripts_library.checking.anchors import (
    MAX_LITERALS,
    chance,
    expand,
    find_anchors,
    rarest_before,
    width,
    word_chance,
)
from scripts_library.checking.pattern_syntax import (
    CHINESE_DIGITS,
    CLAUSE_END,
    SENTENCE_END,
    Choice,
    Digit,
    Edge,
    Gap,
    Literal,
    Node,
    Pause,
    Sequence_,
    parse,
)
from scripts_library.errors import PatternError
from scripts_library.text.sound_codes import BREAK, NEVER

_PAUSE = f"[{re.escape(CLAUSE_END)}]{{0,3}}"
_DIGIT = f"[0-9{CHINESE_DIGITS}]"
_NEVER = "(?!)"


DIGITS = dict(zip("零一二两三四五六七八九", "01223456789", strict=True))
"""Chinese numerals that people write as digits to get round a word list: 第1, 2百5."""
_MOST_NUMERALS = 3
MAX_FLANKS = 1200
_NUMERAL = re.compile(f"[{''.join(DIGITS)}]")


def _as_written(text: str) -> str:
    return text


def _with_digits(literals: Iterable[str]) -> Iterator[str]:
    """Yield each literal with every choice of numerals written as digits, itself first."""
    for literal in literals:
        if not _NUMERAL.search(literal):
            yield literal
            continue
        choices = [(char, DIGITS[char]) if char in DIGITS else (char,) for char in literal]
        if sum(map(len, choices)) - len(literal) > _MOST_NUMERALS:
            choices = [(char,) for char in literal]
        yield from map("".join, product(*choices))


def _escaped(text: str) -> str:
    """Return the regular expression of a literal, numerals or digits."""
    return _NUMERAL.sub(lambda match: f"[{match[0]}{DIGITS[match[0]]}]", re.escape(text))


class Flanked(NamedTuple):
    """A literal and what stands beside it: `text[front : len(text) - back]` is the literal."""

    text: str
    front: int
    back: int


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled pattern.

    `literals` are found by the automaton; if `regex` is None each of them is a hit as it stands,
    else the regular expression whose source it returns must match around it, at most `width`
    characters long and beginning at most `before` characters in front of it; `rest` is the part of
    it that begins with the literal, `ahead` a part that stands in front of it, where these are
    known. If `previous` or `following` is given, one of these characters must stand beside the
    literal. Frequent literals stand in `flanked` instead, once for each choice of the characters
    beside them, so that fewer are found.
    """

    source: str
    literals: tuple[str, ...]
    regex: Callable[[], str] | None
    width: int
    before: int = 0
    previous: frozenset[str] | None = None
    following: frozenset[str] | None = None
    flanked: tuple[Flanked, ...] = ()
    rest: Callable[[], str] | None = None
    ahead: Callable[[], str] | None = None


@dataclass(frozen=True, slots=True)
class Spelling:
    """How patterns are written for one scanner.

    Attributes:
        spell: maps literals to what the searched text has for them (its sounds).
        least: anchors shorter than this are left out, where most words of the anchor are longer.
        shortest: patterns that are plain words shorter than this are left out.
        frequent: a literal that occurs more often, per character, is found only between characters
            that the pattern allows beside it.
        most_cost: how often, per character, the anchors of a pattern may turn up by chance; a
            pattern with more frequent ones is left out, it would be tried at every turn.
    """

    spell: Callable[[str], str]
    least: int = 1
    shortest: int = 1
    most_cost: float = 1.0
    frequent: float = 5e-5


_AS_WRITTEN = Spelling(_as_written)


def compile_template(
    source: str, words: Mapping[str, tuple[str, ...]], spelling: Spelling | None = None
) -> Template:
    """Compile one pattern.

    Args:
        source: the pattern as written in the pack, already folded.
        words: word groups by name.
        spelling: how the searched text is spelled; None: as it is.

    Returns:
        The template; one without literals if the spelling leaves the pattern out.

    Raises:
        PatternError: if the pattern is malformed or would match anything.
    """
    return _compile(source, parse(source, words), spelling or _AS_WRITTEN)


def check_pattern(source: str, words: Mapping[str, tuple[str, ...]]) -> None:
    """Raise `PatternError` where `compile_template` would; cheaper."""
    tree = parse(source, words)
    exact = expand(tree)
    if (exact is None or "" in exact) and not find_anchors(tree):
        raise _matches_anything(source)


def _matches_anything(source: str) -> PatternError:
    return PatternError(f"句式「{source}」没有必须出现的文字,会匹配任何内容;请写出固定的词")


@lru_cache(maxsize=4096)
def _compile(source: str, tree: Sequence_, how: Spelling) -> Template:
    """Compile a parsed pattern; packs are checked first and put to use afterwards."""
    exact = expand(tree)
    if exact is not None and "" not in exact and len(exact) <= MAX_LITERALS:
        literals = _unique(map(how.spell, _with_digits(t for t in exact if len(t) >= how.shortest)))
        return Template(source, literals, None, max(map(len, exact)))
    anchors = find_anchors(tree, how.least)
    if how.most_cost < 1 and (not anchors or chance(anchors[0]) > how.most_cost):
        return Template(source, (), None, 0)
    if not anchors:
        raise _matches_anything(source)
    anchor = anchors[0]
    previous = _spelled(anchor.previous, how.spell) if anchor.before else None
    following = _spelled(anchor.following, how.spell)
    flanks = _flanks(previous, following)
    ahead = rarest_before(tree, anchor)
    frequent = [word for word in anchor.words if flanks and word_chance(word) > how.frequent]
    words_left = [word for word in anchor.words if word not in frequent]
    return Template(
        source,
        _unique(map(how.spell, _with_digits(words_left))),
        partial(_regex, tree, how.spell),
        width(tree),
        anchor.before,
        previous,
        following,
        tuple(
            Flanked(head + text + tail, len(head), len(tail))
            for text in _unique(map(how.spell, _with_digits(frequent)))
            for head, tail in flanks
        ),
        partial(_regex, tree[anchor.node :], how.spell) if anchor.node else None,
        partial(_regex_of, ahead, how.spell) if ahead else None,
    )


def _flanks(
    previous: frozenset[str] | None, following: frozenset[str] | None
) -> list[tuple[str, str]]:
    """Return every choice of the characters beside a literal; none if any may, or too many."""
    heads, tails = sorted(previous or ("",)), sorted(following or ("",))
    if (previous is None and following is None) or len(heads) * len(tails) > MAX_FLANKS:
        return []
    return list(product(heads, tails))


def _unique(literals: Iterable[str]) -> tuple[str, ...]:
    """Return the literals that may occur, without doubles."""
    return tuple(dict.fromkeys(text for text in literals if NEVER not in text))


def _spelled(chars: frozenset[str] | None, spelling: Callable[[str], str]) -> frozenset[str] | None:
    """Return the characters as the text searched has them."""
    if chars is None:
        return None
    digits = {DIGITS[char] for char in chars if char in DIGITS}
    marks = chars & {BREAK}
    return marks | frozenset(map(spelling, (chars | digits) - marks)) - {NEVER}


def literal_size(source: str, words: Mapping[str, tuple[str, ...]]) -> int:
    """Return how many fixed characters the shortest match of the pattern has."""
    return _least(parse(source, words))


def _regex(nodes: Sequence_, spell: Callable[[str], str]) -> str:
    return "".join(_regex_of(node, spell) for node in nodes)


def _regex_of(node: Node, spell: Callable[[str], str]) -> str:
    if isinstance(node, Literal):
        return _escaped(spell(node.text))
    if isinstance(node, Choice):
        options = "|".join(_regex(option, spell) for option in node.options)
        return f"(?:{options}){_repeat(node)}"
    if isinstance(node, Gap):
        stop = SENTENCE_END if node.over_commas else CLAUSE_END
        return f"[^{re.escape(stop)}]{{0,{node.most}}}?"
    if isinstance(node, Pause):
        return _PAUSE
    if isinstance(node, Digit):
        return _DIGIT
    if isinstance(node, Edge):
        return _edge(node.kind)
    if node.behind:
        texts = [text for option in node.options for text in expand(option) or ()]
        return "".join(f"(?<!{re.escape(spell(text))})" for text in texts) or _NEVER
    options = "|".join(_regex(option, spell) for option in node.options)
    return f"(?!{options})"


def _repeat(node: Choice) -> str:
    if node.most == 1:
        return "?" if node.optional else ""
    return f"{{{0 if node.optional else 1},{node.most}}}"


def _edge(kind: str) -> str:
    if kind == "sentence":
        return rf"(?:(?<=[{re.escape(SENTENCE_END)}])|\A)"
    if kind == "clause":
        return rf"(?:(?<=[{re.escape(CLAUSE_END)}])|\A)"
    return rf"(?=[{re.escape(CLAUSE_END)}]|\Z)"


def _least(nodes: Sequence_) -> int:
    total = 0
    for node in nodes:
        if isinstance(node, Literal):
            total += len(node.text)
        elif isinstance(node, Choice) and not node.optional:
            total += min(map(_least, node.options))
    return total


def template_regex(
    source: str,
    words: Mapping[str, tuple[str, ...]],
    spell: Callable[[str], str] | None = None,
) -> str:
    """Return the regular expression of a pattern, also where the pattern is a plain word."""
    return _regex(parse(source, words), spell or (lambda text: text))


def samples(source: str, words: Mapping[str, tuple[str, ...]], most: int) -> list[str]:
    """Return up to `most` texts the pattern is meant to match, spread over its options."""
    tree = parse(source, words)
    return list(dict.fromkeys(_sample(tree, seed) for seed in range(most)))


def _sample(nodes: Sequence_, seed: int) -> str:
    parts = []
    for node in nodes:
        if isinstance(node, Literal):
            parts.append(node.text)
        elif isinstance(node, Digit):
            parts.append(str(seed % 9 + 1))
        elif isinstance(node, Choice) and not (node.optional and seed % 2 == 0):
            parts.append(_sample(node.options[seed % len(node.options)], seed // 2))
    return "".join(parts)
