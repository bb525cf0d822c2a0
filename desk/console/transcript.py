"""The messages of one conversation, as staff see them: with notes and offered replies."""

from collections.abc import Sequence
from datetime import datetime

from nicegui import ui

from desk.clock import utc_now
from desk.console.elements import box, moment, words
from desk.conversations.models import Message, Sender
from desk.locale import t


class Transcript:
    """A growing list of messages; each `seq` is shown once."""

    def __init__(self) -> None:
        self._place = box("k-log")
        self._place.props(f'role=log aria-label="{t("console.transcript")}"')
        self.first_seq = 0
        self.last_seq = 0

    def clear(self) -> None:
        """Remove all messages."""
        self._place.clear()
        self.first_seq = self.last_seq = 0

    def append(self, messages: Sequence[Message]) -> None:
        """Add newer messages at the end."""
        now = utc_now()
        with self._place:
            for message in messages:
                if message.seq > self.last_seq:
                    show_message(message, now)
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


def show_message(message: Message, now: datetime, *, is_marked: bool = False) -> ui.element:
    """Add one message; returns its row."""
    row = box(f"k-row {message.sender} {'is-marked' if is_marked else ''}")
    row.props["data-seq"] = message.seq
    with row:
        words(f"{_sender(message)} · {moment(message.created_at, now)}", "k-row-who", tag="div")
        words(message.text, "k-bubble", tag="div")
        titles = [button.get("title", "") for button in message.buttons]
        if titles:
            words(t("console.offered", titles="｜".join(titles)), "k-offered", tag="div")
    return row


def _sender(message: Message) -> str:
    if message.sender == Sender.AGENT and message.staff:
        return message.staff.display_name
    if message.sender == Sender.NOTE and message.staff:
        return f"{t('console.sender_note')} {message.staff.display_name}"
    return t(f"console.sender_{message.sender}") if message.sender != Sender.SYSTEM else ""
