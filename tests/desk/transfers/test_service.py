"""Transfers on real databases: each step, who may take it, and two people at once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from desk.errors import Conflict, DeskError, Forbidden, InvalidInput, NotFound
from desk.tickets.due import agree_deadline
from desk.tickets.service import change_state, find_for_staff, find_ticket
from desk.transfers import repository, service
from desk.transfers.domain import Step
from desk.transfers.stepping import may_take
from tests.desk.transfers.conftest import IN_TWO_DAYS, NOW

LATER = NOW + timedelta(hours=3)


def test_sending_takes_the_ticket_up_and_shows_it_to_the_department(office):
    with pytest.raises(NotFound):
        office.run(find_for_staff, office.number, office.handler)
    transfer = office.send()
    assert (transfer.state, transfer.first_responsible.id) == ("sent", office.agent.id)
    assert office.ticket().state == "in_progress"
    (entry,) = office.entries("transferred")
    assert (entry.actor, entry.text) == (office.agent.login, "上门检查厨房漏水")
    assert entry.data["department"] == "engineering"
    assert entry.data["transfer_id"] == transfer.id
    assert office.run(find_for_staff, office.number, office.handler).number == office.number


def test_another_department_sees_neither_ticket_nor_transfer(office):
    transfer = office.send()
    with pytest.raises(NotFound):
        office.run(find_for_staff, office.number, office.outsider)
    with pytest.raises(NotFound):
        office.run(repository.find, office.outsider, transfer.id)
    for step in (service.accept, service.press):
        with pytest.raises(NotFound):
            office.run(step, office.outsider, transfer.id)
    lists = office.run(repository.in_box, office.outsider, None, now=NOW, limit=50)
    assert lists == []


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"department": "kitchen"}, "errors.department_unknown"),
        ({"matter": "  "}, "errors.text_missing"),
        ({"matter": "漏" * 2001}, "errors.text_too_long"),
        ({"required_by": NOW - timedelta(seconds=1)}, "errors.required_by_impossible"),
        ({"required_by": NOW + timedelta(days=800)}, "errors.required_by_impossible"),
        ({"required_by": datetime(2026, 11, 30)}, "errors.required_by_impossible"),
        ({"first_responsible": 99999}, "errors.responsible_unfit"),
    ],
)
def test_a_form_that_cannot_be_right_is_refused_and_changes_nothing(office, wrong, key):
    with pytest.raises(InvalidInput) as refused:
        office.send(**wrong)
    assert refused.value.key == key
    assert [entry.kind for entry in office.entries()] == ["opened"]


@pytest.mark.parametrize("who", ["handler", "qa"])
def test_only_people_who_speak_with_customers_are_responsible(office, who):
    with pytest.raises(InvalidInput):
        office.send(first_responsible=getattr(office, who))
    with pytest.raises(Forbidden):
        office.send(staff=getattr(office, who))


def test_a_closed_ticket_goes_to_nobody(office):
    office.run(
        lambda session: change_state(
            session, find_ticket(session, office.number), "closed", actor="x", now=NOW
        )
    )
    with pytest.raises(Conflict) as refused:
        office.send()
    assert refused.value.key == "errors.ticket_closed"


def test_two_departments_at_once_but_each_only_once(office):
    office.send("engineering")
    office.send("finance")
    with pytest.raises(Conflict) as refused:
        office.send("finance")
    assert refused.value.details == {"department": "财务部"}
    assert len(office.run(repository.under_way, office.ticket().id)) == 2


def test_a_department_can_have_a_ticket_again_after_it_was_done(office):
    first = office.accepted()
    office.run(service.propose, office.handler, first.id, "已修好", LATER)
    office.run(service.approve, office.agent, first.id, now=LATER)
    second = office.send(now=LATER, matter="又漏了")
    assert office.run(repository.ordinal, second) == 2


def test_accepting_names_the_handler_and_the_second_is_told_who(office):
    transfer = office.send()
    office.run(service.accept, office.handler, transfer.id, NOW)
    with pytest.raises(Conflict) as late:
        office.run(service.accept, office.colleague, transfer.id, NOW)
    assert (late.value.key, late.value.details) == (
        "errors.transfer_taken",
        {"name": "工程部老赵"},
    )
    assert len(office.entries("transfer_accepted")) == 1


def test_two_at_the_same_moment_one_wins_and_the_other_is_told(office):
    transfer = office.send()
    together = threading.Barrier(2)
    outcomes: dict[str, str] = {}

    def accept(name):
        staff = getattr(office, name)
        together.wait(10)
        try:
            outcomes[name] = office.run(service.accept, staff, transfer.id).state
        except DeskError as error:
            outcomes[name] = f"{error.key} {error.details.get('name')}"

    threads = [threading.Thread(target=accept, args=(n,)) for n in ("handler", "colleague")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    winner = next(name for name, outcome in outcomes.items() if outcome == "accepted")
    (loser,) = outcomes.keys() - {winner}
    assert outcomes[loser] == f"errors.transfer_taken {getattr(office, winner).display_name}"
    assert len(office.entries("transfer_accepted")) == 1


def test_asking_back_stops_the_clock_and_the_answer_gives_the_time_back(office):
    transfer = office.accepted()
    office.run(service.ask_back, office.handler, transfer.id, "哪一户？", NOW + timedelta(hours=1))
    assert office.ticket().paused_since == NOW + timedelta(hours=1)
    answered = office.run(service.answer_back, office.agent, transfer.id, "1201", LATER)
    assert answered.state == "accepted"
    assert answered.required_by == IN_TWO_DAYS + timedelta(hours=2)
    assert answered.question is None
    assert office.ticket().paused_since is None
    kinds = [e.kind for e in office.entries() if e.kind.startswith(("transfer", "paus", "resum"))]
    assert sorted(kinds[-4:]) == ["paused", "resumed", "transfer_answered", "transfer_asked_back"]


def test_the_clock_stands_while_one_of_two_departments_waits(office):
    first, second = office.accepted(), office.send("finance")
    office.run(service.accept, office.outsider, second.id, NOW)
    office.run(service.ask_back, office.handler, first.id, "哪一户？", NOW)
    office.run(service.ask_back, office.outsider, second.id, "收了多少？", NOW)
    office.run(service.answer_back, office.agent, first.id, "1201", LATER)
    assert office.ticket().paused_since == NOW
    office.run(service.cancel, office.agent, second.id, "不用了", LATER)
    assert office.ticket().paused_since is None


def test_cancelling_the_last_transfer_takes_its_longer_deadline_back(office):
    own = office.ticket().due_at
    first, second = office.send(), office.send("finance")
    longer = office.ticket().due_at
    assert longer > own
    office.run(service.cancel, office.agent, first.id, "转错部门", LATER)
    assert office.ticket().due_at == longer
    office.run(service.cancel, office.agent, second.id, "不用了", LATER)
    ticket = office.ticket()
    assert ticket.due_at == own
    assert "转办已撤回" in ticket.due_trace[1]
    assert office.entries("deadline_changed")[-1].data["was"] == longer.isoformat()


def test_cancelling_a_transfer_leaves_an_agreed_deadline_alone(office):
    transfer, agreed = office.send(), NOW + timedelta(days=10)
    office.run(
        lambda session: agree_deadline(
            session, find_ticket(session, office.number), agreed, actor="x", now=NOW
        )
    )
    office.run(service.cancel, office.agent, transfer.id, "不用了", LATER)
    assert office.ticket().due_at == agreed


def test_an_answer_does_not_start_a_clock_that_waits_for_the_customer(office):
    transfer = office.accepted()
    office.run(
        lambda session: change_state(
            session, find_ticket(session, office.number), "waiting_customer", actor="x", now=NOW
        )
    )
    paused = office.ticket().paused_since
    office.run(service.ask_back, office.handler, transfer.id, "哪一户？", NOW)
    office.run(service.answer_back, office.agent, transfer.id, "1201", LATER)
    assert office.ticket().paused_since == paused


def test_a_result_can_be_returned_and_proposed_again(office):
    transfer = office.accepted()
    office.run(service.report_progress, office.handler, transfer.id, "师傅已出发", LATER)
    office.run(service.propose, office.handler, transfer.id, "已换水管", LATER)
    office.run(service.return_to, office.agent, transfer.id, "请附照片", LATER)
    office.run(service.propose, office.handler, transfer.id, "已换水管，有照片", LATER)
    done = office.run(service.approve, office.supervisor, transfer.id, "同意", LATER)
    assert (done.state, done.result, done.done_at) == ("done", "已换水管，有照片", LATER)
    assert [e.text for e in office.entries() if e.kind.startswith("transfer_")] == [
        None,
        "师傅已出发",
        "已换水管",
        "请附照片",
        "已换水管，有照片",
        "同意",
    ]


def test_only_the_one_who_accepted_goes_on(office):
    transfer = office.accepted()
    with pytest.raises(Conflict) as refused:
        office.run(service.propose, office.colleague, transfer.id, "修好了")
    assert refused.value.details == {"name": "工程部老赵"}


@pytest.mark.parametrize("who", ["agent", "qa"])
def test_the_desk_does_not_do_the_departments_part(office, who):
    transfer = office.send()
    with pytest.raises(Forbidden):
        office.run(service.accept, getattr(office, who), transfer.id)


def test_the_department_neither_approves_nor_cancels(office):
    transfer = office.accepted()
    office.run(service.propose, office.handler, transfer.id, "修好了")
    for step in (service.approve, service.return_to, service.cancel):
        with pytest.raises(Forbidden):
            office.run(step, office.handler, transfer.id, "x")


def test_a_step_out_of_turn_is_told_what_stands(office):
    transfer = office.accepted()
    with pytest.raises(Conflict) as refused:
        office.run(service.approve, office.agent, transfer.id)
    assert refused.value.details == {"state": "办理中"}


def test_a_cancelled_transfer_is_out_of_the_departments_sight(office):
    transfer = office.accepted()
    office.run(service.cancel, office.agent, transfer.id, "转错部门")
    with pytest.raises(NotFound):
        office.run(find_for_staff, office.number, office.handler)
    with pytest.raises(Conflict):
        office.run(service.accept, office.make.staff("admin"), transfer.id)


def test_pressing_is_for_leaders_and_counted_on_both(office):
    transfer = office.accepted()
    with pytest.raises(Forbidden):
        office.run(service.press, office.agent, transfer.id)
    office.run(service.press, office.supervisor, transfer.id, "请今天处理", NOW)
    pressed = office.run(service.press, office.supervisor, transfer.id, now=NOW)
    assert (pressed.pressed, office.ticket().pressed) == (2, 2)
    assert [entry.data["department_count"] for entry in office.entries("pressed")] == [1, 2]


def test_boxes_are_sorted_and_counted(office):
    late = office.send(required_by=NOW + timedelta(hours=1))
    office.run(service.accept, office.handler, late.id, NOW)
    office.send("finance", required_by=NOW + timedelta(hours=9))
    counts = office.run(repository.count_boxes, office.supervisor, now=LATER)
    assert counts == {
        "new": 1,
        "accepted": 1,
        "asked_back": 0,
        "proposed": 0,
        "done": 0,
        "overdue": 1,
    }
    own = office.run(repository.count_boxes, office.outsider, now=LATER)
    assert (own["new"], own["accepted"], own["overdue"]) == (1, 0, 0)
    (overdue,) = office.run(repository.in_box, office.handler, "overdue", now=LATER, limit=9)
    assert overdue.id == late.id
    every = office.run(repository.in_box, office.agent, None, now=LATER, limit=9)
    assert [one.department for one in every] == ["engineering", "finance"]


def test_what_a_person_may_do_now(office):
    transfer = office.run(repository.find, office.agent, office.accepted().id)

    def steps(staff):
        return {step.value for step in Step if may_take(staff, transfer, step)}

    assert steps(office.handler) == {"ask_back", "progress", "propose"}
    assert steps(office.colleague) == set()
    assert steps(office.agent) == {"cancel"}
    assert steps(office.supervisor) == {"cancel", "press"}
    assert steps(office.qa) == set()


def test_times_are_kept_as_instants(office):
    shanghai = IN_TWO_DAYS.astimezone(UTC)
    assert office.send(required_by=shanghai).required_by == IN_TWO_DAYS
