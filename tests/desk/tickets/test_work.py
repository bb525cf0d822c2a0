"""Assigning, reclassifying, linking, merging, splitting, saved views and bulk changes."""

from datetime import UTC, datetime, timedelta

import pytest

from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.tickets import links, merging, saved_views, service
from desk.tickets.bulk import Change, change_many
from desk.tickets.domain import NewTicket
from desk.tickets.filters import TicketFilter
from desk.tickets.groups import find_group
from desk.tickets.handling import Classification, assign, reclassify
from desk.tickets.listing import search
from desk.tickets.timeline import fold, standing_of
from desk.tickets.view import entry_text

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.fixture
def agent(make):
    return make.staff()


@pytest.fixture
def work(database):
    """Run something with tickets, given by number, in one transaction."""

    def run(function, *tickets, **values):
        with database.transaction() as session:
            found = [service.find_ticket(session, ticket.number) for ticket in tickets]
            return function(session, *found, **values)

    return run


@pytest.fixture
def now_of(database):
    """Return a ticket as it stands, its columns checked against its timeline."""

    def read(ticket):
        with database.reading() as session:
            fresh = service.find_ticket(session, ticket.number)
            assert standing_of(fresh) == fold(fresh.entries)
            return fresh

    return read


def titles(ticket):
    return [entry_text(entry) for entry in ticket.entries]


def test_assigning_says_to_whom_and_only_once(agent, opened, work, now_of, make):
    ticket, other = opened(), make.staff(login="xiaowang")
    for _ in range(2):
        work(lambda s, one: assign(s, agent, one, other.id), ticket)
    fresh = now_of(ticket)
    assert fresh.recipient_id == other.id
    assert titles(fresh)[1:] == ["指派给xiaowang"]


def test_a_department_handler_takes_on_but_does_not_give_away(opened, work, now_of, make, agent):
    handler, ticket = make.staff("department"), opened(department="engineering")
    work(lambda s, one: assign(s, handler, one, handler.id), ticket)
    assert now_of(ticket).recipient_id == handler.id
    with pytest.raises(Forbidden):
        work(lambda s, one: assign(s, handler, one, agent.id), ticket)
    reviewer = make.staff("qa")
    with pytest.raises(Forbidden):
        work(lambda s, one: assign(s, reviewer, one, agent.id), ticket)


def test_reclassifying_moves_the_deadline_and_the_search(agent, opened, work, now_of, database):
    ticket = opened(kind="complaint", category="other", severity="general", now=NOW)
    wanted = Classification(category="fees", department="finance", severity="major", cause="算错")
    work(lambda s, one: reclassify(s, agent, one, wanted, reason="账单有误", now=NOW), ticket)
    fresh = now_of(ticket)
    assert (fresh.category, fresh.department, fresh.cause) == ("fees", "finance", "算错")
    assert fresh.due_at != ticket.due_at
    assert "分类由“其他”改为“收费争议”" in titles(fresh)[1]
    with database.reading() as session:
        for typed, expected in (("收费争议", 1), ("账单有误", 1), ("客户服务部", 0)):
            assert search(session, agent, TicketFilter(text=typed)).total == expected, typed


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (Classification(), Conflict),
        (Classification(kind="repair"), Conflict),
        (Classification(kind="poem"), InvalidInput),
        (Classification(department="moon"), InvalidInput),
        (Classification(cause="长" * 65), InvalidInput),
    ],
)
def test_a_wrong_classification_changes_nothing(wanted, error, agent, opened, work, now_of):
    ticket = opened(kind="repair")
    with pytest.raises(error):
        work(lambda s, one: reclassify(s, agent, one, wanted), ticket)
    assert len(now_of(ticket).entries) == 1


def test_links_show_at_both_ends_until_undone(agent, opened, work, now_of, database, make):
    first, second, handler = opened(), opened(department="sales"), make.staff("department")
    work(lambda s, a, b: links.link(s, agent, b, a), first, second)
    assert titles(now_of(first))[-1] == f"关联工单 {second.number}"
    with database.reading() as session:
        (linked,) = links.links_of(session, agent, first)
        assert linked.ticket.number == second.number
        assert links.links_of(session, handler, first) == []
    with pytest.raises(Conflict):
        work(lambda s, a, b: links.link(s, agent, a, b), first, second)
    with pytest.raises(InvalidInput):
        work(lambda s, a: links.link(s, agent, a, a), first)
    work(lambda s, a, b: links.unlink(s, agent, a, b), first, second)
    assert titles(now_of(second))[-1] == f"取消关联工单 {first.number}"
    with pytest.raises(NotFound):
        work(lambda s, a, b: links.unlink(s, agent, a, b), first, second)


