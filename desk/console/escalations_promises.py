"""Promises to customers: those that run, and those that were broken."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.confirming import ask_yes
from desk.console.elements import action, box, moment, nothing, words
from desk.console.escalations_waiting import filter_button, show_left
from desk.console.ticket.parts import ticket_link
from desk.escalation.models import Commitment
from desk.escalation.promises import BROKEN, KEPT, OPEN, keep, promises_of
from desk.locale import t

STATES = (OPEN, BROKEN, KEPT)
LOOKS = {OPEN: "is-queued", BROKEN: "is-block", KEPT: "is-good"}
COLUMNS = ("what", "agent", "ticket", "due", "state", "act")


class PromisesTab:
    """The list of promises of one state; everybody sees their own, leaders all."""

    def __init__(self, visit: Visit, on_change: Callable[[], Awaitable[None]]) -> None:
        self._visit = visit
        self._on_change = on_change
        self.filters, self.filter = STATES, OPEN
        self._rows: Sequence[Commitment] = ()

    async def read(self) -> None:
        """Read the list again."""
        state = self.filter
        self._rows = await self._visit.read(
            lambda session, staff: promises_of(session, staff, state=state)
        )

    def state(self) -> object:
        """Return what the list shows, to the minute; equal states look alike."""
        return self.filter, [row.id for row in self._rows], f"{utc_now():%d %H:%M}"

    def draw_filters(self) -> None:
        """Add a button for each state."""
        for state in STATES:
            with filter_button(state, is_chosen=state == self.filter):
                words(t(f"escalation.promise_{state}"))

    def draw(self) -> None:
        """Add the list."""
        if not self._rows:
            nothing(t(f"escalation.no_promise_{self.filter}"), t("escalation.promise_hint"))
            return
        now = utc_now()
        with box("k-table", tag="table"):
            with box(tag="thead"), box(tag="tr"):
                for name in COLUMNS:
                    words(t(f"escalation.promise_column_{name}"), tag="th").props("scope=col")
            with box(tag="tbody"):
                for row in self._rows:
                    self._row(row, now)

    def _row(self, row: Commitment, now: datetime) -> None:
        with box(tag="tr").props(f"data-promise={row.id}"):
            with box(tag="td"):
                words(row.what, "k-why", tag="div")
                said = t("escalation.promised_at", at=moment(row.created_at, now))
                words(said, "k-cell-sub", tag="div")
            words(row.staff.display_name, "k-cell-time", tag="td")
            with box("k-cell-time", tag="td"):
                if row.ticket:
                    ticket_link(row.ticket.number)
                else:
                    words(t("escalation.no_ticket"), "k-cell-sub")
            with box("k-cell-time", tag="td"):
                words(moment(row.due_at, now), tag="div")
                if row.state == OPEN:
                    show_left(row.due_at, now)
            with box("k-cell-time", tag="td"):
                words(t(f"escalation.promise_{row.state}"), f"k-chip {LOOKS[row.state]}")
            with box("k-cell-time", tag="td"):
                if row.state == OPEN:
                    action(
                        t("escalation.keep"),
                        partial(self._keep, row.id),
                        look="outline color=primary",
                        classes="k-small",
                    )

    async def _keep(self, commitment_id: int) -> None:
        if not await ask_yes(
            self._visit, title=t("escalation.keep"), question=t("escalation.keep_question")
        ):
            return
        with self._visit.errors_shown():
            await self._visit.write(lambda session, staff: keep(session, staff, commitment_id))
            self._visit.tell(t("escalation.kept"))
        await self._on_change()
