"""Dates and times: the words as they were said, and what `jionlp` resolves them to.

jionlp was tried on forms such as those in `tests/bot/test_entity_times.py`: right on dates,
weekdays, parts of the day and clocks; it doesn't know 「明早」「刚才」「上个月」「月底」 and takes
a weekend for its Sunday: those are ours. It can't find a time in a longer text in bounded time,
so finding is ours as well. A festival or a date without its year (「国庆」 said in January) is
taken in the year that fits: past where the words tell what happened, to come in an appointment,
else the nearest.
"""

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from scripts_library.reading.found import Found

_NUM = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3})"
_WEEK = r"(?:周|星期|礼拜)"
_DAY = (
    r"(?:大前天|大后天|前天|昨天|今天|明天|后天|昨日|今日|明日|前日|后日|[昨今明]晚上?"
    r"|昨夜|今早|明早|后晚|前晚|今晨|昨儿|今儿|明儿"
    rf"|(?:这个?|本|上上?个?|下下?个?)?{_WEEK}(?:[一二三四五六日天1-6](?!期|\d|个)|末)"
    rf"|(?:(?:20)?\d{{2}}年|今年|去年|明年|前年)?{_NUM}月(?:份|底|初|中旬|{_NUM}[日号]?(?!\d))?"
    r"|20\d{2}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)"
    r"|\d{1,2}[日号](?![楼线院店门房栋幢座院码])"
    r"|(?:去年|今年|前年|明年)?(?:五一|十一|国庆|元旦|春节|中秋|端午|清明)(?:节|期间|假期|放假)?"
    rf"|(?:上|下|这|本)个?月(?:底|初|{_NUM}[日号])?|月[底初]|年[底初]|去年|前年|今年(?!满)|明年"
    rf"|(?:这|上|下|上上|下下)个?{_WEEK}(?![一二三四五六日天末])"
    rf"|{_NUM}个?(?:天|周|星期|礼拜|月|小时|钟头)(?:以?前|之前|以?后|之后)"
    rf"|(?:\d{{1,3}}|{_NUM})分钟(?:以?前|之前|以?后|之后)"
    r"|半个?(?:月|小时|钟头|年)(?:以?前|之前|以?后|之后))"
)
_PART = (
    r"(?:凌晨|清晨|一大早|大清早|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜|深夜"
    r"|晚(?=\d|[一二三四五六七八九十]))"
)
_CLOCK = (
    rf"(?:{_NUM}(?:点|时)(?:半|钟|[一三]刻|{_NUM}分?)?(?:多|左右|前后|以后|之后|前)?(?!水|菜|的税)"
    r"|\d{1,2}:\d{2}(?!:?\d))"
)
_TIME = re.compile(
    rf"(?:{_DAY}\s?的?\s?(?:{_PART})?\s?(?:{_CLOCK})?|{_PART}\s?(?:{_CLOCK})?|{_CLOCK}|刚才|刚刚)"
    rf"(?:\s?[到至-]\s?(?:{_PART})?\s?{_CLOCK})?"
)

_LASTING = (
    rf"(?:{_NUM}个?(?:天|周|星期|礼拜|月|年|小时|分钟)(?:了|来|(?=没|都|还))|半(?:年|个?月)(?:前|多|了)?"
    r"|好?几(?:天|周|个(?:星期|月|小时)|年)了?"
    rf"|最近(?:这?(?:几|半|{_NUM})?个?(?:天|周|星期|月|年))?"
    r"|前几天|这几天|那天|当天|近期|近来|一直|每天|天天|每晚|整天|整夜|从早到晚|经常)"
)
_TOLD = re.compile(
    rf"(?:(?:{_DAY}|{_LASTING})的?(?:{_DAY})?(?:{_PART})?(?:{_CLOCK})?|{_PART}{_CLOCK}|{_CLOCK}|{_PART}"
    rf"|刚才|刚刚|现在)(?:\s?(?:到|至|-)\s?(?:{_DAY})?(?:{_PART})?{_CLOCK})?"
)
_VAGUE = re.compile(
    rf"(?:一直|每天|天天|每晚|经常|最近|近期|近来|整天|整夜|从早到晚|刚才|刚刚|现在|这几天|那天|当天|今年|{_PART})"
)
_LONGEST_TOLD = 60

