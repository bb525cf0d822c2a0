"""Until when a promise is owed: 「明天上午」「今天下班前」「三个工作日内」 as an instant. Pure.

The customer was told a day, so the day counts even if nobody works on it; working hours say what
「下午」「下班前」 or a bare 「明天」 mean. Words without a time (「尽快」) are owed within a day,
the promise of R-A4; 「马上」「稍后」 by the end of the working day.
"""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

from desk.deadlines.calendars import NoWorkingTime, WorkingCalendar
from desk.deadlines.domain import Allowance, due_after
from scripts_library.reading.numerals import number_of

VAGUE = timedelta(hours=24)
FAR = timedelta(days=366)
DAY_END, LAST_MINUTE = time(18), time(23, 59)
_NUMBER = r"(?P<n>\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百半几]+)"
_SPAN = re.compile(
    rf"{_NUMBER}\s*个?(?P<half>半)?(?P<unit>工作日|小时|钟头|分钟|天|日(?=.*[内后])|周|星期|礼拜|月)"
    r"(?![一二三四五六日天\d])"
)
_SOON = re.compile(
    "马上|立刻|立即|即刻|现在就|这就|稍后|稍候|待会|等会|等下|一会|回头|晚点|晚一点|随后"
)
_VAGUE = re.compile("尽快|尽早|第一时间|消息|结果|进展|到时候|届时|节后")
_CLOCK = re.compile(
    r"(?P<h>\d{1,2}|[零一二两三四五六七八九十]{1,3})(?:点(?P<half>半)?(?:钟)?|[:：])"
    r"(?:(?P<m>\d{1,2}|[一二三四五六七八九十]{1,3})分?)?"
)
_WEEKDAY = re.compile(
    r"(?P<which>下下个?|下个?|本|这个?)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天末])"
)
_DATE = re.compile(
    r"(?:(?P<month>\d{1,2}|[一二三四五六七八九十]{1,2})月)?"
    r"(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})[日号]"
)
_DAYS = {"大后": 3, "后": 2, "明": 1, "次": 1, "隔": 1, "第二": 1, "今": 0, "当": 0}
_WHICH_DAY = re.compile("(大后|后|明|次|隔|第二|今|当)(?:天|日|早|晚)")
_WHOLE = {
    "周末": 6, "下下": 20, "下个周": 13, "下周": 13, "下个星期": 13, "下星期": 13, "下礼拜": 13,
    "本周": 6, "这周": 6, "这个星期": 6, "这星期": 6,
}  # fmt: skip
"""Words for a whole week, and its last day counted from this week's Monday."""
_MONTH_END = re.compile("月底|本月|这个月|这月")
_NEXT_MONTH = re.compile("下个?月")
_PARTS: tuple[tuple[str, time | None], ...] = (
    ("凌晨", time(6)),
    ("下班", None),
    ("上班后", time(10)),
    ("早", time(10)),
    ("上午", time(12)),
    ("午前", time(12)),
    ("中午", time(14)),
    ("下午", None),
    ("傍晚", time(19)),
    ("晚些时候", None),
    ("晚", time(22)),
)
"""Parts of a day and when they end; None: with the working hours."""
_AFTERNOON = re.compile("下午|傍晚|晚")


def promised_by(when: str, now: datetime, calendar: WorkingCalendar) -> datetime | None:
    """Return until when something is owed that was promised at `now` for `when`.

    Args:
        when: the time as written in a reply (`Promise.when_text`).
        now: when the reply was sent.
        calendar: the company's working hours.

    Returns:
        An instant after `now` in UTC, at most a year away; None if no time is named, it has
        passed, or the words are not understood.
    """
    local = now.astimezone(calendar.zone)
    due = _by_span(when, now, calendar) or _by_day(when, local, calendar)
    if due is None and _SOON.search(when):
        due = _end_of_today(now, calendar)
    if due is None and _VAGUE.search(when):
        due = now + VAGUE
    return due.astimezone(UTC) if due is not None and now < due <= now + FAR else None


