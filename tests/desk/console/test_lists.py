"""What the entries of the agent's lists show."""

from datetime import UTC, datetime, timedelta

import pytest

from desk.console.lists import item_line, waiting_line
from desk.console.overview import Item
from desk.conversations.service import QueueEntry

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)


def _waiting(minutes: int, preview: str = "漏水") -> QueueEntry:
    return QueueEntry(
        conversation_id="ab12",
        position=1,
        reason="anger",
        is_urgent=True,
        queued_at=NOW - timedelta(minutes=minutes),
        source="web",
        last_intent=None,
        preview=preview,
        version=2,
    )


@pytest.mark.parametrize(
    ("minutes", "look"), [(0, ""), (3, ""), (4, "k-waiting-long"), (11, "k-waiting-too-long")]
)
def test_long_waits_stand_out(minutes: int, look: str) -> None:
    assert waiting_line(_waiting(minutes), NOW).time_look == look


def test_waiting_conversation_tells_why() -> None:
    line = waiting_line(_waiting(5, preview=""), NOW)
    assert (line.text, line.state, line.time, line.is_urgent) == (
        "（还没有留言）",
        "客户情绪激动",
        "已等候 5 分钟",
        True,
    )


def test_item_tells_who_speaks() -> None:
    item = Item("ab12", "agent", "小李", NOW, "好的", unread=2)
    line = item_line(item, NOW)
    assert (line.state, line.time, line.unread) == ("小李 接待中", "10:30", 2)
    assert item_line(item, NOW) == line
