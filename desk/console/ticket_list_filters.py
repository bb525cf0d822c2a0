"""The ticket list's search box and filters."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from nicegui import ui

from desk.accounts.models import Staff
from desk.clock import to_local
from desk.console.elements import action, box, words
from desk.console.qa_filters import DAY_PAUSE_MS, day_start
from desk.console.ticket_list_query import ListQuery
from desk.locale import t
from desk.tickets.domain import CATEGORIES, CHANNELS, DEPARTMENTS, SEVERITIES, read_phone
from desk.tickets.filters import NO_CATEGORY, TicketFilter
from desk.tickets.models import TicketKind, TicketState
from desk.tickets.numbers import parse_number
from desk.tickets.view import (
    category_name,
    channel_name,
    department_name,
    kind_name,
    severity_name,
    state_name,
)

ANY = ""
SPECIALS: dict[str, dict[str, Any]] = {
    "is_overdue": {"is_overdue": True},
    "is_paused": {"is_paused": True},
    "level_1": {"level_min": 1},
    "level_2": {"level_min": 2},
    "reopened": {"reopened_min": 1},
    "dissatisfied": {"score_max": 2},
    "valid": {"validity": "valid"},
    "invalid": {"validity": "invalid"},
    "resolved_late": {"resolved_late": True},
    "resolved_in_time": {"resolved_late": False},
}
CHIPS = ("cause", "group_id", "number", "phone")
"""What only a link brings: shown as a chip that takes it away."""


class TicketFilters:
    """Shows a query's filter and tells when people choose another."""

    def __init__(self, staff: Sequence[Staff], *, on_change: Callable[[ListQuery], object]) -> None:
        self._on_change = on_change
        self._is_quiet = True
        self._query = ListQuery(TicketFilter())
        self._typed = ""
        with box("k-tickets-search", tag="search"):
            self._text = ui.input(placeholder=t("tickets_page.search_hint"))
            self._text.props("outlined dense clearable maxlength=200").classes("k-search-box")
            self._text.props["aria-label"] = t("tickets_page.search_label")
            with self._text.add_slot("prepend"):
                ui.icon("search")
            self._text.on("keydown.enter", lambda: self._changed())
            self._text.on("clear", lambda: self._changed())
            action(t("tickets_page.search"), self._changed, look="unelevated color=primary")
            self._more = action(t("tickets_page.more"), self._toggle, icon="tune", look="flat")
            action(t("tickets_page.reset"), self._reset, icon="filter_alt_off", look="flat")
        with box("k-qa-filters k-tickets-filters"):
            self._build_first(staff)
        with box("k-qa-filters k-tickets-filters") as self._second:
            self._build_second()
        self._second.set_visibility(False)
        self._chips = box("k-tickets-chips")
        self._is_quiet = False

    def show(self, query: ListQuery) -> None:
        """Set all fields to a query, without telling anybody."""
        self._is_quiet, self._query = True, query
        wanted = query.wanted
        self._typed = self._text.value = wanted.text or wanted.phone or ""
        for name, field in self._many.items():
            field.value = list(getattr(wanted, name))
        self._severity.value = wanted.severity or ANY
        self._recipient.value = str(wanted.recipient_id or ANY)
        self._special.value = _special_of(wanted)
        self._order.value = query.order
        self._estate.value, self._building.value = wanted.estate or "", wanted.building or ""
        self._from.value = _day_text(wanted.opened_from)
        self._to.value = _day_text(wanted.opened_to, is_end=True)
        has_more = wanted.category or wanted.channel or wanted.estate or wanted.building
        if has_more or wanted.opened_from or wanted.opened_to:
            self._set_second(is_shown=True)
        self._draw_chips(wanted)
        self._is_quiet = False

    def _build_first(self, staff: Sequence[Staff]) -> None:
        self._many = {
            "state": self._select_many(
                "state", {one.value: state_name(one) for one in TicketState}
            ),
            "kind": self._select_many("kind", {one.value: kind_name(one) for one in TicketKind}),
            "department": self._select_many(
                "department", {one: department_name(one) for one in DEPARTMENTS}
            ),
        }
        self._severity = self._select("severity", {one: severity_name(one) for one in SEVERITIES})
        people = {str(one.id): one.display_name for one in staff}
        self._recipient = self._select("recipient", people)
        specials = {name: t(f"tickets_page.special_{name}") for name in SPECIALS}
        self._special = self._select("special", specials)
        orders = {name: t(f"tickets_page.order_{name}") for name in ("due", "newest")}
        self._order = self._select("order", orders, has_any=False)

    def _build_second(self) -> None:
        categories = {one: category_name(one) for one in CATEGORIES}
        categories[NO_CATEGORY] = category_name(None)
        self._many["category"] = self._select_many("category", categories)
        channels = {one: channel_name(one) for one in CHANNELS}
        self._many["channel"] = self._select_many("channel", channels)
        self._estate = self._input("estate")
        self._building = self._input("building")
        self._from, self._to = self._day("opened_from"), self._day("opened_to")

    def _select(self, name: str, options: dict[str, str], *, has_any: bool = True) -> ui.select:
        choices = {ANY: t("tickets_page.any"), **options} if has_any else options
        select = ui.select(
            choices,
            label=t(f"tickets_page.filter_{name}"),
            value=next(iter(choices)),
            on_change=lambda _: self._changed(),
        )
        select.props("outlined dense options-dense")
        return select if has_any else select.classes("k-many")

    def _select_many(self, name: str, options: dict[str, str]) -> ui.select:
        select = ui.select(
            options,
            label=t(f"tickets_page.filter_{name}"),
            multiple=True,
            value=[],
            on_change=lambda _: self._changed(),
        )
        return select.props("outlined dense options-dense clearable").classes("k-many")

    def _input(self, name: str) -> ui.input:
        field = ui.input(t(f"tickets_page.filter_{name}"), on_change=lambda _: self._changed())
        return field.props(f"outlined dense clearable maxlength=64 debounce={DAY_PAUSE_MS}")

    def _day(self, name: str) -> ui.date_input:
        label = t(f"tickets_page.filter_{name}")
        day = ui.date_input(label, on_change=lambda _: self._changed())
        return day.props(f"outlined dense clearable debounce={DAY_PAUSE_MS}").classes("k-date")

    def _changed(self) -> None:
        if self._is_quiet:
            return
        try:
            since, until = day_start(self._from.value), day_start(self._to.value)
        except ValueError:
            ui.notify(t("tickets_page.date_invalid"), type="warning", position="bottom-left")
            return
        typed = (self._text.value or "").strip()
        # A phone number must not come into the address.
        phone = read_phone(typed)
        if typed != self._typed and (phone or parse_number(typed)):
            self._find_alone(typed, phone)
            return
        values: dict[str, Any] = {
            name: getattr(self._query.wanted, name) for name in CHIPS if name != "phone"
        }
        values |= SPECIALS.get(self._special.value or ANY, {})
        values |= {name: tuple(field.value or ()) for name, field in self._many.items()}
        wanted = TicketFilter(
            **values,
            text="" if phone else typed,
            phone=phone,
            severity=self._severity.value or None,
            recipient_id=int(self._recipient.value) if self._recipient.value else None,
            estate=(self._estate.value or "").strip() or None,
            building=(self._building.value or "").strip() or None,
            opened_from=since,
            opened_to=until + timedelta(days=1) if until else None,
        )
        self._tell(ListQuery(wanted, "newest" if self._order.value == "newest" else "due"))

    def _find_alone(self, typed: str, phone: str | None) -> None:
        """Look for a number or a phone among all tickets, settled ones too."""
        wanted = TicketFilter(text="" if phone else typed, phone=phone)
        query = ListQuery(wanted, "newest")
        self.show(query)
        self._tell(query)

    def _tell(self, query: ListQuery) -> None:
        self._query, self._typed = query, query.wanted.text or query.wanted.phone or ""
        self._draw_chips(query.wanted)
        self._on_change(query)

    def _reset(self) -> None:
        query = ListQuery(TicketFilter(), self._query.order)
        self.show(query)
        self._on_change(query)

    def _toggle(self) -> None:
        self._set_second(is_shown=not self._second.visible)

    def _set_second(self, *, is_shown: bool) -> None:
        self._second.set_visibility(is_shown)
        self._more.set_text(t("tickets_page.less" if is_shown else "tickets_page.more"))

    def _draw_chips(self, wanted: TicketFilter) -> None:
        self._chips.clear()
        with self._chips:
            for name in CHIPS:
                value = getattr(wanted, name)
                if value is not None and name != "phone":
                    self._chip(name, str(value))

    def _chip(self, name: str, value: str) -> None:
        chip = words(t(f"tickets_page.chip_{name}", value=value), "k-chip is-hint", tag="button")
        chip.props["title"] = t("tickets_page.chip_remove")

        def remove() -> None:
            without: dict[str, Any] = {name: None}
            wanted = replace(self._query.wanted, **without)
            self._tell(ListQuery(wanted, self._query.order))

        chip.on("click", remove)


def _special_of(wanted: TicketFilter) -> str:
    for name, values in reversed(list(SPECIALS.items())):
        if all(getattr(wanted, field) == value for field, value in values.items()):
            return str(name)
    return ANY


def _day_text(instant: datetime | None, *, is_end: bool = False) -> str:
    if instant is None:
        return ""
    return f"{to_local(instant - timedelta(days=is_end)):%Y-%m-%d}"
