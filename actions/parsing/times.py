"""Times in a message: as told for a complaint, as an instant for an appointment."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from desk.clock import LOCAL_ZONE

_NUM = r"[\d一二两三四五六七八九十]{1,3}"
_DAY = (
    r"(?:大前天|大后天|前天|昨天|今天|明天|后天|昨日|今日|明日|昨晚|今晚|明晚|昨夜|今早|明早|今晨|当天|那天|"
    r"(?:这个?|上个?|上上个?|下个?|下下个?|本)?(?:周|星期|礼拜)[一二三四五六日天末\d]|"
    rf"(?:\d{{4}}年)?{_NUM}月(?:{_NUM}[日号]?|[初中底]|份)?|{_NUM}[日号](?![楼栋幢房院室线])|\d{{1,2}}[/.]\d{{1,2}}(?!\d)|"
    r"上个?月|这个?月|上周|这周|本周|去年|今年|前年|年[初底]|春节|国庆|元旦|五一|中秋|周末|"
    rf"前几天|这几天|最近|近期|近来|{_NUM}(?:天|周|个?星期|个?月|年|个?小时|分钟)(?:以?前|之前|了|来|(?=没|都|还))|半(?:年|个?月)(?:前|多|了)?|一直|每天|天天|每晚|经常)"
)
_PART = r"(?:凌晨|清晨|清早|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜|深夜|夜间|晚)"
_CLOCK = rf"(?:{_NUM}(?:点|时)(?:半|钟|[一三]刻|{_NUM}分?)?(?:多|左右|前后)?|\d{{1,2}}:\d{{2}})"
_TOLD = re.compile(
    rf"(?:{_DAY}(?:的)?(?:{_DAY})?(?:{_PART})?(?:{_CLOCK})?|{_PART}{_CLOCK}|{_CLOCK}(?!水|的水)|{_PART}|刚才|刚刚|现在)"
    rf"(?:\s*(?:到|至|-)\s*(?:{_DAY})?(?:{_PART})?{_CLOCK})?"
)
_ABBREVIATED = (
    ("今早", "今天早上"),
    ("明早", "明天早上"),
    ("今晚", "今天晚上"),
    ("明晚", "明天晚上"),
    ("昨晚", "昨天晚上"),
    ("礼拜", "星期"),
    ("周天", "周日"),
    ("明儿", "明天"),
    ("今儿", "今天"),
)
_VAGUE = re.compile(
    rf"^(?:一直|每天|天天|每晚|经常|最近|近期|近来|刚才|刚刚|现在|这几天|今年|{_PART})$"
)
_HAS_HOUR = re.compile(_CLOCK)
_HAS_DAY = re.compile(_DAY)
_FORENOON = re.compile(r"凌晨|清晨|清早|早上|早晨|上午|早")
_AFTERNOON = re.compile(r"下午|傍晚|晚|夜")


@dataclass(frozen=True, slots=True)
class WhenRead:
    """An appointment's time as far as it was said: `day`, and `at` (local) if the hour too."""

    day: date | None = None
    at: datetime | None = None


def told_time(text: str, *, is_asked: bool = True) -> str | None:
    """Return the words of a half-width text that say when something happened, or None.

    Unless a time was asked for, words such as 一直 or 晚上 alone are not one.
    """
    found = max(_TOLD.findall(text), key=len, default="").strip()
    if not is_asked and _VAGUE.match(found):
        return None
    return found[:60] or None


def read_when(text: str, now: datetime, *, day: date | None = None) -> WhenRead:
    """Read the time of an appointment.

    Args:
        text: half-width Simplified text.
        now: the present instant, timezone-aware.
        day: the day already agreed, when only the hour is missing.
    """
    local = now.astimezone(LOCAL_ZONE)
    found = told_time(text)
    if not found:
        return WhenRead()
    moment = _parse(_written_out(found), local)
    if moment is None:
        return WhenRead()
    has_day, has_hour = bool(_HAS_DAY.search(found)), bool(_HAS_HOUR.search(found))
    if not has_hour:
        return WhenRead(day=moment.date() if has_day else day)
    moment = _by_daylight(moment, found)
    if has_day:
        return WhenRead(moment.date(), moment)
    if day is not None:
        return WhenRead(day, datetime.combine(day, moment.timetz()))
    return WhenRead(moment.date(), moment)


def _written_out(text: str) -> str:
    for short, full in _ABBREVIATED:
        text = text.replace(short, full)
    return text


def _parse(text: str, local: datetime) -> datetime | None:
    import jionlp

    try:
        found = jionlp.parse_time(text, time_base=local.replace(tzinfo=None).timestamp())
        start = datetime.fromisoformat(found["time"][0])
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError):
        return None
    moment = start.replace(tzinfo=LOCAL_ZONE)
    # 「周二」 said on a Thursday means the one to come.
    is_weekday_only = re.match(r"(?:周|星期)[一二三四五六日天]", text)
    if is_weekday_only and moment.date() < local.date():
        moment += timedelta(days=7)
    return moment


def _by_daylight(moment: datetime, words: str) -> datetime:
    """「三点」 alone is three in the afternoon: nobody views a home at night."""
    if moment.hour < 8 and not _FORENOON.search(words) and not _AFTERNOON.search(words):
        return moment + timedelta(hours=12)
    return moment
