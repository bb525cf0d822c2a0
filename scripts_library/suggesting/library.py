"""The library of approved reply scripts (话术库): what a script is, and reading it from YAML.

A script file lies in `scripts_library/scripts/` and looks like this; every key of the head is a
default that a script may override::

    topic: ask_price            # an intent or complaint category of topics.yml
    owner: 销售部                # who answers for the wording
    review_date: 2027-06-30     # when the owner looks at it again
    scripts:
      - id: ask_price.listed
        step: answer            # one of STEPS
        tone: plain             # one of TONES
        text: "{customer_title}，这套房挂牌总价是{price}。"
        asks: [这套多少钱, 总价多少]   # questions it answers, as customers type them
        keywords: [总价]

Fill-ins come from the closed list `FILL_INS`. A broken file is reported whole: `load_scripts`
raises `ScriptFileError` with every problem (file, line, value, fix); `ScriptLibrary.reload` keeps
the last good set in force and returns the problems instead.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from scripts_library.errors import PhraseError, Problem
from scripts_library.paths import PACKAGE_DIR

SCRIPTS_DIR = PACKAGE_DIR / "scripts"
TOPICS_FILE = PACKAGE_DIR / "topics.yml"
MAX_TEXT = 400
MAX_ASK = 60

STEPS: Mapping[str, str] = {
    "greeting": "问候",
    "clarify": "问清需求",
    "answer": "回答",
    "calm": "安抚",
    "apology": "致歉",
    "consent": "征得同意",
    "ask_name": "问姓名",
    "ask_phone": "问电话",
    "ask_place": "问房号地点",
    "ask_time": "问时间",
    "ask_order": "问订单或产品",
    "ask_event": "问经过",
    "ask_wish": "问诉求",
    "restate": "复述确认",
    "promise": "约定答复时间",
    "transfer": "转交部门",
    "escalate": "升级上报",
    "wait": "请客户稍候",
    "progress": "告知进度",
    "result": "反馈结果",
    "refusal": "说明不能办理",
    "survey": "满意度回访",
    "farewell": "道别",
}
"""Steps of a conversation a script can serve, with their Chinese names."""

TONES: Mapping[str, str] = {
    "plain": "平实",
    "warm": "亲切",
    "formal": "正式",
    "caring": "关怀",
    "apologetic": "致歉",
}

FILL_INS: Mapping[str, str] = {
    "customer_title": "客户称呼",
    "agent_name": "客服姓氏",
    "company": "公司名称",
    "department": "负责部门",
    "handler": "经办人",
    "phone": "联系电话",
    "hotline": "服务热线",
    "channel": "回复方式",
    "ticket_no": "工单号",
    "deadline": "答复时间",
    "matter": "反映的事项",
    "wish": "客户诉求",
    "progress": "当前进展",
    "measure": "处理措施",
    "result": "处理结果",
    "reason": "原因说明",
    "event_time": "发生时间",
    "estate": "小区名称",
    "building": "楼栋",
    "unit": "单元",
    "room": "房号",
    "price": "总价",
    "unit_price": "单价",
    "discount": "优惠内容",
    "tax": "税费项目与金额",
    "down_payment": "首付",
    "monthly_payment": "月供",
    "layout": "户型",
    "area": "面积",
    "orientation": "朝向",
    "floor": "楼层",
    "elevator": "电梯情况",
    "year": "年份",
    "decoration": "装修情况",
    "furniture": "家具家电",
    "school": "学校",
    "address": "地址",
    "distance": "距离",
    "amenity": "配套设施",
    "parking": "车位情况",
    "deed": "证件与产权情况",
    "viewing_time": "看房时间",
    "advantage": "优点",
    "drawback": "需要留意之处",
    "fee": "费用标准",
    "amount": "金额",
    "product": "产品名称",
    "material": "材质",
    "spec": "规格",
    "order_no": "订单号",
    "order_state": "订单状态",
    "tracking_no": "物流单号",
    "delivery_date": "送达日期",
    "visit_time": "上门时间",
    "warranty": "保修期限",
    "office_hours": "办公时间",
    "documents": "所需资料",
    "rule": "规定内容",
}
"""The closed list of fill-ins: name in the braces -> what an agent is asked to fill in."""

_FILL_IN = re.compile(r"\{([^{}]*)\}")
_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9][a-z0-9-]*)+")
_KEYS = frozenset(
    {"id", "topic", "step", "tone", "text", "owner", "review_date", "asks", "keywords"}
)
_HEAD_KEYS = frozenset({"topic", "step", "tone", "owner", "review_date", "scripts"})


@dataclass(frozen=True, slots=True)
class Script:
    """One approved reply.

    `text` holds fill-ins such as `{ticket_no}`; `asks` are questions it answers; `source` says
    where it was read (`shop.yml:12`) or is empty for a script made in memory.
    """

    id: str
    topic: str
    step: str
    text: str
    tone: str = "plain"
    owner: str = ""
    review_date: date | None = None
    asks: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    source: str = ""

    @property
    def fill_ins(self) -> tuple[str, ...]:
        """Names of the fill-ins in order of first appearance, each once."""
        return tuple(dict.fromkeys(_FILL_IN.findall(self.text)))


class ScriptFileError(PhraseError):
    """Script files that can't be used; `problems` has all of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(str(problem) for problem in self.problems)
        super().__init__(f"话术库有 {len(self.problems)} 处错误：\n{lines}")


