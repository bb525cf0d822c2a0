"""What an approved reply script is, and the closed lists it draws on: steps, tones, fill-ins."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from ruamel.yaml import YAML

from scripts_library.errors import PhraseError, Problem
from scripts_library.paths import PACKAGE_DIR

TOPICS_FILE = PACKAGE_DIR / "topics.yml"

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

FILL_IN = re.compile(r"\{([^{}]*)\}")


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
        return tuple(dict.fromkeys(FILL_IN.findall(self.text)))


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
