"""Draws the live board; what looks the same as before is left alone."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from nicegui import ui

from desk.console.choosing import as_choice, hear_choices
from desk.console.elements import box, customer_name, empty, moment, words
from desk.console.live_tabs import live_tabs
from desk.console.presence import standing_text
from desk.locale import t
from desk.routing.board import Board, TalkRow, WaitingRow
from desk.routing.groups import Colleague
from desk.routing.presence import Presence
from desk.routing.settings import current_settings

SHOWN = 100
"""Rows of one table; more are counted, not drawn."""
REPLY_LIMITS_S = "60,180"
LINKS = {
    "near": "/desk/tickets",
    "overdue": "/desk/tickets?is_overdue=true",
    "escalations": "/desk/escalations",
}


class BoardView:
    """The strip of figures and the three parts below it."""

    def __init__(
        self,
        strip: ui.element,
        board: ui.element,
        on_choose: Callable[[str], Any],
        *,
        is_bot_there: Callable[[], bool],
    ) -> None:
        self._strip = strip
        self._is_bot_there = is_bot_there
        self._drawn: dict[str, object] = {}
        with board:
            self._parts = {
                name: box("", tag="section").props(f"data-part={name}")
                for name in ("queue", "talks", "people")
            }
        hear_choices(board, "conversation", on_choose)

    def show(self, board: Board, now: datetime) -> None:
        """Draw the parts that differ from what stands there."""
        if self._strip.is_deleted:
            return
        is_bot_there = self._is_bot_there()
        longest = min((one.queued_at for one in board.waiting), default=None)
        counts = [board.count(presence) for presence in Presence]
        state = (len(board.waiting), longest, len(board.talks), board.with_bot, board.pressing)
        self._part(
            "strip", (state, counts, is_bot_there), lambda: self._figures(board, is_bot_there)
        )
        self._part("queue", board.waiting, lambda: _queue(board.waiting))
        self._part("talks", board.talks, lambda: _talks(board.talks))
        self._part("people", (board.people, f"{now:%d %H}"), lambda: _people(board.people, now))

    def _part(self, name: str, state: object, draw: Callable[[], None]) -> None:
        if self._drawn.get(name, self) == state:
            return
        self._drawn[name] = state
        place = self._strip if name == "strip" else self._parts[name]
        place.clear()
        with place:
            draw()

    def _figures(self, board: Board, is_bot_there: bool) -> None:
        waiting = len(board.waiting)
        _figure("waiting", str(waiting), "is-hot" if waiting else "")
        longest = min((one.queued_at for one in board.waiting), default=None)
        with _figure_box("longest"):
            if longest:
                _since(longest, tag="b")
            else:
                words("—", tag="b")
            words(t("live.figure_longest"))
        _figure("talks", str(len(board.talks)))
        _figure("bot", str(board.with_bot))
        machine = t("live.machine_ok" if is_bot_there else "live.machine_away")
        _figure("machine", machine, "" if is_bot_there else "is-hot")
        for presence in Presence:
            _figure(presence, str(board.count(presence)))
        pressing = board.pressing
        _figure("near", str(pressing.near), "is-warm" if pressing.near else "")
        _figure("overdue", str(pressing.overdue), "is-hot" if pressing.overdue else "")
        escalations = pressing.to_acknowledge
        _figure("escalations", str(escalations), "is-hot" if escalations else "")
        live_tabs("board")


def _figure(name: str, value: str, look: str = "") -> None:
    with _figure_box(name, look):
        words(value, tag="b")
        words(t(f"live.figure_{name}"))


def _figure_box(name: str, look: str = "") -> ui.element:
    link = LINKS.get(name)
    place = box(f"k-live-figure {look}", tag="a" if link else "div").props(f"data-figure={name}")
    return place.props(f"href={link}") if link else place


def _since(instant: datetime, *, tag: str = "span", limits: str = "") -> None:
    """Add a length of time that goes on in the browser."""
    shown = words("", "k-live-time", tag=tag).props(f"data-since={instant.timestamp():.0f}")
    if limits:
        shown.props(f"data-limits={limits}")


def _head(name: str, count: int) -> None:
    with box("k-live-head"):
        words(t(f"live.{name}"), tag="h2")
        words(str(count), "k-count")


def _table(part: str, columns: tuple[str, ...]) -> ui.element:
    table = box("k-table", tag="table")
    with table, box(tag="thead"), box(tag="tr"):
        for column in columns:
            words(t(f"live.{part}_column_{column}"), tag="th").props("scope=col")
    return table


def _row(conversation_id: str) -> ui.element:
    line = box("", tag="tr").props("tabindex=0")
    return as_choice(line, "conversation", conversation_id)


def _queue(rows: tuple[WaitingRow, ...]) -> None:
    _head("queue", len(rows))
    if not rows:
        empty(t("live.queue_empty"))
        return
    limits = f"180,{current_settings().max_wait_minutes * 60}"
    columns = ("customer", "waited", "reason", "asked", "text")
    with _table("queue", columns), box(tag="tbody"):
        for one in rows[:SHOWN]:
            with _row(one.conversation_id):
                with box(tag="td"):
                    words(customer_name(one.conversation_id))
                    if one.is_urgent:
                        words(t("console.urgent"), "k-chip is-urgent")
                with box(tag="td"):
                    _since(one.queued_at, limits=limits)
                words(t(f"console.reason_{one.reason}"), tag="td")
                group = t("live.asked_group", group=one.group) if one.group else ""
                words(one.asked or group or t("live.asked_nobody"), tag="td")
                words(one.preview or t("console.no_text_yet"), "k-live-text", tag="td")


def _talks(rows: tuple[TalkRow, ...]) -> None:
    _head("talks", len(rows))
    if not rows:
        words(t("live.talks_empty"), "k-empty", tag="div")
        return
    with _table("talk", ("customer", "agent", "owed", "length", "text")), box(tag="tbody"):
        for one in rows[:SHOWN]:
            with _row(one.conversation_id):
                words(customer_name(one.conversation_id), tag="td")
                words(one.agent_name, tag="td")
                with box(tag="td"):
                    if one.waits_since:
                        _since(one.waits_since, limits=REPLY_LIMITS_S)
                    else:
                        words(t("live.owed_nothing"), "k-cell-sub")
                with box(tag="td"):
                    _since(one.began_at, limits="1e9,1e9")
                words(one.preview or t("console.no_text_yet"), "k-live-text", tag="td")


def _people(people: tuple[Colleague, ...], now: datetime) -> None:
    _head("people", len(people))
    if not people:
        words(t("live.people_empty"), "k-empty", tag="div")
        return
    with box("k-live-people"):
        for one in people:
            _person(one, now)


def _person(one: Colleague, now: datetime) -> None:
    standing = one.standing
    with box(f"k-live-person is-{standing.presence}").props(f"data-person={one.id}"):
        box(f"k-dot is-{standing.presence}").props("aria-hidden=true")
        words(one.display_name, "k-live-name")
        values = {"load": one.load, "capacity": one.capacity}
        is_full = one.load >= one.capacity
        load = words(t("live.load", **values), f"k-live-load {'is-full' if is_full else ''}")
        load.props(f'aria-label="{t("live.load_label", **values)}"')
        text = standing_text(standing)
        if standing.since:
            text = t("live.person_since", state=text, since=moment(standing.since, now))
        words(text, "k-cell-sub")