_STEPS = {"上上": -2, "上": -1, "下": 1, "下下": 2}
_LAST_HOUR = 24
_FIRST_DAYLIGHT_HOUR = 8
PAST, FUTURE = "past", "future"
_YEARLESS = re.compile(
    r"(?:五一|十一|国庆|元旦|春节|中秋|端午|清明)|(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?!前|后|以|之)"
)
_HAPPENED = re.compile(r"的时候|那会儿|那几天|就|开始|至今|到现在|以来|[坏漏停修报收买交装订]|了")
_A_LITTLE = re.compile(r"[一二两三四五六七八九十]{1,2}点|一时|[一二三]时")
_A_DAY = re.compile(_DAY)
_AN_HOUR = re.compile(_CLOCK)
_HALF_OF_DAY = re.compile(r"凌晨|清晨|清早|早|上午|下午|傍晚|晚|夜")
_WRITTEN_OUT = (
    (re.compile(r"今早|今晨"), "今天早上"),
    (re.compile(r"明早"), "明天早上"),
    (re.compile(r"昨晚上?|昨夜"), "昨天晚上"),
    (re.compile(r"前晚"), "前天晚上"),
    (re.compile(r"今晚上?"), "今天晚上"),
    (re.compile(r"明晚上?"), "明天晚上"),
    (re.compile(r"后晚"), "后天晚上"),
    (re.compile(r"([昨今明])儿"), r"\1天"),
    (re.compile(r"礼拜"), "星期"),
    (re.compile(r"周天"), "周日"),
    (re.compile(r"钟头"), "小时"),
    (re.compile(r"一大早|大清早"), "早上"),
    (re.compile(r"([上下这本])月"), r"\1个月"),
    (re.compile(r"节?(?:期间|假期|放假)"), ""),
    (re.compile(r"(?<!小时)(?<=[点时分半])(?:多|左右|前后|以后|之后|前)"), ""),
    (re.compile(r"\s|的"), ""),
)


@dataclass(frozen=True, slots=True)
class WhenRead:
    """An appointment's time as far as it was said: `day`, and `at` (local) if the hour too."""

    day: date | None = None
    at: datetime | None = None


def find_times(text: str, now: datetime) -> list[Found]:
    """Find times; value: the words as said, details `begins`, `ends` (ISO, local) if resolved.

    Args:
        text: folded text.
        now: the moment the message was written, in local time.
    """
    found = []
    for start, said in _said(text):
        if _is_no_time(said):
            continue
        end = start + len(said)
        leaning = PAST if _HAPPENED.search(text[end : end + 8]) else None
        span = _resolve(said, now, leaning)
        details = {"begins": span[0].isoformat(), "ends": span[1].isoformat()} if span else {}
        found.append(Found("time", start, end, said, details))
    return found


def told_time(text: str, *, is_asked: bool = True) -> str | None:
    """Return the words of a half-width text that say when something happened, or None.

    Unless a time was asked for, words such as 一直 or 晚上 alone are not one.
    """
    told = (match.group().strip(" 的") for match in _TOLD.finditer(text))
    longest = max((words for words in told if not _is_no_time(words)), key=len, default="")
    if not is_asked and _VAGUE.fullmatch(longest):
        return None
    return longest[:_LONGEST_TOLD] or None


def read_when(text: str, now: datetime, *, day: date | None = None) -> WhenRead:
    """Read the time of an appointment from a half-width text.

    Args:
        text: what the customer wrote.
        now: the present in local time.
        day: the day already agreed, when only the hour is missing.
    """
    said = max((words for _, words in _said(text)), key=len, default="")
    span = _resolve(said, now, FUTURE) if said and not _is_impossible(said) else None
    if span is None:
        return WhenRead()
    moment = span[0]
    # 「周二」 said on a Thursday means the one to come.
    if re.match(rf"{_WEEK}[一二三四五六日天]", said) and moment.date() < now.date():
        moment += timedelta(days=7)
    has_day, has_hour = bool(_A_DAY.search(said)), bool(_AN_HOUR.search(said))
    if not has_hour:
        return WhenRead(day=moment.date() if has_day else day)
    moment = _by_daylight(moment, said)
    if has_day or day is None:
        return WhenRead(moment.date(), moment)
    return WhenRead(day, datetime.combine(day, moment.timetz()))


