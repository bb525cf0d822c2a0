"""The agent's lists."""

from typing import Any

from desk.console.overview import RECENT_LIMIT, Overview, read_overview, search
from desk.conversations import service
from desk.conversations.drafts import Begun, keep_draft
from desk.conversations.read_marks import mark_read
from desk.database import Database
from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket


def _overview(database: Database, staff: Any) -> Overview:
    with database.reading() as session:
        return read_overview(session, staff)


def _ids(items: Any) -> list[str]:
    return [item.conversation_id for item in items]


def test_empty(database: Database, make: Any) -> None:
    found = _overview(database, make.staff())
    assert (found.mine, found.colleagues, found.mentions, found.recent) == ((), (), (), ())
    assert found.capacity > 0


def test_mine_colleagues_and_recent_are_apart(database: Database, make: Any) -> None:
    agent, supervisor = make.staff(), make.staff("supervisor")
    mine = make.claimed(agent, "我的客户")
    talking = make.conversation("还在和机器人说")
    make.queued("等一位")
    own = _overview(database, agent)
    assert [(item.conversation_id, item.preview) for item in own.mine] == [(mine.id, "我的客户")]
    assert (own.colleagues, own.recent) == ((), ())
    chief = _overview(database, supervisor)
    assert (chief.mine, _ids(chief.colleagues), _ids(chief.recent)) == ((), [mine.id], [talking.id])


def test_a_long_queue_pushes_nothing_out_of_the_recent(database: Database, make: Any) -> None:
    agent = make.staff()
    ended = make.claimed(agent, "说完了")
    with database.transaction() as session:
        service.close(session, ended.id, agent)
    for number in range(RECENT_LIMIT + 1):
        make.queued(f"第{number}位在等")
    assert _ids(_overview(database, agent).recent) == [ended.id]


def test_unread_are_the_customers_messages_since_the_last_look_or_answer(
    database: Database, make: Any
) -> None:
    agent = make.staff()
    mine = make.claimed(agent, "一")
    second = make.says(mine, "二")
    item = _overview(database, agent).mine[0]
    assert item.unread == 2
    assert item.waiting_since is not None and item.waiting_since < second.created_at
    with database.transaction() as session:
        mark_read(session, mine.id, "staff", make.fresh(mine).last_seq)
    item = _overview(database, agent).mine[0]
    assert (item.unread, item.waiting_since is None) == (0, False)
    make.says(mine, "三")
    assert _overview(database, agent).mine[0].unread == 1
    with database.transaction() as session:
        service.add_agent_message(session, mine.id, agent, client_id="a1", text="好的")
    item = _overview(database, agent).mine[0]
    assert (item.unread, item.waiting_since) == (0, None)


def test_notes_and_system_lines_are_no_previews(database: Database, make: Any) -> None:
    agent = make.staff()
    mine = make.claimed(agent, "客户说的话")
    with database.transaction() as session:
        service.add_note(session, mine.id, agent, "内部备注")
        keep_draft(session, agent, mine.id, Begun(text="您好"))
    item = _overview(database, agent).mine[0]
    assert (item.preview, item.has_draft) == ("客户说的话", True)


def test_search_finds_code_ticket_and_words_but_only_what_one_may_read(
    database: Database, make: Any
) -> None:
    agent, other = make.staff(), make.staff()
    mine = make.claimed(agent, "三楼漏水 100%")
    theirs = make.claimed(other, "四楼漏水")
    with database.transaction() as session:
        new = NewTicket(kind="inquiry", description="漏水", conversation_id=mine.id)
        number = open_ticket(session, new).number
    with database.reading() as session:
        for wanted in ("漏水", mine.id[:4].upper(), number[-6:].lower(), "100%"):
            assert _ids(search(session, agent, wanted)) == [mine.id], wanted
        assert _ids(search(session, agent, "_楼漏水")) == []
        assert _ids(search(session, agent, "  ")) == []
        assert _ids(search(session, other, "漏水")) == [theirs.id]
