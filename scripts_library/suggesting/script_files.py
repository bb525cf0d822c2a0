"""Read script files: every problem of a file is collected, with its line and how to mend it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from scripts_library.errors import Problem
from scripts_library.suggesting.script import FILL_IN, FILL_INS, STEPS, TONES, Script, topic_names

MAX_TEXT = 400
MAX_ASK = 60

_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9][a-z0-9-]*)+")
_KEYS = frozenset(
    {"id", "topic", "step", "tone", "text", "owner", "review_date", "asks", "keywords"}
)
_HEAD_KEYS = frozenset({"topic", "step", "tone", "owner", "review_date", "scripts"})


@dataclass(frozen=True, slots=True)
class _Value:
    """A scalar of a YAML file with its line (from 1)."""

    text: str
    line: int


class _Reader:
    """Collects the problems of one file while its entries are read."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self._problems = problems

    def report(self, line: int, value: str, message: str, fix: str) -> None:
        self._problems.append(Problem(self.file, line, value[:40], message, fix))

    def choice(self, value: _Value, allowed: Iterable[str], what: str) -> str:
        names = list(allowed)
        if value.text not in names:
            self.report(value.line, value.text, f"不是可用的{what}", "、".join(names))
        return value.text

    def scalars(self, node: Node, key: str) -> list[_Value]:
        """Return the strings of a list node; anything else is reported."""
        if not isinstance(node, SequenceNode):
            self.report(_line(node), key, "应当是列表", f"写成 {key}: [甲, 乙]")
            return []
        found = []
        for item in node.value:
            if isinstance(item, ScalarNode) and item.value.strip():
                found.append(_Value(item.value.strip(), _line(item)))
            else:
                self.report(_line(item), key, "列表里有空的或不是文字的一项", "删去或写成文字")
        return found


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def read_file(path: Path, scripts: list[Script], problems: list[Problem]) -> None:
    """Add the scripts of a file to `scripts` and its problems to `problems`."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        where = f"第 {error.start} 字节"
        problems.append(Problem(path.name, 1, where, "不是 UTF-8 编码", "用 UTF-8 保存文件"))
        return
    read_scripts(path.name, text, scripts, problems)


def read_scripts(name: str, text: str, scripts: list[Script], problems: list[Problem]) -> None:
    """Do the same with the content of a file; `name` is what problems call it."""
    reader = _Reader(name, problems)
    try:
        root = YAML(typ="safe").compose(text)
    except YAMLError as error:
        mark: Any = getattr(error, "problem_mark", None)
        what = str(getattr(error, "problem", "") or "格式")
        reader.report(mark.line + 1 if mark else 1, what, "不是合法的 YAML", "检查缩进、引号和冒号")
        return
    if not isinstance(root, MappingNode):
        reader.report(1, name, "文件应当是键值结构", "以 topic: 和 scripts: 开头")
        return
    head = dict(_pairs(root, _HEAD_KEYS, reader))
    listed = head.pop("scripts", None)
    if not isinstance(listed, SequenceNode):
        reader.report(1, "scripts", "缺少话术列表", "加上 scripts: 和以 - 开头的各条")
        return
    for node in listed.value:
        if isinstance(node, MappingNode):
            script = _read_script(node, head, reader)
            if script:
                scripts.append(script)
        else:
            reader.report(_line(node), "scripts", "每条话术应当是键值结构", "写成 - id: …")


def _pairs(
    node: MappingNode, allowed: frozenset[str], reader: _Reader
) -> Iterator[tuple[str, Node]]:
    seen: set[str] = set()
    for key_node, value in node.value:
        key = str(key_node.value)
        if key not in allowed:
            reader.report(_line(key_node), key, "不是可用的键", "、".join(sorted(allowed)))
        elif key in seen:
            reader.report(_line(key_node), key, "重复出现", "只保留一处")
        else:
            seen.add(key)
            yield key, value


def _read_script(node: MappingNode, head: Mapping[str, Node], reader: _Reader) -> Script | None:
    nodes = {**head, **dict(_pairs(node, _KEYS, reader))}
    values: dict[str, _Value] = {}
    for key in ("id", "topic", "step", "tone", "text", "owner", "review_date"):
        found = nodes.get(key)
        if isinstance(found, ScalarNode) and str(found.value).strip():
            values[key] = _Value(str(found.value).strip(), _line(found))
        elif key != "tone":
            reader.report(_line(node), key, "缺少或为空", f"给这条话术写上 {key}")
    asks = reader.scalars(nodes["asks"], "asks") if "asks" in nodes else []
    keywords = reader.scalars(nodes["keywords"], "keywords") if "keywords" in nodes else []
    for ask in asks:
        if len(ask.text) > MAX_ASK:
            reader.report(ask.line, ask.text, f"超过 {MAX_ASK} 字", "写成客户会打的一句短问")
    if not values.keys() >= {"id", "topic", "step", "text", "owner", "review_date"}:
        return None
    return Script(
        id=_read_id(values["id"], reader),
        topic=reader.choice(values["topic"], topic_names(), "话题"),
        step=reader.choice(values["step"], STEPS, "步骤"),
        tone=reader.choice(values.get("tone", _Value("plain", _line(node))), TONES, "语气"),
        text=_read_text(values["text"], reader),
        owner=values["owner"].text,
        review_date=_read_date(values["review_date"], reader),
        asks=tuple(dict.fromkeys(ask.text for ask in asks)),
        keywords=tuple(dict.fromkeys(word.text for word in keywords)),
        source=f"{reader.file}:{_line(node)}",
    )


def _read_id(value: _Value, reader: _Reader) -> str:
    if not _ID.fullmatch(value.text):
        reader.report(value.line, value.text, "编号格式不对", "写成 话题.名称，如 ask_price.listed")
    return value.text


def _read_text(value: _Value, reader: _Reader) -> str:
    if len(value.text) > MAX_TEXT:
        reader.report(value.line, value.text, f"超过 {MAX_TEXT} 字", "写短，或拆成两条")
    for name in FILL_IN.findall(value.text):
        if name not in FILL_INS:
            reader.report(value.line, f"{{{name}}}", "不是可用的填空", "、".join(FILL_INS))
    if re.search(r"[{}]", FILL_IN.sub("", value.text)):
        reader.report(value.line, value.text, "花括号不成对", "填空写成 {ticket_no}")
    return value.text


def _read_date(value: _Value, reader: _Reader) -> date | None:
    try:
        return date.fromisoformat(value.text)
    except ValueError:
        reader.report(value.line, value.text, "不是日期", "写成 2027-06-30")
        return None


def check_ids(scripts: Iterable[Script], problems: list[Problem]) -> None:
    """Add a problem for each script whose id another has already."""
    first: dict[str, Script] = {}
    for script in scripts:
        earlier = first.setdefault(script.id, script)
        if earlier is not script:
            file, _, line = script.source.rpartition(":")
            problems.append(
                Problem(file, int(line), script.id, f"编号与 {earlier.source} 重复", "换一个编号")
            )