def _by_span(when: str, now: datetime, calendar: WorkingCalendar) -> datetime | None:
    match = _SPAN.search(when)
    number = _number(match.group("n")) if match else None
    if match is None or number is None:
        return None
    number += 0.5 if match.group("half") else 0
    match match.group("unit"):
        case "工作日":
            return due_after(now, Allowance(working_days=max(1, int(number))), calendar)
        case "小时" | "钟头":
            return now + timedelta(hours=number)
        case "分钟":
            return now + timedelta(minutes=number)
        case "天" | "日":
            return now + timedelta(days=number)
        case "月":
            return now + timedelta(days=30 * number)
    return now + timedelta(weeks=number)


def _number(text: str) -> float | None:
    if text == "半":
        return 0.5
    if "几" in text:
        return 3.0
    number = number_of(text)
    return float(number) if number is not None and 0 < number < 1000 else None


def _by_day(when: str, now: datetime, calendar: WorkingCalendar) -> datetime | None:
    day = _day(when, now.date())
    at = _clock(when) or _part(when, day or now.date(), calendar)
    if day is None and at is None:
        return None
    due = datetime.combine(day or now.date(), at or _work_end(day or now.date(), calendar))
    due = due.replace(tzinfo=now.tzinfo)
    if due <= now and day in (None, now.date()):
        if _clock(when) and day is None:
            return due + timedelta(days=1)
        return None if _clock(when) else datetime.combine(now.date(), LAST_MINUTE, now.tzinfo)
    return due


def _day(when: str, today: date) -> date | None:
    monday = today - timedelta(days=today.weekday())
    if match := _WHICH_DAY.search(when):
        return today + timedelta(days=_DAYS[match.group(1)])
    if (match := _WEEKDAY.search(when)) and match.group("day") != "末":
        day = monday + timedelta(days="一二三四五六日".find(match.group("day").replace("天", "日")))
        which = match.group("which") or ""
        weeks = which.count("下") or (1 if day < today else 0)
        return day + timedelta(weeks=weeks)
    if match := _DATE.search(when):
        return _date(match, today)
    if _NEXT_MONTH.search(when):
        return _month_end(_month_end(today) + timedelta(days=1))
    if _MONTH_END.search(when):
        return _month_end(today)
    if "年底" in when:
        return date(today.year, 12, 31)
    for words, days in _WHOLE.items():
        if words in when:
            return monday + timedelta(days=days + (7 if words == "周末" and "下" in when else 0))
    return None


def _date(match: "re.Match[str]", today: date) -> date | None:
    month, day = match.group("month"), int(number_of(match.group("day")) or 0)
    year, number = today.year, int(number_of(month) or 0) if month else today.month
    if (number, day) < (today.month, today.day):
        number += 0 if month else 1
        year += 1 if month or number > 12 else 0
    number = 1 if number > 12 and not month else number
    try:
        return date(year, number, day)
    except ValueError:
        return None


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _clock(when: str) -> time | None:
    match = _CLOCK.search(when)
    hour = number_of(match.group("h")) if match else None
    if match is None or hour is None:
        return None
    minute = 30 if match.group("half") else int(number_of(match.group("m") or "0") or 0)
    full = int(hour)
    # Without a part of the day, 「3点」 in a reply is an hour at which people work.
    is_afternoon = bool(_AFTERNOON.search(when)) or not re.search("凌晨|早|上午|中午", when)
    if full < (12 if _AFTERNOON.search(when) else 7) and is_afternoon:
        full += 12
    return time(full, minute) if full < 24 and minute < 60 else None


def _part(when: str, day: date, calendar: WorkingCalendar) -> time | None:
    for name, end in _PARTS:
        if name in when:
            return end or _work_end(day, calendar)
    return None


def _work_end(day: date, calendar: WorkingCalendar) -> time:
    spans = calendar.intervals(day)
    return spans[-1][1].astimezone(calendar.zone).time() if spans else DAY_END


def _end_of_today(now: datetime, calendar: WorkingCalendar) -> datetime | None:
    try:
        return due_after(now, Allowance(same_day=True), calendar)
    except NoWorkingTime:
        return now + VAGUE
