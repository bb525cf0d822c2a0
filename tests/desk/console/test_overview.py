"""The agent's lists."""

from typing import Any

from desk.console.overview import Overview, read_overview
from desk.conversations import service
from desk.database import Database


def _overview(database: Database, staff: Any, seen: dict[str, int] | None = None) -> Overview:
    with database.reading() as session:
        return read_overview(session, staff, seen or {})


def test_empty(database: Database, make: Any) -> None:
    assert _overview(database, make.staff()) == Overview((), (), ())


def test_waiting_mine_and_recent_are_apart(database: Database, make: Any) -> None:
    agent, supervisor = make.staff(), make.staff("supervisor")
    waiting, mine = make.queued("等一位"), make.claimed(agent, "我的客户")
    talking = make.conversation("还在和机器人说")
    own = _overview(database, agent)
    assert [entry.conversation_id for entry in own.queue] == [waiting.id]
    assert [(item.conversation_id, item.preview) for item in own.mine] == [(mine.id, "我的客户")]
    assert own.recent == ()
    chief = _overview(database, supervisor)
    assert chief.mine == ()
    assert {item.conversation_id for item in chief.recent} == {mine.id, talking.id}


def test_unread_are_the_customers_messages_since_the_last_look_or_answer(
    database: Database, make: Any
) -> None:
    agent = make.staff()
    mine = make.claimed(agent, "一")
    make.says(mine, "二")
    assert _overview(database, agent).mine[0].unread == 2
    seen = {mine.id: make.fresh(mine).last_seq}
    assert _overview(database, agent, seen).mine[0].unread == 0
    make.says(mine, "三")
    assert _overview(database, agent, seen).mine[0].unread == 1
    with database.transaction() as session:
        service.add_agent_message(session, mine.id, agent, client_id="a1", text="好的")
    assert _overview(database, agent).mine[0].unread == 0


def test_notes_and_system_lines_are_no_previews(database: Database, make: Any) -> None:
    agent = make.staff()
    mine = make.claimed(agent, "客户说的话")
    with database.transaction() as session:
        service.add_note(session, mine.id, agent, "内部备注")
    assert _overview(database, agent).mine[0].preview == "客户说的话"