def test_what_a_customer_adds_to_a_merged_ticket_goes_to_the_other(
    agent, opened, work, now_of, database
):
    into, other = opened("电梯坏了"), opened("电梯又坏了")
    work(lambda s, a, b: merging.merge(s, agent, a, [b]), into, other)
    merged = now_of(other)
    assert (merged.state, merged.merged_into_id, merged.next_check_at) == ("closed", into.id, None)
    work(lambda s, one: service.supplement(s, one, "今天还没好", actor="customer"), other)
    work(lambda s, one: service.urge(s, one, actor="customer"), other)
    target = now_of(into)
    assert target.urged == 1
    assert titles(target)[1:] == [
        f"并入了工单 {other.number}",
        f"补充内容（来自已并入的工单 {other.number}）",
        f"客户催办（第 1 次，来自已并入的工单 {other.number}）",
    ]
    with pytest.raises(Conflict):
        work(lambda s, one: service.change_state(s, one, "in_progress", actor="x"), other)
    with database.reading() as session:
        assert [one.number for one in merging.merged_into(session, target)] == [other.number]


@pytest.mark.parametrize("state", ["open", "in_progress", "waiting_customer", "resolved"])
def test_a_merge_is_undone_to_where_it_was(state, agent, opened, work, now_of):
    into, other = opened(), opened()
    if state != "open":
        work(lambda s, one: service.change_state(s, one, state, actor="x"), other)
    before = now_of(other)
    work(lambda s, a, b: merging.merge(s, agent, a, [b]), into, other)
    work(lambda s, one: merging.undo_merge(s, agent, one), other)
    after = now_of(other)
    assert (after.state, after.merged_into_id) == (state, None)
    assert (after.paused_since is None) == (before.paused_since is None)
    assert titles(now_of(into))[-1] == "撤销合并"
    work(lambda s, one: service.supplement(s, one, "自己的", actor="customer"), other)
    assert "自己的" in [entry.text for entry in now_of(other).entries]
    with pytest.raises(Conflict):
        work(lambda s, one: merging.undo_merge(s, agent, one), other)


def test_merging_is_all_or_nothing(agent, opened, work, now_of):
    into, good, closed = opened(), opened(), opened()
    work(lambda s, one: service.change_state(s, one, "closed", actor="x"), closed)
    with pytest.raises(Conflict):
        work(lambda s, a, b, c: merging.merge(s, agent, a, [b, c]), into, good, closed)
    assert len(now_of(good).entries) == len(now_of(into).entries) == 1
    for others in ([], [into]):
        with pytest.raises(InvalidInput):
            work(lambda s, a, others=others: merging.merge(s, agent, a, others), into)


def test_merging_chains_lead_to_the_last(agent, opened, work, now_of):
    first, second, third = opened(), opened(), opened()
    work(lambda s, a, b: merging.merge(s, agent, b, [a]), first, second)
    work(lambda s, a, b: merging.merge(s, agent, b, [a]), second, third)
    work(lambda s, one: service.supplement(s, one, "还在漏", actor="customer"), first)
    assert now_of(third).entries[-1].text == "还在漏"
    work(lambda s, one: merging.undo_merge(s, agent, one), first)
    assert now_of(second).merged_into_id == third.id


def test_a_part_is_split_off_and_brought_back(agent, opened, work, now_of, database):
    whole = opened(
        "电梯坏了，收费也不对",
        kind="complaint",
        has_consent=True,
        phone="13800138000",
        estate="云栖雅苑",
        spot="5楼楼道",
        channel="letter",
    )
    part = NewTicket(kind="complaint", description="收费不对", category="fees")
    new = work(lambda s, one: merging.split(s, agent, one, part), whole)
    assert (new.phone, new.channel) == ("13800138000", "letter")
    assert (new.estate, new.spot) == ("云栖雅苑", "5楼楼道")
    assert titles(now_of(whole))[-1] == f"拆分出工单 {new.number}"
    assert titles(now_of(new))[-1] == f"由工单 {whole.number} 拆分而来"
    with database.reading() as session:
        assert links.links_of(session, agent, whole)[0].kind == "split"
    back = work(lambda s, one: merging.undo_split(s, agent, one), new)
    assert back.number == whole.number
    undone = now_of(new)
    assert (undone.state, undone.merged_into_id) == ("closed", whole.id)
    assert titles(undone)[-1] == f"撤销拆分，并回工单 {whole.number}"
    with pytest.raises(Conflict):
        work(lambda s, one: merging.undo_split(s, agent, one), whole)


