"""Puts a report together. Callers own the transaction; nothing is written."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.permissions import Right, roles_of
from desk.accounts.service import require
from desk.clock import utc_now
from desk.errors import InvalidInput
from desk.reports import inquiries, tables, timeliness
from desk.reports.model import Figure, Grid, Number, Report
from desk.reports.periods import Period
from desk.reports.row_filter import sees_talks
from desk.reports.times import Times, read_times
from desk.reports.totals import Look, read_totals

REPORT_ROLES = roles_of(Right.SEE_REPORTS)


def report(
    session: Session, staff: Staff, period: Period, *, now: datetime | None = None
) -> Report:
    """Return all figures and tables of a period as this person may see them.

    A department's handlers get the figures of the tickets they may see, and none of
    conversations.

    Raises:
        Forbidden: an agent.
        InvalidInput: the period has not begun.
    """
    require(staff, *REPORT_ROLES)
    now = now or utc_now()
    if period.begins_at > now:
        raise InvalidInput("errors.report_in_future", field="date")
    look = Look(session, staff, period, period.span, now)
    times = read_times(look)
    grids = _grids(look, times)
    return Report(
        period=period,
        made_at=now,
        department=staff.department if staff.role == Role.DEPARTMENT else None,
        figures=_figures(look, times),
        grids={grid.key: grid for grid in grids},
    )


def _figures(look: Look, times: Times) -> dict[str, Figure]:
    numbers = read_totals(look) | timeliness.overall(look, times)
    before = _earlier(look, look.period.previous())
    year_before = _earlier(look, look.period.year_before())
    return {
        key: Figure(key, number, before.get(key), year_before.get(key))
        for key, number in numbers.items()
    }


def _earlier(look: Look, period: Period) -> dict[str, float | None]:
    """Return the values of another period; empty if the desk was not in use then.

    Of a period that still goes on, as much is compared as has passed of it.
    """
    passed = look.now - look.period.begins_at
    is_running = look.now < look.period.ends_at
    span = period.first_part(passed) if is_running else period.span
    then = replace(look, period=period, span=span)
    numbers: dict[str, Number] = read_totals(then)
    has_data = any(
        number.value for key, number in numbers.items() if key not in ("open_at_end", "closed")
    )
    if not has_data:
        return {}
    return {key: number.value for key, number in numbers.items()} | timeliness.earlier(then)


def _grids(look: Look, times: Times) -> list[Grid]:
    grids = [
        tables.volume(look),
        *tables.by_kind_channel_category(look),
        tables.causes(look),
        timeliness.by_department(look, times),
        timeliness.by_level(look, times),
        timeliness.escalations(look),
        timeliness.satisfaction(look),
    ]
    if sees_talks(look.staff):
        grids += [inquiries.hot_inquiries(look), inquiries.unanswered(look)]
    return grids
