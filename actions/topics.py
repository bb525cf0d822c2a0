"""Which fact a clause asks for, by words: for several questions in one message.

The intent classifier reads a message as a whole; this table only finds the *other* questions in
it, so it holds words that are clear by themselves.
"""

import re
from dataclasses import dataclass

_TOPICS: tuple[tuple[str, str], ...] = (
    ("ask_property_fee", r"物业费|物业管理费|水电费|取暖费|供暖费|暖气费|水电气"),
    ("ask_tax_fee", r"契税|个税|增值税|税费|税多少|交税|中介费|佣金|过户费"),
    ("ask_payment", r"首付|贷款|公积金|按揭|月供|全款|分期"),
    ("ask_discount", r"优惠|便宜|打折|折扣|底价|还价|议价|能谈|能少"),
    ("ask_parking", r"车位|停车|车库|储藏间"),
    ("ask_school", r"学区|学校|对口|小学|初中|中学|幼儿园|入学"),
    ("ask_title_deed", r"房产证|房本|产权|满二|满五|不动产证|抵押|限购"),
    (
        "ask_renovation_rules",
        r"装修.{0,3}(?:押金|手续|时间|规定|申请|垃圾|几点)|装修要(?:办|交)|(?:可以|能|允许|让)装修",
    ),
    ("ask_decoration", r"精装|毛坯|简装|装修|家具|家电"),
    ("ask_light_noise", r"采光|遮挡|临街|噪音|吵不吵|吵吗|通风|隔音"),
    ("ask_amenities", r"地铁|公交|商场|超市|医院|公园|配套|绿化率|交通"),
    ("ask_floor", r"几楼|几层|楼层|电梯|梯户|楼龄|哪年建|总共多少层"),
    ("ask_layout", r"户型|几室|几房|面积|多大|多少平(?!米?多少)|朝向|得房率"),
    ("ask_location", r"在哪(?!里?(?:交|办|看))|地址|位置|哪个区"),
    ("ask_price", r"多少钱|价格|总价|单价|价位|什么价|报价|均价|房价"),
    ("ask_viewing", r"看房|预约|样板间|带看"),
    ("ask_maintenance", r"保修|质保|保养|清洁|维护"),
    ("ask_installation", r"安装|测量|量尺|上门费"),
    ("ask_product", r"材质|型材|玻璃|断桥铝|规格|型号"),
    ("ask_shop_payment", r"发票|优惠券|微信支付|支付宝|付款方式|花呗"),
    ("ask_refund", r"退货|退款|换货|退换|七天无理由"),
    ("ask_service_desk", r"客服中心|上班时间|办公时间|几点下班|几点上班|快递|营业时间"),
)
_PATTERNS = tuple((intent, re.compile(words)) for intent, words in _TOPICS)
_CLAUSE_ENDS = re.compile(
    r"[,，。.;；?？!！、\s\n]+|(?:还有(?:就是)?|另外|以及|顺便(?:问下?)?|再问(?:一下|下)?|同时|和(?=[^,，]{1,6}(?:多少|怎么|是)))"
    r"|(?<=[吗呢么嘛])(?=[^吗呢么嘛,，。?？!！\s])"
)
_QUESTION = re.compile(
    r"[?？]|吗|呢|么|嘛|多少|几|哪|怎么|怎样|如何|什么|啥|多久|多大|多远|是不是|有没有|能不能|可不可以|可以.{0,6}不|会不会|介绍|想(?:问|了解|知道)|请问|咨询"
)
_PRODUCT_HINT = re.compile(r"门窗|断桥|窗|门|阳光房|纱窗|五金|玻璃|\d{2,3}系列")
MAX_QUESTIONS = 3


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a message: what is asked, in which words."""

    intent: str
    text: str


def is_question(text: str) -> bool:
    """Tell whether a message asks something."""
    return bool(_QUESTION.search(text))


def is_about_products(text: str) -> bool:
    """Tell whether a message speaks of doors and windows rather than homes."""
    return bool(_PRODUCT_HINT.search(text))


def questions_of(text: str, intent: str) -> list[Question]:
    """Return the questions of a message in its order, at most `MAX_QUESTIONS`.

    One that the words do not show, or only a single topic: the message's own intent alone. A
    clause is taken as a question of its own only if it names another topic than the clauses before.
    """
    found: dict[str, str] = {}
    for clause in _CLAUSE_ENDS.split(text):
        topic = _topic(clause) if clause else None
        if topic and topic not in found:
            found[topic] = clause
    if len(found) < 2:
        return [Question(intent, text)]
    if intent not in found:
        return _with_own_intent(found, text, intent)
    return [Question(name, clause) for name, clause in found.items()][:MAX_QUESTIONS]


def _with_own_intent(found: dict[str, str], text: str, intent: str) -> list[Question]:
    # The classifier saw something the words do not name: it is answered first, and of the topics
    # only those after the first clause, which is what it most likely read.
    others = [Question(name, clause) for name, clause in found.items()]
    return [Question(intent, text), *others[1:]][:MAX_QUESTIONS]


def _topic(clause: str) -> str | None:
    """Return the topic of a clause: that of the word nearest to its end, where Chinese asks."""
    hits = [
        (match.end(), -order, intent)
        for order, (intent, pattern) in enumerate(_PATTERNS)
        for match in pattern.finditer(clause)
    ]
    if not hits:
        return None
    # 「物业费多少钱」 asks for the fee, not for the price: a price word alone loses.
    named = [hit for hit in hits if hit[2] != "ask_price"]
    return max(named or hits)[2]
