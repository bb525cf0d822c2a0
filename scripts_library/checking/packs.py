"""Read and validate the rule packs: every fault is reported at once, with file, line and fix."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from scripts_library.checking.rules import Context, Pardon, Rule, RuleSet
from scripts_library.checking.templates import check_pattern
from scripts_library.checking.verdict import CATEGORIES, Severity
from scripts_library.checking.yaml_values import Value
from scripts_library.errors import LexiconError, PatternError, Problem
from scripts_library.paths import PACKAGE_DIR
from scripts_library.text.folding import fold

PACKS_DIR = PACKAGE_DIR / "phrases"
DETECTORS = ("foreign_phone", "identity_number", "bank_card", "door_code", "meaning")
PLACES = ("before", "after", "cover", "around")
WITHIN = ("hit", "sentence", "text")
VERSION_DIGITS = 12
_RULE_KEYS = {
    "id", "category", "severity", "clause", "reason", "better", "patterns", "exceptions",
    "examples", "detector", "by_sound", "whole_words", "no_context",
}  # fmt: skip
_PACK_KEYS = {"category", "rules", "words", "contexts", "jieba_words"}
_CONTEXT_KEYS = {"id", "categories", "place", "reach", "why", "tokens", "phrases"}
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_rule_set(packs_dir: Path | None = None) -> RuleSet:
    """Return the rule set of all `*.yml` files in a folder (default: the packs of the library).

    Raises:
        LexiconError: if anything is wrong; names every problem of every file.
    """
    folder = packs_dir or PACKS_DIR
    files = sorted(folder.glob("*.yml"))
    if not files:
        name = folder.name
        problem = Problem(name, 0, name, "文件夹里没有规则文件", "放入 .yml 文件")
        raise LexiconError([problem])
    return read_rule_set({file.name: file.read_bytes() for file in files})


def read_rule_set(packs: Mapping[str, bytes]) -> RuleSet:
    """Return the rule set of packs given as file name -> content.

    Raises:
        LexiconError: if anything is wrong; names every problem of every file.
    """
    reader = _Reader()
    digest = hashlib.sha256()
    for name in sorted(packs):
        digest.update(name.encode() + b"\0" + packs[name] + b"\0")
        reader.read(name, packs[name])
    return reader.finish(digest.hexdigest()[:VERSION_DIGITS])


def overlay_rule_set(
    base: RuleSet, name: str, content: bytes, *, removed: Collection[str] = ()
) -> RuleSet:
    """Return `base` with the rules of one more pack in place of, or beside, its own.

    Args:
        base: stays as it is; its words may be used in the new patterns.
        name: what problems call the pack.
        content: a pack with `rules` only; a rule whose id is known replaces that rule.
        removed: ids to leave out; unknown ones do no harm.

    Raises:
        LexiconError: if anything is wrong with the new pack.
    """
    reader = _Reader()
    reader.words = dict(base.words)
    reader.read(name, content)
    digest = hashlib.sha256("\0".join((base.version, name, *sorted(removed), "")).encode())
    digest.update(content)
    added = reader.finish(digest.hexdigest()[:VERSION_DIGITS])
    gone = {*removed, *(rule.id for rule in added.rules)}
    rules = (*(rule for rule in base.rules if rule.id not in gone), *added.rules)
    return replace(
        added,
        rules=tuple(sorted(rules, key=lambda r: r.id)),
        contexts=base.contexts,
        jieba_words=base.jieba_words,
    )


class _Reader:
    """Collects rules, words, contexts and problems over all files."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.packs: list[tuple[str, dict[str, Value]]] = []
        self.words: dict[str, tuple[str, ...]] = {}
        self.jieba_words: list[str] = []
        self.places: dict[str, str] = {}
        self.file = ""

    def complain(self, line: int, value: object, message: str, fix: str) -> None:
        self.problems.append(Problem(self.file, line, str(value)[:60], message, fix))

    def read(self, name: str, content: bytes) -> None:
        self.file = name
        try:
            node = yaml.compose(content.decode("utf-8"), Loader=_Loader)
        except UnicodeDecodeError as error:
            self.complain(0, f"字节 {error.start}", "文件不是 UTF-8 编码", "另存为 UTF-8")
            return
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 0
            what = getattr(error, "problem", None) or "YAML 格式不对"
            self.complain(line, what, "YAML 读不懂", "检查缩进、冒号后的空格和引号是否成对")
            return
        if not isinstance(node, yaml.MappingNode):
            self.complain(1, "", "文件最外层不是「键: 值」", "以 category: 和 rules: 开头")
            return
        pack = Value(node).value
        for key in pack.keys() - _PACK_KEYS:
            known = "、".join(sorted(_PACK_KEYS))
            self.complain(pack[key].line, key, "没有这个键", f"可用:{known}")
        self.packs.append((name, pack))
        if "words" in pack:
            self._read_words(pack["words"])
        if "jieba_words" in pack:
            self.jieba_words += self._strings(pack["jieba_words"], "jieba_words")

    def _read_words(self, value: Value) -> None:
        if not isinstance(value.value, dict):
            self.complain(value.line, value.value, "words 要是「名字: [词, ...]」", "补上名字")
            return
        for name, items in value.value.items():
            self.words[name] = tuple(fold(word) for word in self._strings(items, name))

    def _strings(self, value: Value | None, what: str, *, least: int = 1) -> list[str]:
        if value is None:
            return []
        items = value.value if isinstance(value.value, list) else [value]
        texts = [str(item.value) for item in items if item.value not in (None, "")]
        if len(texts) < max(least, len(items)):
            self.complain(value.line, "", f"{what} 里有空的一项", "填上内容或删掉这一行")
        return texts

    def finish(self, version: str) -> RuleSet:
        rules: list[Rule] = []
        contexts: list[Context] = []
        for name, pack in self.packs:
            self.file = name
            default = pack["category"].value if "category" in pack else None
            for item in self._items(pack, "rules"):
                rule = self._rule(item, default)
                if rule:
                    rules.append(rule)
            for item in self._items(pack, "contexts"):
                context = self._context(item)
                if context:
                    contexts.append(context)
        if self.problems:
            raise LexiconError(sorted(self.problems, key=lambda p: (p.file, p.line)))
        rules.sort(key=lambda rule: rule.id)
        words = tuple(self.jieba_words)
        return RuleSet(tuple(rules), tuple(contexts), dict(self.words), words, version)

    def _items(self, pack: dict[str, Value], key: str) -> Iterator[Value]:
        value = pack.get(key)
        if value is None:
            return
        if not isinstance(value.value, list):
            self.complain(value.line, value.value, f"{key} 要是列表", "每条以「- id:」开头")
            return
        for item in value.value:
            if isinstance(item.value, dict):
                yield item
            else:
                self.complain(item.line, item.value, "这一条不是「键: 值」", "以「- id:」开头")

    def _check_unique(self, rule_id: str, line: int) -> None:
        here = f"{self.file}:{line}"
        first = self.places.setdefault(rule_id, here) if rule_id else here
        if first != here:
            self.complain(line, rule_id, f"编号重复,{first} 已用过", "换一个编号")

    def _text(self, item: Value, key: str, fix: str) -> str:
        value = item.value.get(key)
        if value is None or not isinstance(value.value, str) or not value.value.strip():
            line = value.line if value else item.line
            self.complain(line, "" if value is None else value.value, f"缺少 {key}", fix)
            return ""
        return str(value.value)

    def _flag(self, item: Value, key: str, default: bool) -> bool:
        value = item.value.get(key)
        if value is None:
            return default
        if not isinstance(value.value, bool):
            what = f"{key} 只能是 true 或 false"
            self.complain(value.line, value.value, what, "改成 true 或 false")
        return bool(value.value)

    def _known(self, item: Value, keys: set[str]) -> None:
        for key in item.value.keys() - keys:
            line = item.value[key].line
            self.complain(line, key, "没有这个键", f"可用:{'、'.join(sorted(keys))}")

    def _one_of(self, item: Value, key: str, allowed: tuple[str, ...], default: str) -> str:
        value = item.value.get(key)
        label = default if value is None else str(value.value)
        if label not in allowed:
            line = value.line if value else item.line
            self.complain(line, label, f"{key} 不认识", f"改成其中之一:{'、'.join(allowed)}")
        return label

    def _rule(self, item: Value, category: str | None) -> Rule | None:
        before = len(self.problems)
        self._known(item, _RULE_KEYS)
        labels = tuple(severity.label for severity in Severity)
        kind = self._one_of(item, "category", CATEGORIES, category or "")
        severity = self._one_of(item, "severity", labels, "warn")
        detector = item.value.get("detector")
        if detector is not None:
            self._one_of(item, "detector", DETECTORS, "")
        so_far = len(self.problems)
        patterns = self._patterns(item)
        if not patterns and detector is None and len(self.problems) == so_far:
            self.complain(item.line, "", "规则没有 patterns", "写出至少一个句式")
        examples = item.value.get("examples")
        samples = examples.value if examples and isinstance(examples.value, dict) else {}
        rule_id = self._text(item, "id", "写一个不变的编号,如 refusal.not-my-job")
        self._check_unique(rule_id, item.line)
        clause = self._text(item, "clause", "写出依据的条款")
        reason = self._text(item, "reason", "写出为什么不妥")
        better = tuple(self._strings(item.value.get("better"), "better"))
        if not better:
            self.complain(item.line, rule_id, "缺少 better", "写一句更好的说法")
        exceptions = self._exceptions(item)
        must = tuple(self._strings(samples.get("must"), "must"))
        must_not = tuple(self._strings(samples.get("must_not"), "must_not"))
        if not must and not (detector and detector.value == "meaning"):
            self.complain(item.line, rule_id, "缺少 examples.must", "写一句必须命中的例子")
        by_sound = self._flag(item, "by_sound", True)
        whole = self._flag(item, "whole_words", False)
        no_context = self._flag(item, "no_context", False)
        if len(self.problems) > before:
            return None
        return Rule(
            rule_id, kind, Severity.parse(severity), clause, reason, better,
            tuple(text for text, _ in patterns), exceptions,
            str(detector.value) if detector else None, by_sound, whole, no_context,
            must, must_not, self.file, item.line, tuple(line for _, line in patterns),
        )  # fmt: skip

    def _patterns(self, item: Value) -> list[tuple[str, int]]:
        value = item.value.get("patterns")
        if value is None:
            return []
        items = value.value if isinstance(value.value, list) else [value]
        found = []
        for one in items:
            source = self._pattern(one)
            if source:
                found.append((source, one.line))
        return found

    def _pattern(self, value: Value) -> str:
        source = fold(str(value.value or ""))
        try:
            check_pattern(source, self.words)
        except PatternError as error:
            self.complain(value.line, source, str(error), "按 docs/guide/wording.md 的句式写法改")
            return ""
        return source

    def _exceptions(self, item: Value) -> tuple[Pardon, ...]:
        value = item.value.get("exceptions")
        if value is None:
            return ()
        if not isinstance(value.value, list):
            what = "exceptions 要是列表"
            self.complain(value.line, value.value, what, "每条写 pattern 和 why")
            return ()
        found = []
        for one in value.value:
            if not isinstance(one.value, dict):
                self.complain(
                    one.line, one.value, "例外不是「键: 值」", "写成 {pattern: …, why: …}"
                )
                continue
            self._known(one, {"pattern", "why", "within"})
            why = self._text(one, "why", "写出为什么放行")
            within = self._one_of(one, "within", WITHIN, "hit")
            patterns = self._strings(one.value.get("pattern"), "pattern")
            if not patterns:
                self.complain(one.line, "", "例外没有 pattern", "写出放行的句式")
            for text in patterns:
                source = fold(text)
                self._try(source, one.line)
                found.append(Pardon(source, why, within, one.line))
        return tuple(found)

    def _try(self, source: str, line: int) -> None:
        try:
            check_pattern(source, self.words)
        except PatternError as error:
            self.complain(line, source, str(error), "按 docs/guide/wording.md 的句式写法改")

    def _context(self, item: Value) -> Context | None:
        before = len(self.problems)
        self._known(item, _CONTEXT_KEYS)
        categories = self._strings(item.value.get("categories"), "categories")
        for label in categories:
            if label not in (*CATEGORIES, "all"):
                known = "、".join(("all", *CATEGORIES))
                self.complain(item.line, label, "没有这个类别", f"可用:{known}")
        place = self._one_of(item, "place", PLACES, "")
        reach = item.value.get("reach")
        distance = reach.value if reach else 30
        if not isinstance(distance, int):
            self.complain(item.line, distance, "reach 要是字数", "写一个整数,如 20")
        context_id = self._text(item, "id", "写一个不变的编号")
        why = self._text(item, "why", "写出为什么放行")
        tokens = item.value["tokens"].plain() if "tokens" in item.value else []
        phrases = tuple(self._strings(item.value.get("phrases"), "phrases"))
        if not isinstance(tokens, list) or not all(isinstance(t, list) and t for t in tokens):
            self.complain(item.line, "", "tokens 要是「列表的列表」", "每个句式写成 [{TEXT: …}, …]")
        if not tokens and not phrases:
            self.complain(item.line, context_id, "既没有 tokens 也没有 phrases", "写一样")
        if len(self.problems) > before:
            return None
        names = frozenset(CATEGORIES if "all" in categories else categories)
        patterns = tuple(tuple(pattern) for pattern in tokens)
        return Context(
            context_id, names, place, distance, why, patterns, phrases, self.file, item.line
        )
