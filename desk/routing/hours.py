"""When people are there, by the working hours of the service profile (R-G6)."""

from datetime import datetime, timedelta

from desk.clock import to_local, utc_now
from desk.deadlines.domain import Allowance, due_after
from desk.deadlines.service import current_profile
from desk.locale import t
from desk.routing.settings import current_settings

WEEKDAYS = "一二三四五六日"


def people_are_here(now: datetime | None = None) -> bool:
    """Tell whether it is within working hours."""
    now, calendar = now or utc_now(), current_profile().calendar
    day = calendar.day_of(now)
    return any(first <= now < last for first, last in calendar.intervals(day))


def next_opening(now: datetime | None = None) -> datetime:
    """Return when people are back; `now` itself within working hours.

    Raises:
        NoWorkingTime: the calendar has no working time within a year.
    """
    now = now or utc_now()
    return due_after(now, Allowance(working_time=timedelta(0)), current_profile().calendar)


def call_back_by(now: datetime | None = None) -> datetime:
    """Return until when somebody calls back whom nobody could speak to now."""
    allowance = Allowance(working_time=timedelta(hours=current_settings().call_back_hours))
    return due_after(now or utc_now(), allowance, current_profile().calendar)


def moment_in_words(instant: datetime, now: datetime | None = None) -> str:
    """Return an instant for customers: 今天 14:30, 明天 8:30, or 11月25日（周三）8:30."""
    local, today = to_local(instant), to_local(now or utc_now()).date()
    clock = f"{local.hour}:{local.minute:02}"
    days = (local.date() - today).days
    if days in (0, 1):
        return t("routing.today" if days == 0 else "routing.tomorrow", clock=clock)
    weekday = WEEKDAYS[local.weekday()]
    return t("routing.on_day", month=local.month, day=local.day, weekday=weekday, clock=clock)
