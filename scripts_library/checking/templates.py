"""Compile patterns (see `scripts_library.checking.pattern_syntax`) for the automaton.

A pattern becomes literals: either the whole of it, when it is a finite list of words, or words one
of which must occur, next to a regular expression that confirms the place.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scripts_library.checking.anchors import MAX_LITERALS, chance, expand, find_anchors, width
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

MAX_SOUND_COST = 0.002
"""Chance, per character, of the words of a pattern that is compared by sound."""
_PAUSE = f"[{re.escape(CLAUSE_END)}]{{0,3}}"
_DIGIT = f"[0-9{CHINESE_DIGITS}]"
_NEVER = "(?!)"


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled pattern.

    `literals` are found by the automaton; if `regex` is None each of them is a hit as it stands,
    else the regular expression (its source) must match around it, at most `width` characters long
    and beginning at most `before` characters in front of it. If `previous` or `following` is given,
    one of these characters must stand beside the literal.
    """

    source: str
    literals: tuple[str, ...]
    regex: str | None
    width: int
    before: int = 0
    previous: frozenset[str] | None = None
    following: frozenset[str] | None = None


def compile_template(
    source: str,
    words: Mapping[str, tuple[str, ...]],
    spell: Callable[[str], str] | None = None,
    least: int = 1,
) -> Template:
    """Compile one pattern.

    Args:
        source: the pattern as written in the pack, already folded.
        words: word groups by name.
        spell: maps literals to sounds (for the sound scan); None keeps them as they are.
        least: literals for the automaton that are shorter than this are left out, where most of
            the pattern's literals are longer; else the pattern is left without any. It would be
            tried at every turn.

    Raises:
        PatternError: if the pattern is malformed or would match anything.
    """
    tree = parse(source, words)
    spelling = spell or (lambda text: text)
    exact = expand(tree)
    if exact is not None and "" not in exact and len(exact) <= MAX_LITERALS:
        literals = tuple(dict.fromkeys(spelling(text) for text in exact))
        return Template(source, literals, None, max(map(len, literals)))
    anchors = find_anchors(tree, least)
    if least > 1 and (not anchors or chance(anchors[0].words) > MAX_SOUND_COST):
        return Template(source, (), None, 0)
    if not anchors:
        raise PatternError(f"句式「{source}」没有必须出现的文字,会匹配任何内容;请写出固定的词")
    anchor = anchors[0]
    return Template(
        source,
        tuple(dict.fromkeys(spelling(text) for text in anchor.words)),
        _regex(tree, spelling),
        width(tree),
        anchor.before,
        _spelled(anchor.previous, spelling),
        _spelled(anchor.following, spelling),
    )


def _spelled(chars: frozenset[str] | None, spelling: Callable[[str], str]) -> frozenset[str] | None:
    """Return the characters as the text searched has them; marks stay beside their sound."""
    return None if chars is None else chars | frozenset(map(spelling, chars))


def literal_size(source: str, words: Mapping[str, tuple[str, ...]]) -> int:
    """Return how many fixed characters the shortest match of the pattern has."""
    return _least(parse(source, words))


def _regex(nodes: Sequence_, spell: Callable[[str], str]) -> str:
    return "".join(_regex_of(node, spell) for node in nodes)


def _regex_of(node: Node, spell: Callable[[str], str]) -> str:
    if isinstance(node, Literal):
        return re.escape(spell(node.text))
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
