"""The messages of one conversation, as staff see them: with notes and offered replies."""

from collections.abc import Sequence
from datetime import datetime

from nicegui import ui

from desk.clock import utc_now
from desk.console.elements import box, words
from desk.console.rows import row_html
from desk.conversations.models import Message, Sender
from desk.locale import t


class Transcript:
    """A growing list of messages; each `seq` is shown once.

    Above the first message that is new to the reader stands a line, if `unread_after` was given
    with the first ones.
    """

    def __init__(self) -> None:
        self._place = box("k-log")
        self._place.props(f'role=log aria-label="{t("console.transcript")}"')
        self._read_mark: ui.element | None = None
        self._read_seq = 0
        self._own: list[int] = []
        self._rows: dict[int, ui.element] = {}
        self.first_seq = 0
        self.last_seq = 0

    def clear(self) -> None:
        """Remove all messages."""
        self._place.clear()
        self._read_mark = None
        self._read_seq = 0
        self._own.clear()
        self._rows.clear()
        self.first_seq = self.last_seq = 0

    def append(self, messages: Sequence[Message], *, unread_after: int | None = None) -> None:
        """Add newer messages at the end."""
        now = utc_now()
        with self._place:
            for message in messages:
                if message.seq <= self.last_seq:
                    continue
                if unread_after is not None and _is_new(message, unread_after):
                    words(t("workbench.unread_from_here"), "k-unread-line", tag="div")
                    unread_after = None
                self._rows[message.seq] = show_message(message, now)
                if message.sender == Sender.AGENT:
                    self._own.append(message.seq)
                self.first_seq = self.first_seq or message.seq
                self.last_seq = message.seq

    def prepend(self, messages: Sequence[Message]) -> None:
        """Add older messages before the first."""
        now = utc_now()
        older = [message for message in messages if message.seq < self.first_seq]
        with self._place:
            for index, message in enumerate(older):
                show_message(message, now).move(target_index=index)
        if older:
            self.first_seq = older[0].seq

    def mark_read(self, seq: int) -> None:
        """Show at the agents' newest message up to `seq` that the customer has seen it."""
        seen = max((one for one in self._own if one <= seq), default=None)
        if seen is None or seen == self._read_seq:
            return
        if self._read_mark:
            self._read_mark.delete()
        with self._rows[seen]:
            self._read_mark = words(t("workbench.read"), "k-read", tag="div")
        self._read_seq = seen


def show_message(message: Message, now: datetime, *, is_marked: bool = False) -> ui.element:
    """Add one message; returns its row."""
    row = box(f"k-row {message.sender} {'is-marked' if is_marked else ''}")
    row.props["data-seq"] = message.seq
    with row:
        # Escaped in `rows`; cleaning in the browser would cost more than drawing.
        ui.html(row_html(message, now), sanitize=False).classes("k-row-inner")
    return row


def _is_new(message: Message, unread_after: int) -> bool:
    return message.sender == Sender.CUSTOMER and message.seq > unread_after
