"""What an entry of the lists shows, worked out without a page."""

from dataclasses import dataclass
from datetime import datetime

from desk.console.elements import moment
from desk.console.overview import Item
from desk.conversations.service import QueueEntry
from desk.locale import t


@dataclass(frozen=True, slots=True)
class Line:
    """All that an entry shows. Equal lines look alike, so an entry is redrawn only for another.

    `since` is the beginning of a wait, of which the page shows a running clock; without it `time`
    is shown.
    """

    conversation_id: str
    text: str
    state: str
    time: str = ""
    since: datetime | None = None
    unread: int = 0
    is_urgent: bool = False
    has_draft: bool = False


def waiting_line(entry: QueueEntry) -> Line:
    """Return what a waiting conversation shows."""
    return Line(
        conversation_id=entry.conversation_id,
        text=entry.preview or t("console.no_text_yet"),
        state=t(f"console.reason_{entry.reason}"),
        since=entry.queued_at,
        is_urgent=entry.is_urgent,
    )


def item_line(item: Item, now: datetime) -> Line:
    """Return what a conversation shows that is not in the queue."""
    return Line(
        conversation_id=item.conversation_id,
        text=item.preview or t("console.no_text_yet"),
        state=mode_text(item.mode, item.agent_name),
        time=moment(item.last_at, now),
        since=item.waiting_since,
        unread=item.unread,
        has_draft=item.has_draft,
    )


def mode_text(mode: str, agent_name: str | None) -> str:
    """Return who speaks with the customer, in words."""
    return t(f"console.mode_{mode}", name=agent_name or "")
