"""Whether somebody may be visited at a wished time, and how the time is said."""

from datetime import date, datetime, timedelta

from actions.base import Say, get_desk

FARTHEST_DAYS = 60


def time_text(moment: datetime) -> str:
    """Return an appointment's time, e.g. `11月28日（周六）15:00`."""
    weekday = "一二三四五六日"[moment.weekday()]
    return f"{moment.month}月{moment.day}日（周{weekday}）{moment:%H:%M}"


def day_text(day: date) -> str:
    """Return a day, e.g. `11月28日`."""
    return f"{day.month}月{day.day}日"


def hours() -> dict[str, int]:
    """Return the first and last hour of visits for responses."""
    first, last = get_desk().company.viewing_hours
    return {"first": first, "last": last}


def check_time(moment: datetime, now: datetime, what: str) -> Say | None:
    """Return what is wrong with a wished time; None if a visit may be asked for then.

    `what` names the responses: `visit` for a viewing, `repair` for a technician.
    """
    first, last = get_desk().company.viewing_hours
    if moment <= now:
        return Say(f"utter_{what}_past", {"time": time_text(moment)})
    if moment - now > timedelta(days=FARTHEST_DAYS):
        return Say(f"utter_{what}_too_far")
    minutes = moment.hour * 60 + moment.minute
    if not first * 60 <= minutes <= last * 60:
        return Say(f"utter_{what}_outside_hours", {"time": time_text(moment), **hours()})
    return None
