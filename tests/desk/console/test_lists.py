"""What the entries of the agent's lists show."""

from datetime import UTC, datetime, timedelta

from desk.console.list_lines import item_line, waiting_line
from desk.console.overview import Item
from desk.conversations.service import QueueEntry

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)


def test_waiting_conversation_tells_why_and_since_when() -> None:
    entry = QueueEntry(
        conversation_id="ab12",
        position=1,
        reason="anger",
        is_urgent=True,
        queued_at=NOW - timedelta(minutes=5),
        source="web",
        last_intent=None,
        preview="",
        version=2,
    )
    line = waiting_line(entry)
    assert (line.text, line.state, line.is_urgent) == ("（还没有留言）", "客户情绪激动", True)
    assert line.since == NOW - timedelta(minutes=5)


def test_item_tells_who_speaks_and_how_long_the_customer_waits() -> None:
    since = NOW - timedelta(minutes=2)
    item = Item("ab12", "agent", "小李", NOW, "好的", unread=2, waiting_since=since, has_draft=True)
    line = item_line(item, NOW)
    assert (line.state, line.time, line.since, line.unread, line.has_draft) == (
        "小李 接待中",
        "10:30",
        since,
        2,
        True,
    )
    assert item_line(item, NOW) == line
