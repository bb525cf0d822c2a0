"""Plans against frequent causes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.reports import rectifications
from desk.tickets.listing import search
from desk.tickets.models import Ticket, TicketEntry
from tests.desk.reports.support import ticket_row

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
TOLD = "您反映的渗水问题，我们已经重做了三号楼的防水层，感谢您的提醒。"


def planned(database, staff, owner, **values):
    values = {"category": "housing_quality", "cause": "防水层老化", "text": "重做防水层",
              "due_on": date(2026, 12, 31), **values}  # fmt: skip
    with database.transaction() as session:
        return rectifications.plan(session, staff, owner_id=owner.id, now=NOW, **values)


def settled(database, staff, item, state="done", outcome="已重做"):
    with database.transaction() as session:
        return rectifications.settle(session, staff, item.id, state=state, outcome=outcome, now=NOW)


def with_tickets(database, *ages, cause="防水层老化", category="housing_quality", begin=1):
    rows = [
        ticket_row(begin + index, NOW - timedelta(days=age), cause=cause, category=category)
        for index, age in enumerate(ages)
    ]
    with database.transaction() as session:
        session.execute(insert(Ticket), rows)


def tell(database, checker, staff, item, text=TOLD, now=NOW):
    with database.transaction() as session:
        return rectifications.tell_customers(session, checker, staff, item.id, text, now=now)


def test_an_item_is_planned_and_settled_by_its_owner(database, make):
    supervisor, owner = make.staff("supervisor"), make.staff("department")
    item = planned(database, supervisor, owner)
    assert (item.state, item.owner.id) == ("open", owner.id)
    done = settled(database, owner, item)
    assert (done.state, done.outcome, done.settled_at) == ("done", "已重做", NOW)
    again = settled(database, supervisor, item, state="open", outcome="")
    assert (again.state, again.outcome, again.settled_at) == ("open", None, None)


def test_open_items_come_first_and_others_see_only_their_own(database, make):
    supervisor, owner, other = make.staff("qa"), make.staff("department"), make.staff("department")
    late = planned(database, supervisor, owner, due_on=date(2026, 12, 30))
    soon = planned(database, supervisor, other, due_on=date(2026, 12, 1))
    done = planned(database, supervisor, owner, due_on=date(2026, 11, 25))
    settled(database, supervisor, done)
    with database.reading() as session:
        ids = [item.id for item in rectifications.items(session, supervisor)]
        mine = [item.id for item in rectifications.items(session, owner)]
        assert ids == [soon.id, late.id, done.id]
        assert mine == [late.id, done.id]
        with pytest.raises(NotFound):
            rectifications.find(session, owner, soon.id)


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"category": "weather"}, "errors.filter_invalid"),
        ({"cause": "  "}, "errors.text_missing"),
        ({"text": "长" * 1001}, "errors.text_too_long"),
        ({"due_on": date(2026, 11, 21)}, "errors.rectification_past"),
    ],
)
def test_bad_plans_are_refused(database, make, values, key):
    supervisor = make.staff("supervisor")
    with pytest.raises(InvalidInput) as caught:
        planned(database, supervisor, supervisor, **values)
    assert caught.value.key == key


def test_an_owner_must_exist_and_an_agent_may_not_plan(database, make):
    supervisor, agent = make.staff("supervisor"), make.staff("agent")
    gone = make.staff("department", is_active=False)
    with pytest.raises(InvalidInput):
        planned(database, supervisor, gone)
    with pytest.raises(Forbidden):
        planned(database, agent, supervisor)


def test_settling_needs_an_outcome(database, make):
    supervisor = make.staff("supervisor")
    item = planned(database, supervisor, supervisor)
    with pytest.raises(InvalidInput):
        settled(database, supervisor, item, outcome=" ")


def test_customers_with_the_cause_are_told_once(database, make, checker):
    supervisor = make.staff("supervisor")
    with_tickets(database, 400, 300, 2)
    with_tickets(database, 3, cause="人手不足", begin=10)
    with_tickets(database, 3, category="parking", begin=20)
    item = settled(database, supervisor, planned(database, supervisor, supervisor))
    assert tell(database, checker, supervisor, item) == 2
    with pytest.raises(Conflict):
        tell(database, checker, supervisor, item, now=NOW + timedelta(hours=1))
    with_tickets(database, -1, begin=30)
    assert tell(database, checker, supervisor, item, now=NOW + timedelta(days=2)) == 1
    with database.reading() as session:
        told = session.scalars(select(TicketEntry).where(TicketEntry.kind == "group_told")).all()
        assert {entry.ticket_id for entry in told} == {2, 3, 30}
        assert {entry.text for entry in told} == {TOLD}
        assert rectifications.find(session, supervisor, item.id).told_count == 3


def test_customers_are_told_only_when_it_is_done_and_in_good_words(database, make, checker):
    supervisor = make.staff("supervisor")
    with_tickets(database, 2)
    item = planned(database, supervisor, supervisor)
    with pytest.raises(Conflict):
        tell(database, checker, supervisor, item)
    settled(database, supervisor, item)
    with pytest.raises(InvalidInput):
        tell(database, checker, supervisor, item, text="急什么，烦死人了。")


def test_its_filter_finds_the_tickets_with_the_cause(database, make):
    supervisor = make.staff("supervisor")
    with_tickets(database, 1, 2)
    with_tickets(database, 1, category=None, begin=9)
    item = planned(database, supervisor, supervisor)
    without = planned(database, supervisor, supervisor, category="none")
    with database.reading() as session:
        for one, count in ((item, 2), (without, 1)):
            assert search(session, supervisor, rectifications.concerned(one)).total == count
