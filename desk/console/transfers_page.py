"""`/desk/transfers`: what departments have to do; a handler sees the own department's only."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.access import TRANSFER_ROLES, Visit, admit
from desk.console.choosing import as_choice, hear_choices
from desk.console.elements import box, detail_panel, nothing, words
from desk.console.tabs import Tabs
from desk.console.theme import frame
from desk.console.ticket.page import CSS
from desk.console.ticket.parts import facts, ticket_link
from desk.console.ticket.transfer_card import LOOK_OF_STATE, show_transfer
from desk.locale import t
from desk.tickets.places import place_of
from desk.tickets.view import category_name, department_name, due_text, kind_name, severity_name
from desk.transfers import repository
from desk.transfers.domain import is_overdue
from desk.transfers.models import Transfer
from desk.transfers.view import transfer_state_name

TABS = ("new", "accepted", "asked_back", "proposed", "overdue", "done")
COLUMNS = ("ticket", "department", "matter", "required_by", "handler", "state")
SHOWN = 100
LOOK_S = 15.0


async def transfers_page(request: Request) -> Response | None:
    """Build the page for department handlers, agents and leaders."""
    visit = await admit(request, *TRANSFER_ROLES)
    if isinstance(visit, Response):
        return visit
    ui.add_css(CSS)
    with frame(visit, active="transfers"):
        page = TransfersPage(visit)
    await page.refresh()
    return None


class TransfersPage:
    """One open page: boxes, the transfers of one box, and the one that was chosen."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._box = TABS[0]
        self._chosen: int | None = None
        self._shown: object = None
        with box("k-qa"):
            with box("k-qa-list", tag="section"):
                self._tabs = Tabs({name: t(f"transfer.box_{name}") for name in TABS}, self._turn)
                self._list = box("k-qa-scroll")
                hear_choices(self._list, "transfer-row", lambda name: self._choose(int(name)))
            self._detail = detail_panel()
        ui.timer(LOOK_S, self.refresh)

    async def refresh(self) -> None:
        """Read the open box again and draw what changed: a press on a button that is just being
        drawn anew would be lost. At the beginning accepted ones are shown if there are no new."""
        wanted = self._box
        with self._visit.errors_shown():
            counts, rows, staff = await self._visit.read(partial(_read, wanted))
            if self._shown is None and not counts["new"] and counts["accepted"]:
                wanted = self._box = "accepted"
                counts, rows, staff = await self._visit.read(partial(_read, wanted))
            now = utc_now()
            state = (wanted, self._chosen, counts, [_look(row, now) for row in rows])
            if self._list.is_deleted or wanted != self._box or state == self._shown:
                return
            self._shown = state
            self._draw(counts, rows, staff)

    def _draw(self, counts: dict[str, int], rows: Sequence[Transfer], staff: Staff) -> None:
        self._tabs.show(self._box, counts, hot=("overdue",) if counts["overdue"] else ())
        self._list.clear()
        with self._list:
            if rows:
                self._table(rows)
            else:
                nothing(t(f"transfer.empty_{self._box}"), t(f"transfer.empty_hint_{self._box}"))
        chosen = next((one for one in rows if one.id == self._chosen), None)
        self._detail.clear()
        with self._detail:
            if chosen is None:
                nothing(t("transfer.pick"), t("transfer.pick_hint"), has_help=False)
            else:
                self._show(chosen, staff)

    async def _turn(self, name: str) -> None:
        self._box, self._chosen = name, None
        await self.refresh()

    async def _choose(self, transfer_id: int) -> None:
        self._chosen = transfer_id
        await self.refresh()

    def _table(self, rows: Sequence[Transfer]) -> None:
        with box("k-table", tag="table"):
            with box(tag="thead"), box(tag="tr"):
                for name in COLUMNS:
                    words(t(f"transfer.column_{name}"), tag="th").props("scope=col")
            with box(tag="tbody"):
                for row in rows:
                    self._row(row)

    def _row(self, row: Transfer) -> None:
        line = box(tag="tr").props("tabindex=0")
        line.props["aria-selected"] = "true" if row.id == self._chosen else "false"
        is_late = is_overdue(row.state, row.required_by, utc_now())
        with as_choice(line, "transfer-row", row.id):
            with box("k-cell-time", tag="td"):
                words(row.ticket.number, "k-number", tag="div")
                look = "is-urgent" if row.ticket.severity == "major" else ""
                words(severity_name(row.ticket.severity), f"k-chip {look}")
            words(department_name(row.department), "k-cell-time", tag="td")
            with box(tag="td"):
                words(row.matter, "k-clamp", tag="div")
            with box(f"k-cell-time {'k-late' if is_late else ''}", tag="td"):
                words(due_text(row.required_by), tag="div")
                if row.pressed:
                    words(t("transfer.pressed", n=row.pressed), "k-chip is-warn")
            words(row.handler.display_name if row.handler else "", "k-cell-time", tag="td")
            with box("k-cell-time", tag="td"):
                look = LOOK_OF_STATE.get(row.state, "")
                words(transfer_state_name(row.state), f"k-chip {look}")

    def _show(self, chosen: Transfer, staff: Staff) -> None:
        ticket = chosen.ticket
        with box("k-section", tag="section"):
            with box("k-ticket-top"):
                ticket_link(ticket.number)
                words(kind_name(ticket.kind), "k-chip")
                look = "is-urgent" if ticket.severity == "major" else ""
                words(severity_name(ticket.severity), f"k-chip {look}")
            facts(
                {
                    t("transfer.category"): category_name(ticket.category),
                    t("ticket_page.place"): place_of(ticket),
                    t("ticket_page.description"): ticket.description,
                    t("ticket_page.wish"): ticket.wish,
                }
            )
            open_link = words(t("transfer.open_ticket"), "k-link", tag="a")
            open_link.props["href"] = f"/desk/tickets/{ticket.number}"
        with box("k-section", tag="section"):
            show_transfer(self._visit, chosen, staff, on_done=self._done)

    async def _done(self) -> None:
        """Follow the transfer into the box that the step moved it to."""
        chosen = self._chosen
        if chosen is not None:
            with self._visit.errors_shown():
                state = await self._visit.read(
                    lambda session, staff: repository.find(session, staff, chosen).state
                )
                self._box = {"sent": "new", "cancelled": "done"}.get(state, state)
        await self.refresh()


def _read(
    box_name: str, session: Session, staff: Staff
) -> tuple[dict[str, int], list[Transfer], Staff]:
    now = utc_now()
    counts = repository.count_boxes(session, staff, now=now)
    return counts, repository.in_box(session, staff, box_name, now=now, limit=SHOWN), staff


def _look(row: Transfer, now: datetime) -> tuple[object, ...]:
    """Return all that the page shows of a transfer; equal ones look alike."""
    ticket, is_late = row.ticket, is_overdue(row.state, row.required_by, now)
    return (
        (row.id, row.state, row.department, row.required_by, is_late),
        (row.matter, row.question, row.result, row.pressed),
        (row.first_responsible_id, row.handler_id),
        (ticket.kind, ticket.severity, ticket.category, place_of(ticket)),
        (ticket.description, ticket.wish),
    )