@cache
def topic_names() -> Mapping[str, str]:
    """Return topic id -> Chinese name, for intents and complaint categories (from topics.yml)."""
    groups: dict[str, dict[str, str]] = YAML(typ="safe").load(
        TOPICS_FILE.read_text(encoding="utf-8")
    )
    return {topic: name for group in groups.values() for topic, name in group.items()}


@cache
def complaint_topics() -> frozenset[str]:
    """Return the topics that are complaint categories."""
    groups: dict[str, dict[str, str]] = YAML(typ="safe").load(
        TOPICS_FILE.read_text(encoding="utf-8")
    )
    return frozenset(groups["complaint_categories"])


def load_scripts(folder: Path = SCRIPTS_DIR) -> tuple[Script, ...]:
    """Read and validate every `*.yml` of a folder; scripts in order of file name and line.

    Raises:
        ScriptFileError: with every problem of every file.
    """
    scripts: list[Script] = []
    problems: list[Problem] = []
    files = sorted(folder.glob("*.yml"))
    if not files:
        problems.append(
            Problem(folder.name, 1, "*.yml", "文件夹里没有话术文件", "放入至少一个 .yml 文件")
        )
    for path in files:
        _read_file(path, scripts, problems)
    _check_ids(scripts, problems)
    if problems:
        raise ScriptFileError(problems)
    return tuple(scripts)


class ScriptLibrary:
    """The scripts in force. `reload` swaps them as a whole, or not at all when a file is broken.

    Raises:
        ScriptFileError: from the constructor only, where there is no earlier good set.
    """

    def __init__(self, folder: Path = SCRIPTS_DIR) -> None:
        self._folder = folder
        self._scripts = load_scripts(folder)

    @property
    def scripts(self) -> tuple[Script, ...]:
        return self._scripts

    def get(self, script_id: str) -> Script | None:
        return next((script for script in self._scripts if script.id == script_id), None)

    def reload(self) -> tuple[Problem, ...]:
        """Read the folder again. Returns the problems; with any, the last good set stays."""
        try:
            self._scripts = load_scripts(self._folder)
        except ScriptFileError as error:
            return error.problems
        return ()


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


def _read_file(path: Path, scripts: list[Script], problems: list[Problem]) -> None:
    reader = _Reader(path.name, problems)
    try:
        root = YAML(typ="safe").compose(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        reader.report(1, f"第 {error.start} 字节", "不是 UTF-8 编码", "用 UTF-8 保存文件")
        return
    except YAMLError as error:
        mark: Any = getattr(error, "problem_mark", None)
        what = str(getattr(error, "problem", "") or "格式")
        reader.report(mark.line + 1 if mark else 1, what, "不是合法的 YAML", "检查缩进、引号和冒号")
        return
    if not isinstance(root, MappingNode):
        reader.report(1, path.name, "文件应当是键值结构", "以 topic: 和 scripts: 开头")
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
    for name in _FILL_IN.findall(value.text):
        if name not in FILL_INS:
            reader.report(value.line, f"{{{name}}}", "不是可用的填空", "、".join(FILL_INS))
    if re.search(r"[{}]", _FILL_IN.sub("", value.text)):
        reader.report(value.line, value.text, "花括号不成对", "填空写成 {ticket_no}")
    return value.text


def _read_date(value: _Value, reader: _Reader) -> date | None:
    try:
        return date.fromisoformat(value.text)
    except ValueError:
        reader.report(value.line, value.text, "不是日期", "写成 2027-06-30")
        return None


def _check_ids(scripts: Iterable[Script], problems: list[Problem]) -> None:
    first: dict[str, Script] = {}
    for script in scripts:
        earlier = first.setdefault(script.id, script)
        if earlier is not script:
            file, _, line = script.source.rpartition(":")
            problems.append(
                Problem(file, int(line), script.id, f"编号与 {earlier.source} 重复", "换一个编号")
            )
