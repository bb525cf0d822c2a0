"""What customers of the load test say: inquiries 70 %, complaints 20 %, wishes for people 10 %."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a customer comes for."""

    INQUIRY = "inquiry"
    COMPLAINT = "complaint"
    PEOPLE = "people"


SHARES = {Kind.INQUIRY: 70, Kind.COMPLAINT: 20, Kind.PEOPLE: 10}

INQUIRIES: tuple[tuple[str, ...], ...] = (
    ("云栖雅苑还有三房的吗", "总价大概多少", "物业费一个月怎么收", "有没有车位", "谢谢，我先看看"),
    ("你们几点上班", "营销中心在哪儿", "周末能去看房吗", "好的谢谢"),
    ("断桥平开窗用的什么玻璃", "一平米多少钱", "保修几年", "好的，我再考虑下"),
    ("孩子上学对口哪个小学", "房产证多久能办下来", "贷款首付要几成", "明白了"),
    ("装修要交押金吗", "周末可以施工吗", "垃圾清运怎么收费", "谢谢"),
)
COMPLAINTS: tuple[tuple[str, ...], ...] = (
    (
        "我要投诉，楼上半夜装修吵得睡不着",
        "同意",
        "跳过",
        "跳过",
        "跳过",
        "王丽 13800138000",
        "确认",
    ),
    ("电梯这个月停了三回，一直没人修，我要投诉", "同意", "3栋1单元1201", "跳过", "跳过", "确认"),
    ("地下车库漏水，车都淋湿了，我要投诉物业", "不同意", "跳过", "跳过", "确认"),
)
PEOPLE: tuple[tuple[str, ...], ...] = (
    ("云栖雅苑还有两房吗", "转人工", "我想问下团购有没有优惠"),
    ("转人工客服", "合同里有一条看不懂，想找人问问", "好的谢谢"),
)
AGENT_SAYS = ("您好，我来为您核实一下，请您稍等。", "已经帮您登记，今天下午给您答复。")
"""In turn, one to each message of a customer."""


@dataclass(frozen=True, slots=True)
class Story:
    """What one customer says, one after the other."""

    kind: Kind
    lines: Sequence[str]


def draw_story(chance: random.Random) -> Story:
    """Return a story of a kind drawn by its share."""
    kind = chance.choices(list(SHARES), weights=list(SHARES.values()))[0]
    told = {Kind.INQUIRY: INQUIRIES, Kind.COMPLAINT: COMPLAINTS, Kind.PEOPLE: PEOPLE}[kind]
    return Story(kind, chance.choice(told))
