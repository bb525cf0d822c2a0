"""Find the promises in a reply: what is promised and for when (requirement R-G5)."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from scripts_library.checking.verdict import Promise
from scripts_library.text.view import folded_view

Span = tuple[int, int]

_CN = "零〇一二两三四五六七八九十百半几"
_NUMBER = rf"(?:\d+(?:\.\d+)?|[{_CN}]+)"
_CLOCK = rf"(?:(?:凌晨|早上|上午|中午|下午|傍晚|晚上|夜里)?\s*{_NUMBER}(?:点半?|点钟|[:：]\d\d)(?:{_NUMBER}分)?)"  # noqa: E501
_DAY = (
    r"(?:今天|今日|今晚|今早|明天|明日|明早|明晚|后天|大后天|当天|当日|次日|隔天|第二天|"
    r"(?:本|这|下|下个|这个)?(?:周|星期|礼拜)[一二三四五六日天末]|(?:本|这|下|这个|下个)(?:周|星期|礼拜|月)(?!租)|月底|年底|周末|节后|"
    rf"(?:{_NUMBER}月)?{_NUMBER}(?:日|号)(?!楼|线|院|门|房|桌))"
)
_PART = r"(?:凌晨|一早|早上|上午|中午|午前|下午|傍晚|晚上|晚些时候|下班前|上班后|之前|以前|前)"
_SPAN = rf"(?:{_NUMBER}\s*(?:个)?(?:工作日|小时|钟头|分钟|天|日|周|星期|礼拜|月)(?:之内|以内|内|左右|后|之后|以后)?)"  # noqa: E501
_SOON = r"(?:马上|立刻|立即|即刻|尽快|尽早|第一时间|稍后|稍候|待会儿?|等会儿?|等下|一会儿?|回头|晚点|晚一点|随后|现在就|这就|到时候|届时)"  # noqa: E501
_NEWS = r"(?:一?有了?(?:消息|结果|进展|答复)(?:后|之后|了)?[，,]?)"
_WHEN = rf"(?:{_DAY}(?:的)?(?:{_PART})?(?:\s*{_CLOCK})?(?:{_PART})?|{_CLOCK}(?:{_PART})?|{_SPAN}(?:{_PART})?|{_NEWS}?{_SOON}|{_NEWS})"  # noqa: E501
_TO = r"(?:给|为|帮|替|跟|向|和|与|把|对|带|陪|联系|通知|回复|答复|告诉|告知|转告)"
_YOU = r"(?:您|你|咱|大家|业主|客户)"
_DEED = (
    r"(?:答复|回复|回电|回个?电话|回个?话|回信|回访|反馈|联系|通知|告知|告诉|转告|打电话|致电|打过去|打给|发给?|发送|寄|"
    r"上门|处理|解决|维修|修好|修|检修|更换|换|安排|派人|派单|派师傅|跟进|落实|核实|核查|查询|查一?下?|查看|看一?下|问一?下|问问|问|"
    r"咨询|确认|了解|申请|办理|办好|登记|转达|沟通|协调|商量|答应|给您?个?(?:说法|交代|结果|准信|明确)|送|退|补|改|开通|恢复|到场|到|过去|过来|汇报|更新|整理|准备|预约|约)"
)
_WHO = r"(?:我们?|咱们?|这边|这里|客服|师傅|工程师?部?|物业|同事|经理|工作人员|专人|公司|维修人员|售后)"  # noqa: E501
_GAP = r"[^。！？!?\n；;，,]"
_FIRST = (
    "今明后大当次隔第本这下周星礼月年节凌早上中午傍晚夜马立即尽稍待等一回随现到届有"
    "我咱客师工物同经专公维售"
)
# The look-ahead rules out most places at once: three times as fast.
_PROMISE = re.compile(
    rf"(?=[{_FIRST}{_CN}\d\s])(?:(?P<when>{_WHEN}){_GAP}{{0,8}}?(?P<what>(?:{_WHO}{_GAP}{{0,8}}?)?(?:{_TO}{_GAP}{{0,3}}?{_YOU}?{_GAP}{{0,6}}?)?{_DEED}{_GAP}{{0,10}})"
    rf"|(?P<what2>{_WHO}{_GAP}{{0,4}}?(?:会|将|一定|保证|负责|来){_GAP}{{0,4}}?{_TO}?{_GAP}{{0,2}}?{_YOU}?{_GAP}{{0,4}}?{_DEED}{_GAP}{{0,10}}))"
)
_ASKED = re.compile(
    r"[吗么嘛呢]\s*[?？。！!]?$|[?？]$|^(?:请|麻烦|烦请|劳驾)?(?:您|你)|方便(?:吗|么|不)|可以(?:吗|么|不)|有(?:时间|空)|什么时候|几点|哪天|多久"
)
_BY_CUSTOMER = re.compile(r"(?:您|你|业主|房东|房主|他|她|客户)$")
_NO = re.compile(
    r"(?:不能|无法|没法|不会|不用|不必|没|别|不要|不敢|不好|如果|要是|假如|除非)[^，,。]{0,6}$"
)
_NOT = re.compile("不能|无法|没法|不会|不敢|不一定|未必|没办法|不保证|难以")
_SERVICE = re.compile(rf"{_YOU}|答复|回复|回电|反馈|上门|维修|处理|解决|{_WHO}")
MAX_PROMISES = 50
LONG_SENTENCE = 200
BEFORE, AFTER = 32, 14
"""Characters about a trigger word in which its time and deed are looked for."""

_FOR_YOU = ("给您", "给你", "帮您", "帮你", "替您", "为您", "跟您", "和您", "向您")
_DEEDS = (
    *("答复", "回", "反馈", "查", "问", "办", "处理", "安排", "联系", "打", "电话", "发"),
    *("送", "看", "约", "申请", "登记", "落实", "核实", "确认", "了解", "协调", "解决", "维修"),
    *("修", "换", "退", "补", "开", "一个", "个", "结果", "说法", "准信", "明确", "沟通"),
    *("汇报", "说", "通知", "转达", "转告", "跟进", "催"),
)
TRIGGERS = (
    *(you + deed for you in _FOR_YOU for deed in _DEEDS),
    *(
        "联系您",
        "联系你",
        "通知您",
        "通知你",
        "回复您",
        "回复你",
        "告诉您",
        "告知您",
        "答复",
        "回电",
        "回访",
    ),
    *(
        "反馈",
        "上门",
        "派人",
        "派师傅",
        "安排师傅",
        "安排人",
        "内处理",
        "内解决",
        "处理好",
        "解决好",
        "修好",
    ),
    *("转告", "我们会", "我会", "跟进"),
)
"""Words one of which occurs in every promise; the scanner looks for them on the way."""


_TRIGGER = re.compile("|".join(map(re.escape, TRIGGERS)))
_PUNCTUATION = re.compile("[,，。！？!?\n；;]")
_QUESTION = re.compile("(?:吗|么|嘛|呢)?[?？]")
_SENTENCE_END = re.compile("[。！？!?\n；;]")
_NEXT_SENTENCE = re.compile("[。！？!?；;]*")


def find_promises(text: str) -> tuple[Promise, ...]:
    """Return the promises in a reply, in order, at most `MAX_PROMISES`.

    `when_text` is the time as written (「明天上午」「24小时内」「马上」), "" if none is named.
    Questions, requests to the customer and negations are no promises. Offsets are of `text`.
    """
    folded = folded_view(text).text
    return promises_at([match.span() for match in _TRIGGER.finditer(folded)], text, folded)


def promises_at(triggers: Sequence[Span], text: str, folded: str) -> tuple[Promise, ...]:
    """Return the promises about the places where a trigger word stands.

    Args:
        triggers: spans of `TRIGGERS`, in any order; they may overlap.
        folded: the folded text, as long as `text`.
    """
    return tuple(islice(_find(sorted(triggers), text, folded), MAX_PROMISES))


def _find(triggers: Sequence[Span], text: str, folded: str) -> Iterator[Promise]:
    done = 0
    low = high = -1
    for start, end in triggers:
        if start < done:
            continue
        if not low <= start < high:
            low, high = _sentence(folded, start, end)
        match = _PROMISE.search(folded, max(low, done, start - BEFORE), min(high, end + AFTER))
        done = match.end() if match else end
        if match and _is_promise(folded, match, high):
            yield _make(text, match)


def _sentence(text: str, start: int, end: int) -> Span:
    """Return the span of the sentence about a place, its closing marks included.

    A sentence longer than `LONG_SENTENCE` characters on a side is cut there.
    """
    low = max(0, start - LONG_SENTENCE)
    for match in _SENTENCE_END.finditer(text, low, start):
        low = match.end()
    close = _SENTENCE_END.search(text, end, end + LONG_SENTENCE)
    if close is None:
        return low, min(len(text), end + LONG_SENTENCE)
    marks = _NEXT_SENTENCE.match(text, close.start())
    return low, marks.end() if marks else close.start()


def _is_promise(text: str, match: re.Match[str], sentence_end: int) -> bool:
    before = text[max(0, match.start() - 12) : match.start()]
    clause = _PUNCTUATION.split(before)[-1]
    if _NOT.search(match.group()) or _NO.search(before) or _BY_CUSTOMER.search(clause):
        return False
    what = match.group("what") or match.group("what2")
    tail = text[match.end() : match.end() + 2]
    if _ASKED.search(what + tail) or _QUESTION.search(tail):
        return False
    return bool(_SERVICE.search(match.group())) and text[sentence_end - 1] not in "?？"


def _make(text: str, match: re.Match[str]) -> Promise:
    name = "what" if match.group("what") else "what2"
    start, end = match.span()
    end = start + len(text[start:end].rstrip(" ，,。"))
    when = text[slice(*match.span("when"))] if match.group("when") else ""
    return Promise(start, end, text[slice(*match.span(name))].strip(" ，,。的"), when.strip())
