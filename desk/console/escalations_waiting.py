"""What waits to be acknowledged: mine first, then by time left; by level."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from nicegui import ui

from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.choosing import as_choice
from desk.console.elements import action, box, nothing, words
from desk.console.ticket.parts import ticket_link
from desk.escalation.recording import kind_of
from desk.escalation.service import OpenEscalation, acknowledge, open_escalations
from desk.locale import t, texts
from desk.tickets.view import due_text, kind_name, severity_name

LEVELS = ("all", "mine", "0", "1", "duty", "2")
COLUMNS = ("ticket", "why", "told", "due", "left", "act")
SOON = timedelta(minutes=30)


class WaitingTab:
    """The list of open escalations with its filter."""

    def __init__(self, visit: Visit, on_change: Callable[[], Awaitable[None]]) -> None:
        self._visit = visit
        self._on_change = on_change
        self.filters, self.filter = LEVELS, "all"
        self._rows: Sequence[OpenEscalation] = ()

    async def read(self) -> None:
        """Read the list again."""
        self._rows = await self._visit.read(open_escalations)

    def state(self) -> object:
        """Return what the list shows, to the minute; equal states look alike."""
        rows = [
            (row.escalation.id, row.is_mine, row.ticket.due_at, row.ticket.severity)
            for row in self._rows
        ]
        return self.filter, rows, f"{utc_now():%d %H:%M}"

    def draw_filters(self) -> None:
        """Add a button for each level, with how many wait there."""
        for level in LEVELS:
            count = len(self._of(level))
            if level not in ("all", "mine", self.filter) and not count:
                continue
            with filter_button(level, is_chosen=level == self.filter):
                words(t(f"escalation.level_{level}"))
                words(str(count), f"k-count {'is-hot' if level == 'mine' and count else ''}")

    def draw(self) -> None:
        """Add the list."""
        rows = self._of(self.filter)
        if not rows:
            nothing(t("escalation.empty_title"), t("escalation.empty_hint"))
            return
        now = utc_now()
        with box("k-table", tag="table"):
            with box(tag="thead"), box(tag="tr"):
                for name in COLUMNS:
                    words(t(f"escalation.column_{name}"), tag="th").props("scope=col")
            with box(tag="tbody"):
                for row in rows:
                    self._row(row, now)

    def _of(self, level: str) -> list[OpenEscalation]:
        return [row for row in self._rows if level in ("all", *_levels_of(row))]

    def _row(self, row: OpenEscalation, now: datetime) -> None:
        one, ticket = row.escalation, row.ticket
        line = box("is-mine" if row.is_mine else "", tag="tr")
        line.props["data-escalation"] = one.id
        with line:
            with box("k-cell-time", tag="td"):
                ticket_link(ticket.number)
                with box("k-cell-sub"):
                    words(kind_name(ticket.kind), "k-chip")
                    look = "is-urgent" if ticket.severity == "major" else ""
                    words(severity_name(ticket.severity), f"k-chip {look}")
            with box(tag="td"):
                words(cause_text(one.cause), "k-why", tag="div")
                words(ticket.description, "k-matter", tag="div")
            with box("k-cell-time", tag="td"):
                words(t(f"escalation.level_{'duty' if one.duty else one.level}"), tag="div")
                name = one.staff.display_name if one.staff else t("escalation.nobody")
                words(name, "k-cell-sub", tag="div")
            is_late = ticket.due_at <= now and ticket.paused_since is None
            words(due_text(ticket.due_at), f"k-cell-time {'k-late' if is_late else ''}", tag="td")
            with box("k-cell-time", tag="td"):
                show_left(one.acknowledge_by, now)
            with box("k-cell-time", tag="td"):
                look = "unelevated color=primary" if row.is_mine else "outline color=primary"
                action(
                    t("escalation.acknowledge"),
                    partial(self._acknowledge, one.id),
                    look=look,
                    classes="k-small",
                )

    async def _acknowledge(self, escalation_id: int) -> None:
        with self._visit.errors_shown():
            await self._visit.write(
                lambda session, staff: acknowledge(session, staff, escalation_id)
            )
            self._visit.tell(t("escalation.acknowledged"))
        await self._on_change()


def filter_button(name: str, *, is_chosen: bool) -> ui.element:
    """Add a button that narrows the list down, a `filter` to be heard by the page."""
    button = box("k-tab", tag="button").props("type=button")
    button.props["aria-pressed"] = "true" if is_chosen else "false"
    return as_choice(button, "filter", name)


def cause_text(cause: str) -> str:
    """Return why a ticket was raised, in plain Chinese."""
    known = texts("escalation")
    return str(known.get(f"cause_{kind_of(cause)}", known["cause_other"]))


def show_left(until: datetime | None, now: datetime) -> None:
    """Add how much time is left until an instant, or how long it has passed."""
    if until is None:
        return
    left = until - now
    look = "is-late" if left <= timedelta(0) else "is-soon" if left < SOON else ""
    words(left_text(left), f"k-left {look}", tag="div")


def left_text(left: timedelta) -> str:
    """Return a time left (or passed, if negative) in words, e.g. `还有 1 小时 5 分`."""
    minutes = int(abs(left) / timedelta(minutes=1))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    key = "left" if left > timedelta(0) else "over"
    if days:
        return t(f"escalation.{key}_days", days=days, hours=hours)
    if hours:
        return t(f"escalation.{key}_hours", hours=hours, minutes=minutes)
    return t(f"escalation.{key}_minutes", minutes=minutes)


def _levels_of(row: OpenEscalation) -> tuple[str, ...]:
    level = "duty" if row.escalation.duty else str(row.escalation.level)
    return ("mine", level) if row.is_mine else (level,)
