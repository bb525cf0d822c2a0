"""The small pattern language of the rule packs: its signs and its parser.

==============  =================================================================
`不知道`         these characters
`(甲|乙)`        one of several, may be nested
`[甲|乙]`        the same, or nothing
`[甲|乙]*`       up to three of them in a row, or nothing; `(甲|乙)*` at least one
`，`             a pause: up to three marks or spaces, or nothing
`{4}`           a gap of at most 4 characters without punctuation
`{8+}`          a gap of at most 8 characters that may cross a comma, not a full stop
`<me>`          a word group of `words.yml`
`^`             start of the text or of a sentence
`^^`            start of the text, of a sentence or of a clause
`$`             end of a clause or of the text
`(!甲|乙)`       not followed by these
`(-甲|乙)`       not preceded by these
`(甲|，)`        a pause alone among options is the end of a clause, like `$`
`\\(`            the sign itself
==============  =================================================================
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from scripts_library.errors import PatternError

# The last character is `sound_codes.BREAK`, so the same edges work on sound texts.
SENTENCE_END = "。！？!?\n；;…\u0001"
CLAUSE_END = SENTENCE_END + '，,、：:～~ \t\u3000（）()“”"「」😊'
CHINESE_DIGITS = "一二两三四五六七八九十百千几"
MAX_GAP = 40
MAX_REPEATS = 3
MAX_PATTERN = 2000
_NAMES = re.compile("<([^>]*)>")


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    options: "tuple[Sequence_, ...]"
    optional: bool
    most: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    most: int
    over_commas: bool


@dataclass(frozen=True, slots=True, eq=False)
class Pause:
    pass


@dataclass(frozen=True, slots=True, eq=False)
class Digit:
    pass


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    options: "tuple[Sequence_, ...]"
    behind: bool


Node = Literal | Choice | Gap | Pause | Digit | Edge | Look
Sequence_ = tuple[Node, ...]


def _is_pause(option: Sequence_) -> bool:
    return len(option) == 1 and isinstance(option[0], Pause)


def parse(source: str, words: Mapping[str, tuple[str, ...]]) -> Sequence_:
    """Return the nodes of a pattern.

    Raises:
        PatternError: if the pattern is malformed; the message says where.
    """
    names = _NAMES.findall(source)
    if any(name not in words for name in names):
        return _Parser(source, words).parse()
    return _parse(source, tuple((name, words[name]) for name in names))


@lru_cache(maxsize=4096)
def _parse(source: str, groups: tuple[tuple[str, tuple[str, ...]], ...]) -> Sequence_:
    """Parse with the word groups the pattern names; it is compiled several times, parsed once."""
    return _Parser(source, dict(groups)).parse()


class _Parser:
    """Recursive descent over one pattern."""

    def __init__(self, source: str, words: Mapping[str, tuple[str, ...]]) -> None:
        self.source, self.words, self.at = source, words, 0

    def parse(self) -> Sequence_:
        if not self.source.strip():
            raise PatternError("句式是空的;请写出要找的词")
        if len(self.source) > MAX_PATTERN:
            raise PatternError(f"句式太长({len(self.source)} 字);请拆成几条")
        nodes = self._sequence("")
        if self.at < len(self.source):
            self._fail(f"多余的「{self.source[self.at]}」")
        return nodes

    def _fail(self, what: str) -> None:
        raise PatternError(f"句式「{self.source}」第 {self.at + 1} 个字符:{what}")

    def _sequence(self, closing: str) -> Sequence_:
        nodes: list[Node] = []
        while self.at < len(self.source):
            char = self.source[self.at]
            if (char == "|" and closing) or char in ")]}>":
                break
            nodes.append(self._node(char))
        return tuple(nodes)

    def _node(self, char: str) -> Node:
        self.at += 1
        if char == "(":
            return self._group()
        if char == "[":
            return self._repeated(Choice(self._options("]"), optional=True))
        if char == "{":
            return self._gap()
        if char == "<":
            return self._words()
        if char == "，":
            return Pause()
        if char == "#":
            return Digit()
        if char == "^":
            if self.source[self.at : self.at + 1] == "^":
                self.at += 1
                return Edge("clause")
            return Edge("sentence")
        if char == "$":
            return Edge("end")
        if char == "|":
            self._fail("「|」要写在括号里")
        if char in "*?":
            self._fail(f"「{char}」前面要有括号;可有可无请用 [ ]" if char == "*" else "不能用「?」")
        if char == "\\":
            char = self.source[self.at : self.at + 1]
            if not char:
                self._fail("「\\」后面要有字符")
            self.at += 1
        return Literal(char)

    def _group(self) -> Node:
        mark = self.source[self.at : self.at + 1]
        if mark in ("!", "-"):
            self.at += 1
            return Look(self._options(")"), behind=mark == "-")
        return self._repeated(Choice(self._options(")"), optional=False))

    def _repeated(self, choice: Choice) -> Choice:
        if self.source[self.at : self.at + 1] != "*":
            return choice
        self.at += 1
        return Choice(choice.options, choice.optional, MAX_REPEATS)

    def _options(self, closing: str) -> tuple[Sequence_, ...]:
        options = [self._sequence(closing)]
        while self.source[self.at : self.at + 1] == "|":
            self.at += 1
            options.append(self._sequence(closing))
        if self.source[self.at : self.at + 1] != closing:
            self._fail(f"缺少「{closing}」")
        self.at += 1
        if any(not option for option in options):
            self._fail("括号里有空的选项;可有可无请用 [ ]")
        return tuple((Edge("end"),) if _is_pause(option) else option for option in options)

    def _until(self, closing: str) -> str:
        end = self.source.find(closing, self.at)
        if end < 0:
            self._fail(f"缺少「{closing}」")
        inner, self.at = self.source[self.at : end], end + 1
        return inner

    def _gap(self) -> Gap:
        inner = self._until("}")
        number = inner.removesuffix("+")
        if not (number.isascii() and number.isdigit()) or not 1 <= int(number) <= MAX_GAP:
            self._fail(f"间隔「{{{inner}}}」要写成 1 到 {MAX_GAP} 的数字")
        return Gap(int(number), over_commas=inner.endswith("+"))

    def _words(self) -> Node:
        name = self._until(">")
        if name not in self.words:
            self._fail(f"没有词组「<{name}>」;已有 {'、'.join(sorted(self.words))}")
        inner = [_Parser(word, {}).parse() for word in self.words[name]]
        return Choice(tuple(inner), optional=False)
