"""Find rules that can't do their work: dead, shadowed, contradictory, or failing their examples.

The editor's gate for the rule packs (`kefu rules lint`); requirement R-G3.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scripts_library.checking.checker import Checker
from scripts_library.checking.rules import Rule
from scripts_library.checking.scanner import compiled
from scripts_library.checking.templates import compile_template, samples, template_regex
from scripts_library.checking.verdict import Severity
from scripts_library.text.normal_form import normalize
from scripts_library.text.segmentation import load_segmenter

KINDS = ("dead", "shadowed", "contradiction", "example", "costly", "context")
MAX_SAMPLES = 12
COSTLY_CHARACTERS = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One weakness of a rule: `kind` is one of `KINDS`, `line` the line in the pack."""

    kind: str
    rule_id: str
    file: str
    line: int
    value: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return f"{where}: [{self.kind}] {self.rule_id}「{self.value}」{self.message}"


def lint(checker: Checker) -> list[Finding]:
    """Return all findings about the rule set in force, sorted by file and line.

    Costs some seconds: every rule's examples and sample texts are checked.
    """
    findings = [
        *_dead_patterns(checker),
        *_shadowed(checker),
        *_contradictions(checker),
        *_failing_examples(checker),
        *_costly(checker),
        *_dead_contexts(checker),
    ]
    return sorted(findings, key=lambda f: (f.file, f.line, f.kind, f.value))


def _dead_patterns(checker: Checker) -> Iterator[Finding]:
    """Patterns whose own sample texts change in normalisation so that they match no more."""
    words = checker.rule_set.words
    for rule in checker.rule_set.rules:
        for source, line in zip(rule.patterns, rule.pattern_lines, strict=True):
            texts = samples(source, words, MAX_SAMPLES)
            if not any(_survives(source, text, words) for text in texts):
                message = (
                    "规范化后写法变了,永远不会命中;请按规范化后的写法(简体、半角、不带间隔符)写"
                )
                yield Finding("dead", rule.id, rule.file, line, source, message)
            elif rule.whole_words and not any(_stands_alone(text) for text in texts):
                message = "分词后总是别的词的一部分,whole_words 会使它永远不算命中"
                yield Finding("dead", rule.id, rule.file, line, source, message)


def _survives(source: str, text: str, words: Mapping[str, tuple[str, ...]]) -> bool:
    regex = compiled(template_regex(source, words))
    return bool(regex.search(normalize(text).text))


def _stands_alone(text: str) -> bool:
    words = load_segmenter().lcut(f"你{text}。")
    edges = {0}
    for word in words:
        edges.add(max(edges) + len(word))
    return 1 in edges and 1 + len(text) in edges


def _shadowed(checker: Checker) -> Iterator[Finding]:
    """Patterns that another rule of the category covers wholly, at least as severely."""
    rules = [rule for rule in checker.rule_set.rules if rule.patterns]
    words = checker.rule_set.words
    plain = {
        (rule.id, source): text
        for rule in rules
        for source in rule.patterns
        if (text := _plain(source, words)) is not None
    }
    by_id = {rule.id: rule for rule in rules}
    for rule in rules:
        for source, line in zip(rule.patterns, rule.pattern_lines, strict=True):
            mine = plain.get((rule.id, source))
            if mine is None:
                continue
            for (other_id, other_source), literals in plain.items():
                other = by_id[other_id]
                if (
                    other_id != rule.id
                    and other.category == rule.category
                    and other.severity >= rule.severity
                    and not other.exceptions
                    and literals != mine
                    and all(any(text in own for text in literals) for own in mine)
                ):
                    message = f"已被 {other_id}「{other_source}」全部覆盖,可以删去"
                    yield Finding("shadowed", rule.id, rule.file, line, source, message)
                    break


def _plain(source: str, words: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    template = compile_template(source, words)
    return template.literals if template.regex is None else None


def _contradictions(checker: Checker) -> Iterator[Finding]:
    """Rules whose exceptions excuse all they match, and texts one rule demands, another forbids."""
    words = checker.rule_set.words
    demanded = {text: rule for rule in checker.rule_set.rules for text in rule.must}
    for rule in checker.rule_set.rules:
        for text in rule.must_not:
            other = demanded.get(text)
            if other is not None and other.category == rule.category:
                message = f"此例在 {other.id} 里却是必须命中的"
                yield Finding("contradiction", rule.id, rule.file, rule.line, text, message)
        for source, line in zip(rule.patterns, rule.pattern_lines, strict=True):
            texts = samples(source, words, MAX_SAMPLES)
            why = _always_excused(rule, texts, words)
            if why:
                message = f"它的例外「{why}」把它能命中的全部放行了"
                yield Finding("contradiction", rule.id, rule.file, line, source, message)


def _always_excused(
    rule: Rule, texts: list[str], words: Mapping[str, tuple[str, ...]]
) -> str | None:
    for exception in rule.exceptions:
        regex = compiled(template_regex(exception.pattern, words))
        if texts and all(regex.search(text) for text in texts):
            return exception.pattern
    return None


def _failing_examples(checker: Checker) -> Iterator[Finding]:
    for rule in checker.rule_set.rules:
        for text in rule.must:
            if not checker.finds(text, rule.id):
                message = "例句必须命中,却没有命中本规则"
                yield Finding("example", rule.id, rule.file, rule.line, text, message)
        for text in rule.must_not:
            flags = checker.check(text).flags
            hit = [flag.rule_id for flag in flags if flag.severity > Severity.HINT]
            if hit:
                message = f"例句不应命中,却被 {'、'.join(hit)} 命中"
                yield Finding("example", rule.id, rule.file, rule.line, text, message)


def _costly(checker: Checker) -> Iterator[Finding]:
    words = checker.rule_set.words
    for rule in checker.rule_set.rules:
        for source, line in zip(rule.patterns, rule.pattern_lines, strict=True):
            template = compile_template(source, words)
            short = [text for text in template.literals if len(text) <= COSTLY_CHARACTERS]
            if template.regex is None and short:
                message = f"单字「{'、'.join(short[:5])}」就算命中,误报会很多;请写成词组"
                yield Finding("costly", rule.id, rule.file, line, source, message)


def _dead_contexts(checker: Checker) -> Iterator[Finding]:
    for context in checker.rule_set.contexts:
        for phrase in context.phrases:
            if normalize(phrase).text != phrase:
                message = "规范化后写法变了,永远不会匹配"
                yield Finding("context", context.id, context.file, context.line, phrase, message)
