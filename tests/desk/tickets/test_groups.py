"""Tickets of several customers with one cause: grouped, and told together."""

import pytest

from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.tickets.groups import (
    add_to_group,
    create_group,
    find_group,
    group_tickets,
    remove_from_group,
    tell_group,
)
from desk.tickets.service import change_state, find_ticket

UPDATE = "停水原因是主管道破裂，抢修人员已到现场，预计今天18点前恢复供水。"


@pytest.fixture
def run(database):
    def run(function, *args, **values):
        with database.transaction() as session:
            return function(session, *args, **values)

    return run


@pytest.fixture
def agent(make):
    return make.staff()


@pytest.fixture
def group(run, agent, opened):
    tickets = [opened(f"{n}栋停水", estate="云栖雅苑", building=f"{n}栋") for n in (1, 2)]
    return run(create_group, agent, "11月22日停水", tickets)


def kinds(run, ticket):
    return [entry.kind for entry in run(find_ticket, ticket.number).entries]


def test_one_update_is_written_for_each_customer(run, agent, group, checker):
    tickets = run(group_tickets, agent, group)
    assert run(tell_group, checker, agent, group, UPDATE) == 2
    for ticket in tickets:
        assert kinds(run, ticket) == ["opened", "grouped", "group_told"]
        assert run(find_ticket, ticket.number).entries[-1].text == UPDATE


def test_a_closed_ticket_is_told_nothing_more(run, agent, group, checker):
    first, second = run(group_tickets, agent, group)
    run(lambda session: change_state(session, find_ticket(session, first.number), "closed",
                                     actor="x"))  # fmt: skip
    assert run(tell_group, checker, agent, group, UPDATE) == 1
    assert kinds(run, second)[-1] == "group_told"
    assert kinds(run, first)[-1] == "state_changed"


@pytest.mark.parametrize("text", ["急什么，等着吧", "我们保证明天一定修好", "  ", "长" * 2001])
def test_careless_wording_goes_to_nobody(run, agent, group, checker, text):
    with pytest.raises(InvalidInput):
        run(tell_group, checker, agent, group, text)
    assert "group_told" not in kinds(run, run(group_tickets, agent, group)[0])


def test_a_ticket_is_in_one_group_and_can_leave_it(run, agent, group, opened):
    first, _ = run(group_tickets, agent, group)
    run(add_to_group, agent, group, first)
    other = run(create_group, agent, "另一件事", [opened("电梯停了")])
    with pytest.raises(Conflict) as refused:
        run(add_to_group, agent, other, first)
    assert refused.value.details == {"number": first.number}
    run(remove_from_group, agent, group, first)
    run(add_to_group, agent, other, first)
    assert run(group_tickets, agent, other)[0].number == first.number
    assert kinds(run, first) == ["opened", "grouped", "ungrouped", "grouped"]
    with pytest.raises(Conflict):
        run(remove_from_group, agent, group, first)


@pytest.mark.parametrize("role", ["qa", "department"])
def test_grouping_is_the_customer_services_work(run, make, group, opened, checker, role):
    staff = make.staff(role)
    with pytest.raises(Forbidden):
        run(create_group, staff, "停水", [opened()])
    with pytest.raises(Forbidden):
        run(tell_group, checker, staff, group, UPDATE)


def test_a_department_sees_its_own_tickets_of_a_group(run, make, agent, opened):
    tickets = [opened("停水", department="engineering"), opened("停水", department="finance")]
    group = run(create_group, agent, "停水", tickets)
    seen = run(group_tickets, make.staff("department", department="finance"), group)
    assert [one.id for one in seen] == [tickets[1].id]


def test_bad_titles_and_unknown_groups(run, agent):
    with pytest.raises(InvalidInput):
        run(create_group, agent, " ", [])
    with pytest.raises(NotFound):
        run(find_group, 99)
