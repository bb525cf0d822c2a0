"""Compile patterns (see `scripts_library.checking.pattern_syntax`) for the automaton.

A pattern becomes literals: either the whole of it, when it is a finite list of words, or words one
of which must occur, next to a regular expression that confirms the place.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

from scripts_library.checking.pattern_syntax import (
    Choice,
    Digit,
    Edge,
    Gap,
    Literal,
    Look,
    Node,
    Pause,
    Sequence_,
    parse,
)
from scripts_library.errors import PatternError
from scripts_library.paths import PACKAGE_DIR

# The last character is `sound.BREAK`, so the same edges work on sound texts.
SENTENCE_END = "。！？!?\n；;…\u0001"
CLAUSE_END = SENTENCE_END + '，,、：:～~ \t\u3000（）()“”"「」😊'
MAX_LITERALS = 400
MAX_MERGED = 300
MAX_SOUND_COST = 0.002
"""Chance, per character, of the words of a pattern that is compared by sound."""
_PAUSE = f"[{re.escape(CLAUSE_END)}]{{0,3}}"
_DIGIT = "[0-9一二两三四五六七八九十百千几]"
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
_RARE_PAIR = 0.00002
_PAIRS_FILE = PACKAGE_DIR / "checking" / "common_pairs.txt"
_NEVER = "(?!)"


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled pattern.

    `literals` are found by the automaton; if `regex` is None each of them is a hit as it stands,
    else the regular expression (its source) must match around it, at most `width` characters long
    and beginning at most `before` characters in front of it.
    """

    source: str
    literals: tuple[str, ...]
    regex: str | None
    width: int
    before: int = 0


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
    exact = _expand(tree)
    if exact is not None and "" not in exact and len(exact) <= MAX_LITERALS:
        literals = tuple(dict.fromkeys(spelling(text) for text in exact))
        return Template(source, literals, None, max(map(len, literals)))
    groups = _required_groups(tree, least)
    required = groups[0].words if groups else ()
    if least > 1 and (not required or _cost(required) > MAX_SOUND_COST):
        return Template(source, (), None, 0)
    if not required:
        raise PatternError(f"句式「{source}」没有必须出现的文字,会匹配任何内容;请写出固定的词")
    regex = _regex(tree, spelling)
    literals = tuple(dict.fromkeys(spelling(text) for text in required))
    return Template(source, literals, regex, _width(tree), groups[0].before)


def literal_size(source: str, words: Mapping[str, tuple[str, ...]]) -> int:
    """Return how many fixed characters the shortest match of the pattern has."""
    return _least(parse(source, words))


def _expand(nodes: Sequence_) -> list[str] | None:
    """Return every string the nodes match, None if not finite or more than `MAX_LITERALS`."""
    found = [""]
    for node in nodes:
        if isinstance(node, Literal):
            found = [text + node.text for text in found]
        elif isinstance(node, Choice) and node.most == 1:
            tails: list[str] = [""] if node.optional else []
            for option in node.options:
                inner = _expand(option)
                if inner is None:
                    return None
                tails += inner
            if len(found) * len(tails) > MAX_LITERALS:
                return None
            found = [head + tail for head, tail in product(found, tails)]
        else:
            return None
    return found


def _required(nodes: Sequence_, least: int = 1) -> list[str]:
    """Return strings one of which is part of any match, chosen long and few; [] if none."""
    groups = _required_groups(nodes, least)
    return list(groups[0].words) if groups else []


@dataclass(frozen=True, slots=True)
class _Group:
    """Words one of which is part of any match, at most `before` characters after its start."""

    words: tuple[str, ...]
    before: int


def _required_groups(nodes: Sequence_, least: int) -> list[_Group]:
    """Return the groups of words a match must hold, the rarest first."""
    candidates: list[_Group] = []
    current, begin = [""], 0
    for at, node in enumerate(nodes):
        if isinstance(node, Edge | Look):
            continue
        inner = _expand((node,)) if isinstance(node, Literal | Choice) else None
        optional = isinstance(node, Choice) and node.optional
        limit = MAX_MERGED if optional else MAX_LITERALS
        if inner is not None and len(inner) * len(current) <= limit:
            current = [head + tail for head, tail in product(current, inner)]
            continue
        candidates.append(_Group(tuple(current), _width(nodes[:begin])))
        keeps = inner is not None and not optional
        current, begin = (list(inner or ()), at) if keeps else ([""], at + 1)
        if isinstance(node, Choice) and not optional and inner is None:
            branches = [_required(option) for option in node.options]
            if all(branches):
                words = tuple(text for branch in branches for text in branch)
                candidates.append(_Group(words, _width(nodes[: at + 1])))
    candidates.append(_Group(tuple(current), _width(nodes[:begin])))
    usable = (_without_short(group, max(1, least)) for group in candidates)
    return sorted((group for group in usable if group.words), key=lambda g: _cost(g.words))


def _without_short(group: _Group, least: int) -> _Group:
    """Drop words shorter than `least`; all of them, unless most are long enough."""
    kept = tuple(text for text in group.words if len(text) >= least)
    enough = len(kept) == len(group.words) or (least > 1 and 2 * len(kept) > len(group.words))
    return _Group(kept if enough else (), group.before)


def _cost(literals: Iterable[str]) -> float:
    """Estimate how often one of the literals turns up in a text by chance."""
    return sum(_chance(text) for text in set(literals))


def _chance(text: str) -> float:
    if len(text) == 1:
        return _CHANCES.get(text, _RARE)
    pairs = _common_pairs()
    return min(pairs.get(text[i : i + 2], _RARE_PAIR) for i in range(len(text) - 1))


@cache
def _common_pairs() -> dict[str, float]:
    """Return how often common pairs of characters occur, per character of ordinary replies."""
    lines = _PAIRS_FILE.read_text(encoding="utf-8").splitlines()
    words = " ".join(line for line in lines if not line.startswith("#")).split()
    return {pair: int(n) / 100_000 for pair, n in zip(words[::2], words[1::2], strict=True)}


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
        texts = [text for option in node.options for text in _expand(option) or ()]
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


def _width(nodes: Sequence_) -> int:
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
            total += node.most * max(map(_width, node.options))
    return total


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
