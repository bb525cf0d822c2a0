"""A whole complaint with marked personal data, by the trained model and the real actions, with the
bot's record in the store that runs in production: then every file and log is searched."""

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from rasa.core.agent import Agent
from sqlalchemy import text

from bot.tracker_cipher import TrackerCipher
from bot.tracker_store import EncryptedTrackerStore
from tests.actions.support import SmallDesk
from tests.conversations.play import Player

NAME, PHONE, ROOM = "欧阳建国", "13912345067", "3207"
WORDS = (NAME, PHONE, "139 1234 5067", f"{ROOM}室", f"2单元{ROOM}")
MARKS = {*WORDS, *(json.dumps(word)[1:-1] for word in WORDS)}
"""JSON writes Chinese as escapes."""
TALK = {
    "turns": [
        {"say": "我要投诉"},
        {"press": "同意登记"},
        {"say": "楼上装修从早到晚电钻响个不停，老人没法休息"},
        {"say": f"3栋2单元{ROOM}"},
        {"say": "上周三开始"},
        {"say": "希望物业管一管，中午别施工"},
        {"say": f"{NAME} {PHONE}", "bot": [NAME, PHONE]},
        {"press": "确认提交", "bot": ["投诉单号"]},
    ],
    "tickets": [{"kind": "complaint", "customer_name": NAME, "phone": PHONE, "room": ROOM}],
}


@pytest.fixture
def kept(agent: Agent, tmp_path: Path) -> Iterator[Path]:
    """The folder of the bot's record, kept by the encrypted store for this test."""
    folder = tmp_path / "tracker"
    folder.mkdir()
    keys = {1: os.urandom(32)}
    store = EncryptedTrackerStore(
        f"sqlite:///{folder / 'tracker.db'}?timeout=30",
        domain=agent.domain,
        cipher=TrackerCipher(lambda: keys),
    )
    before = agent.tracker_store
    agent.tracker_store = agent.processor.tracker_store = store
    yield folder
    agent.tracker_store = agent.processor.tracker_store = before
    store.engine.dispose()


def marks_in(content: bytes) -> list[str]:
    return [mark for mark in MARKS if mark.encode() in content]


async def test_neither_the_bots_record_nor_a_file_nor_the_log_tells_who_it_was(
    agent: Agent, played_desk: SmallDesk, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    player = Player(agent, played_desk, played_desk.conversation())
    assert await player.play(TALK) == [], "\n".join(player.transcript)
    # The store knows it all, so it was asked; its file tells nothing.
    tracker = await agent.tracker_store.retrieve(player.conversation_id)
    assert tracker is not None
    assert PHONE in str([event.as_dict() for event in tracker.events])
    database = Path(str(played_desk.database.engine.url.database))
    files = [*kept.iterdir(), *database.parent.glob("kefu.db*")]
    assert {"tracker.db", "kefu.db"} <= {path.name for path in files}
    assert (kept / "tracker.db").stat().st_size > 10_000
    for path in files:
        assert marks_in(path.read_bytes()) == [], path.name
    with played_desk.database.reading() as session:
        held = session.execute(text("SELECT * FROM ticket")).all()
    assert len(held) >= 1 and marks_in(str(held).encode()) == []
    assert marks_in(caplog.text.encode()) == []