def test_views_are_kept_shared_and_deleted(make, database):
    boss, agent = make.staff("supervisor"), make.staff()
    with database.transaction() as session:
        wanted = TicketFilter(text="漏水", is_overdue=True, phone="13800138000")
        shared = saved_views.save_view(session, boss, "超期漏水", wanted, is_shared=True)
        own = saved_views.save_view(session, agent, "超期漏水", wanted)
        for name, error in (("超期漏水", Conflict), (" ", InvalidInput), ("长" * 41, InvalidInput)):
            with pytest.raises(error):
                saved_views.save_view(session, agent, name, wanted)
        with pytest.raises(Forbidden):
            saved_views.save_view(session, agent, "大家看", wanted, is_shared=True)
    with database.transaction() as session:
        assert [v.id for v in saved_views.list_views(session, agent)] == [own.id, shared.id]
        assert [v.id for v in saved_views.list_views(session, boss)] == [shared.id]
        kept = saved_views.filter_of(saved_views.find_view(session, agent, shared.id))
        assert (kept.text, kept.is_overdue, kept.phone) == ("漏水", True, None)
        for who, view in ((agent, shared), (boss, own)):
            with pytest.raises(NotFound):
                saved_views.delete_view(session, who, view.id)
        saved_views.delete_view(session, agent, own.id)
    with database.transaction() as session:
        for number in range(saved_views.VIEW_LIMIT):
            saved_views.save_view(session, agent, f"视图{number}", wanted)
        with pytest.raises(Conflict):
            saved_views.save_view(session, agent, "再来一个", wanted)


def test_a_bulk_change_reports_each_ticket(agent, opened, work, now_of, database):
    good, closed = opened(), opened()
    work(lambda s, one: service.change_state(s, one, "closed", actor="x"), closed)
    numbers = [good.number, closed.number, "T000000-0000-0"]
    with database.transaction() as session:
        change = Change(classification=Classification(cause="材料老化"))
        result = change_many(session, agent, numbers, change)
    assert result.done == 1
    assert [outcome.error for outcome in result.outcomes] == [
        None,
        f"工单 {closed.number} 已结束，不能这样操作。",
        "没有找到这个单号，请核对后再试。",
    ]
    assert now_of(good).cause == "材料老化"
    assert len(now_of(closed).entries) == 2


@pytest.mark.parametrize(
    "change",
    [Change(state="in_progress", text="派工"), Change(note="请核实"), Change(recipient_id=1)],
)
def test_bulk_changes_of_each_kind(change, agent, opened, now_of, database):
    tickets = [opened() for _ in range(3)]
    with database.transaction() as session:
        result = change_many(session, agent, [one.number for one in tickets], change)
    assert result.done == 3
    assert all(len(now_of(one).entries) > 1 for one in tickets)


def test_a_bulk_change_into_a_new_group(agent, opened, now_of, database):
    tickets = [opened() for _ in range(2)]
    with database.transaction() as session:
        numbers = [one.number for one in tickets]
        result = change_many(session, agent, numbers, Change(group_title="3栋停水"))
        assert find_group(session, result.group_id).title == "3栋停水"
        none = change_many(session, agent, ["T0"], Change(group_title="空"))
        assert (none.done, none.group_id) == (0, None)
    assert {now_of(one).group_id for one in tickets} == {result.group_id}


def test_bulk_changes_have_limits(agent, make, database):
    reviewer = make.staff("qa")
    with database.transaction() as session:
        for numbers, change in (
            ([f"T{n}" for n in range(201)], Change(note="x")),
            (["T1"], Change()),
            (["T1"], Change(note="x", state="closed")),
        ):
            with pytest.raises(InvalidInput):
                change_many(session, agent, numbers, change)
        with pytest.raises(Forbidden):
            change_many(session, reviewer, ["T1"], Change(note="x"))


def test_deadlines_start_again_after_an_undone_merge(agent, opened, work, now_of):
    into, other = opened(now=NOW), opened(now=NOW)
    work(lambda s, a, b: merging.merge(s, agent, a, [b], now=NOW), into, other)
    later = NOW + timedelta(hours=1)
    work(lambda s, one: merging.undo_merge(s, agent, one, now=later), other)
    assert now_of(other).next_check_at is not None
