"""Tables of tickets: over time, by kind, channel, category and cause."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from desk.clock import to_local
from desk.locale import t
from desk.reports.model import Grid, Line, Number
from desk.reports.periods import Bucket, Period, PeriodKind
from desk.reports.sql import counted, local_day, local_hour, pairs
from desk.reports.totals import Look, share, ticket_rows
from desk.tickets.domain import CATEGORIES, CHANNELS
from desk.tickets.filters import NO_CATEGORY, TicketFilter
from desk.tickets.models import Ticket, TicketKind
from desk.tickets.view import category_name, kind_name

CAUSE_LIMIT = 20
BREAKDOWN = (
    "opened", "share", "major", "came_back", "resolution_rate", "resolved", "resolved_in_time",
)  # fmt: skip
FLOW = {"opened": Ticket.created_at, "resolved": Ticket.resolved_at, "closed": Ticket.closed_at}


def volume(look: Look) -> Grid:
    """Return how many were opened, resolved and closed in each part of the period."""
    found = {name: _over_time(look, name) for name in FLOW}
    lines = []
    for bucket in look.period.buckets():
        cells = []
        for name, counts in found.items():
            span: dict[str, Any] = {
                f"{name}_from": bucket.begins_at,
                f"{name}_to": bucket.ends_at,
            }
            cells.append(
                Number(_within(bucket, counts, look.period), rows=ticket_rows(TicketFilter(**span)))
            )
        label = bucket_label(look.period, bucket)
        lines.append(Line(bucket.begins_at.isoformat(), label, tuple(cells)))
    return Grid("volume", tuple(FLOW), tuple(lines))


def bucket_label(period: Period, bucket: Bucket) -> str:
    """Return what stands below a bar."""
    first = to_local(bucket.begins_at)
    match period.kind:
        case PeriodKind.DAY:
            return t("report.bucket.hour", hour=first.hour)
        case PeriodKind.WEEK:
            return t("report.bucket.weekday", day="一二三四五六日"[first.weekday()])
        case PeriodKind.YEAR:
            return t("report.bucket.month", month=first.month)
    return t("report.bucket.day", month=first.month, day=first.day)


def by_kind_channel_category(look: Look) -> Iterator[Grid]:
    """Yield the tables by kind, by channel and by category, from one pass over the tickets."""
    is_done = Ticket.resolved_at < look.span.ends_at
    columns = (Ticket.kind, Ticket.channel, Ticket.category)
    query = (
        select(
            *columns,
            func.count(),
            counted(Ticket.severity == "major"),
            counted(Ticket.reopened > 0),
            counted(is_done),
        )
        .where(*look.tickets(look.spanned("opened")))
        .group_by(*columns)
    )
    rows = [(*row, 0, 0) for row in look.session.execute(query)]
    settled = (
        select(*columns, func.count(), counted(Ticket.resolved_at <= Ticket.due_at))
        .where(*look.tickets(look.spanned("resolved")))
        .group_by(*columns)
    )
    rows += [(*row[:3], 0, 0, 0, 0, *row[3:]) for row in look.session.execute(settled)]
    yield _breakdown(look, "kind", rows, 0, tuple(TicketKind), kind_name)
    yield _breakdown(look, "channel", rows, 1, CHANNELS, lambda code: t(f"ticket.channel_{code}"))
    codes = (*CATEGORIES, NO_CATEGORY)
    yield _breakdown(look, "category", rows, 2, codes, _category_or_none)


def causes(look: Look) -> Grid:
    """Return the most frequent causes of the tickets opened, with their categories."""
    query = (
        select(Ticket.category, Ticket.cause, func.count(), counted(Ticket.reopened > 0))
        .where(*look.tickets(look.spanned("opened")), Ticket.cause.is_not(None), Ticket.cause != "")
        .group_by(Ticket.category, Ticket.cause)
        .order_by(func.count().desc(), Ticket.category, Ticket.cause)
        .limit(CAUSE_LIMIT)
    )
    lines = []
    for category, cause, count, reopened in look.session.execute(query):
        wanted = look.spanned("opened", category=(category or NO_CATEGORY,), cause=cause)
        cells = (
            Number(count, rows=ticket_rows(wanted)),
            Number(reopened, rows=ticket_rows(replace(wanted, reopened_min=1))),
        )
        label = t("report.cause_of", category=category_name(category), cause=cause)
        lines.append(Line(f"{category or NO_CATEGORY}/{cause}", label, cells))
    return Grid("cause", ("opened", "came_back"), tuple(lines))


def _breakdown(
    look: Look,
    name: str,
    rows: Iterable[tuple[Any, ...]],
    place: int,
    codes: Iterable[str],
    label: Callable[[str], str],
) -> Grid:
    counts: list[Counter[str]] = [Counter() for _ in range(6)]
    for row in rows:
        for counter, value in zip(counts, row[3:], strict=True):
            counter[row[place] or NO_CATEGORY] += value
    opened, major, came_back, done, resolved, in_time = counts
    lines = []
    for code in sorted(codes, key=lambda code: -opened[code]):
        if not (opened[code] or resolved[code]):
            continue
        wanted = look.spanned("opened", **{name: (code,)})
        settled = look.spanned("resolved", **{name: (code,)})
        on_time = ticket_rows(replace(settled, resolved_late=False))
        base = ticket_rows(wanted)
        finished = ticket_rows(replace(wanted, resolved_to=look.span.ends_at))
        cells = (
            Number(opened[code], rows=base),
            share(opened[code], opened.total(), base, ticket_rows(look.spanned("opened"))),
            Number(major[code], rows=ticket_rows(replace(wanted, severity="major"))),
            Number(came_back[code], rows=ticket_rows(replace(wanted, reopened_min=1))),
            share(done[code], opened[code], finished, base),
            Number(resolved[code], rows=ticket_rows(settled)),
            share(in_time[code], resolved[code], on_time, ticket_rows(settled)),
        )
        lines.append(Line(code, label(code), cells))
    return Grid(name, BREAKDOWN, tuple(lines))


def _over_time(look: Look, name: str) -> dict[str, int]:
    """Return counts by local hour or day, as texts that sort by time."""
    column = FLOW[name]
    label = local_hour(column) if look.period.kind == PeriodKind.DAY else local_day(column)
    query = select(label, func.count()).where(*look.tickets(look.spanned(name))).group_by(label)
    return pairs(look.session, query)


def _within(bucket: Bucket, counts: dict[str, int], period: Period) -> int:
    pattern = "%Y-%m-%d %H" if period.kind == PeriodKind.DAY else "%Y-%m-%d"
    begin, end = (f"{to_local(one):{pattern}}" for one in (bucket.begins_at, bucket.ends_at))
    return sum(count for label, count in counts.items() if begin <= label < end)


def _category_or_none(code: str) -> str:
    return category_name(None if code == NO_CATEGORY else code)
