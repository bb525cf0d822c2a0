"""Anchors: words one of which is part of any match of a pattern, the rarest the pattern has.

The automaton looks for them; only where one stands between characters that the pattern allows
beside it is the pattern itself tried.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import product

from scripts_library.checking.pattern_syntax import (
    CHINESE_DIGITS,
    CLAUSE_END,
    Choice,
    Digit,
    Edge,
    Gap,
    Literal,
    Look,
    Node,
    Pause,
    Sequence_,
)
from scripts_library.paths import PACKAGE_DIR

MAX_LITERALS = 400
MAX_MERGED = 300
# Characters by falling frequency, counted over our own innocent replies in data/wording.
_COMMON = (
    "您不我一的了看有房是没在下好以个可要这点吗上业给价三能定天电最到主户来话说套多楼"
    "小年十问人东五还过费百发时行区公两就保家们里"
    "打谈证便二等么明税你少车会带子再先意地住万款贷金卖去开位请号门中学前道出大间方同"
    "那装周边系都哪帮也层用交合知口几收对修回清约高"
    "得租买哈快后比办水算付信理八老肯急什记心自分事实客低月着格面通新加师工放谢成满已"
    "息刚首型全安接完很班第错找别单联六物店晚商经跟关只"
)
_CHANCES = {char: 0.3 / (rank + 10) for rank, char in enumerate(_COMMON)}
_RARE = 0.0006
_RARE_PAIR = 0.00001
_LONGER = 0.5
"""How much rarer a word is for each character beyond a pair."""

_CHECKED = 0.7
"""What share of the places is left where the character before (or behind) has to fit too."""

_PAIRS_FILE = PACKAGE_DIR / "checking" / "common_pairs.txt"


@dataclass(frozen=True, slots=True)
class Anchor:
    """Words one of which is part of any match.

    Attributes:
        words: the words.
        before: how many characters after the start of the match they begin, at most.
        node: the index of the node they begin with, None if they begin inside of one.
        previous: the characters one of which stands in front of them, None if any may.
        following: the characters one of which stands behind them, None if any may.
    """

    words: tuple[str, ...]
    before: int
    node: int | None = None
    previous: frozenset[str] | None = None
    following: frozenset[str] | None = None


def find_anchors(nodes: Sequence_, least: int = 1) -> list[Anchor]:
    """Return the anchors of a pattern, the rarest first.

    Args:
        nodes: the parsed pattern.
        least: shorter words are left out where most of the words are longer; else the whole anchor.
    """
    usable = (_without_short(anchor, max(1, least)) for anchor in _all_anchors(nodes))
    return sorted((a for a in usable if a.words), key=chance)


@lru_cache(maxsize=4096)
def _all_anchors(nodes: Sequence_) -> tuple[Anchor, ...]:
    found: list[Anchor] = []
    current, begin = [""], 0
    for at, node in enumerate(nodes):
        if isinstance(node, Edge | Look):
            continue
        inner = expand((node,)) if isinstance(node, Literal | Choice) else None
        optional = isinstance(node, Choice) and node.optional
        limit = MAX_MERGED if optional else MAX_LITERALS
        if inner is not None and len(inner) * len(current) <= limit:
            current = [head + tail for head, tail in product(current, inner)]
            continue
        found.append(_anchor(current, nodes, begin, at))
        keeps = inner is not None and not optional
        current, begin = (list(inner or ()), at) if keeps else ([""], at + 1)
        if isinstance(node, Choice) and not optional and inner is None:
            branches = [find_anchors(option) for option in node.options]
            if all(branches):
                words = tuple(word for branch in branches for word in branch[0].words)
                found.append(Anchor(words, width(nodes[: at + 1])))
    found.append(_anchor(current, nodes, begin, len(nodes)))
    return tuple(found)


def _anchor(words: list[str], nodes: Sequence_, begin: int, end: int) -> Anchor:
    before, after = nodes[:begin][::-1], nodes[end:]
    return Anchor(
        tuple(words), width(nodes[:begin]), begin, _nearest(before, at_end=True), _nearest(after)
    )


def _nearest(nodes: Iterable[Node], *, at_end: bool = False) -> frozenset[str] | None:
    """Return the characters the nodes may begin with (or end with), None if any may follow."""
    chars: set[str] = set()
    for node in nodes:
        if isinstance(node, Edge | Look):
            continue
        found = _chars_of(node, at_end=at_end)
        if found is None:
            return None
        chars |= found
        if not _may_be_nothing(node):
            return frozenset(chars)
    return None


def _chars_of(node: Node, *, at_end: bool) -> frozenset[str] | None:
    if isinstance(node, Literal):
        return frozenset(node.text[-1] if at_end else node.text[0])
    if isinstance(node, Pause):
        return frozenset(CLAUSE_END)
    if isinstance(node, Digit):
        return frozenset("0123456789" + CHINESE_DIGITS)
    if not isinstance(node, Choice):
        return None
    chars: set[str] = set()
    for option in node.options:
        nodes = option[::-1] if at_end else option
        for inner in nodes:
            if isinstance(inner, Edge | Look):
                continue
            found = _chars_of(inner, at_end=at_end)
            if found is None:
                return None
            chars |= found
            if not _may_be_nothing(inner):
                break
    return frozenset(chars)


def _may_be_nothing(node: Node) -> bool:
    if isinstance(node, Choice):
        return node.optional or any(all(map(_may_be_nothing, o)) for o in node.options)
    return isinstance(node, Pause | Gap | Edge | Look)


def expand(nodes: Sequence_) -> list[str] | None:
    """Return every string the nodes match, None if not finite or more than `MAX_LITERALS`."""
    found = [""]
    for node in nodes:
        if isinstance(node, Literal):
            found = [text + node.text for text in found]
        elif isinstance(node, Choice) and node.most == 1:
            tails: list[str] = [""] if node.optional else []
            for option in node.options:
                inner = expand(option)
                if inner is None:
                    return None
                tails += inner
            if len(found) * len(tails) > MAX_LITERALS:
                return None
            found = [head + tail for head, tail in product(found, tails)]
        else:
            return None
    return found


def _without_short(anchor: Anchor, least: int) -> Anchor:
    """Drop words shorter than `least`; all of them, unless most are long enough."""
    if least == 1 and "" not in anchor.words:
        return anchor
    kept = tuple(text for text in anchor.words if len(text) >= least)
    if len(kept) == len(anchor.words):
        return anchor
    enough = least > 1 and 2 * len(kept) > len(anchor.words)
    return replace(anchor, words=kept if enough else ())


def chance(anchor: Anchor) -> float:
    """Estimate how often, per character, a place in an ordinary text has to be looked at.

    Chosen among others for the fewest such places in our own innocent examples in data/wording.
    """
    sides = (anchor.previous, anchor.following)
    checked = _CHECKED ** sum(side is not None for side in sides)
    return checked * sum(word_chance(text) for text in set(anchor.words))


def rarest_before(nodes: Sequence_, anchor: Anchor) -> Node | None:
    """Return the rarest of the nodes that every match has in front of the anchor, None if none."""
    known: list[tuple[float, int]] = []
    for at, node in enumerate(nodes[: anchor.node or 0]):
        words = expand((node,)) if isinstance(node, Literal | Choice) else None
        if words and "" not in words:
            known.append((sum(map(word_chance, words)), at))
    return nodes[min(known)[1]] if known else None


@lru_cache(maxsize=2**16)
def word_chance(text: str) -> float:
    """Estimate how often a word occurs, per character of an ordinary text."""
    if len(text) == 1:
        return _CHANCES.get(text, _RARE)
    pairs = _common_pairs()
    rarest = min(pairs.get(text[i : i + 2], _RARE_PAIR) for i in range(len(text) - 1))
    return float(rarest * _LONGER ** (len(text) - 2))


@cache
def _common_pairs() -> dict[str, float]:
    """Return how often common pairs of characters occur, per character of ordinary replies."""
    lines = _PAIRS_FILE.read_text(encoding="utf-8").splitlines()
    words = " ".join(line for line in lines if not line.startswith("#")).split()
    return {pair: int(n) / 100_000 for pair, n in zip(words[::2], words[1::2], strict=True)}


def width(nodes: Sequence_) -> int:
    total = 0
    for node in nodes:
        if isinstance(node, Literal):
            total += len(node.text)
        elif isinstance(node, Digit):
            total += 1
        elif isinstance(node, Gap):
            total += node.most
        elif isinstance(node, Pause):
            total += 3
        elif isinstance(node, Choice):
            total += node.most * max(map(width, node.options))
    return total