def _said(text: str) -> Iterator[tuple[int, str]]:
    for match in _TIME.finditer(text):
        said = match.group().strip(" 的")
        if said:
            yield match.start() + match.group().find(said), said


def _by_daylight(moment: datetime, said: str) -> datetime:
    """「三点」 alone is three in the afternoon: nobody views a home at night."""
    if moment.hour < _FIRST_DAYLIGHT_HOUR and not _HALF_OF_DAY.search(said):
        return moment + timedelta(hours=12)
    return moment


def _is_no_time(said: str) -> bool:
    """「一点」 and 「两点」 alone mostly mean a little, or two matters."""
    return bool(_A_LITTLE.fullmatch(said)) or _is_impossible(said)


def _is_impossible(said: str) -> bool:
    """No day has a 40th hour."""
    hour = re.search(r"(\d{1,2})(?:[点时]|:\d\d)", said)
    return hour is not None and int(hour.group(1)) > _LAST_HOUR


def _resolve(
    said: str, now: datetime, leaning: str | None = None
) -> tuple[datetime, datetime] | None:
    """Return beginning and end of a time in words; None where the words do not tell."""
    written = said
    for pattern, words in _WRITTEN_OUT:
        written = pattern.sub(words, written)
    relative = _relative(written, now)
    if relative:
        return relative
    if not _YEARLESS.match(written):
        return _parse(written, now)
    years = (now.year - 1, now.year, now.year + 1)
    spans = [span for year in years if (span := _parse(f"{year}年{written}", now))]
    past = [span for span in spans if span[0] <= now]
    coming = [span for span in spans if span[1] >= now]
    fitting = {PAST: past, FUTURE: coming}.get(leaning or "", spans) or spans
    return min(fitting, key=lambda span: abs(span[0] - now), default=None)


def _relative(written: str, now: datetime) -> tuple[datetime, datetime] | None:
    """What jionlp doesn't know: a moment ago, last month, the end of the month."""
    if written in ("刚才", "刚刚"):
        return now - timedelta(hours=1), now
    weekend = re.fullmatch(r"(上上|上|下下|下|这|本)?个?周末", written)
    if weekend:
        return _weekend(now, _STEPS.get(weekend.group(1) or "", 0))
    month = re.fullmatch(r"(上|下|这|本)个月(底|初)?|月(底|初)", written)
    if not month:
        return None
    step = _STEPS.get(month.group(1) or "", 0)
    first = _month_start(now, step)
    last = _month_start(first, 1) - timedelta(seconds=1)
    part = month.group(2) or month.group(3)
    if part == "底":
        return last.replace(day=21, hour=0, minute=0, second=0), last
    return (first, first + timedelta(days=10, seconds=-1)) if part == "初" else (first, last)


def _weekend(now: datetime, weeks: int) -> tuple[datetime, datetime]:
    """Saturday and Sunday; jionlp takes the Sunday alone."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    saturday = midnight + timedelta(days=5 - now.weekday(), weeks=weeks)
    return saturday, saturday + timedelta(days=2, seconds=-1)


def _month_start(moment: datetime, step: int) -> datetime:
    months = moment.year * 12 + moment.month - 1 + step
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=moment.tzinfo)


def _parse(written: str, now: datetime) -> tuple[datetime, datetime] | None:
    base = {"year": now.year, "month": now.month, "day": now.day, "hour": now.hour}
    base |= {"minute": now.minute, "second": now.second}
    try:
        result = _parser()(written, time_base=base)
        begins, ends = (datetime.fromisoformat(t) for t in result["time"])
    except Exception:  # jionlp raises whatever its rules run into
        return None
    return begins.replace(tzinfo=now.tzinfo), ends.replace(tzinfo=now.tzinfo)


@cache
def _parser() -> Any:
    """jionlp's parser (0.7 s to load); its banner is kept from the output, which may be JSON."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        import jionlp

        jionlp.parse_time("昨天晚上八点", time_base={"year": 2026})
    return jionlp.parse_time
