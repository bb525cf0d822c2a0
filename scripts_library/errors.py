"""Errors of the library. None of them carries a customer's text."""

from collections.abc import Sequence
from dataclasses import dataclass


class PhraseError(Exception):
    """Base of every error this library raises on purpose."""


class TextError(PhraseError, TypeError):
    """The text to check is not a `str`."""


class PatternError(PhraseError, ValueError):
    """A pattern of a rule can't be understood; the message says where and what to write."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a pack file: where, which value, and how to put it right."""

    file: str
    line: int
    value: str
    message: str
    fix: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return f"{where}: {self.message}（现在是 {self.value!r}）。修改办法：{self.fix}"


class LexiconError(PhraseError):
    """One or more pack files are faulty; `problems` lists every fault found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(str(problem) for problem in self.problems)
        super().__init__(f"话术规则有 {len(self.problems)} 处错误:\n{lines}")
