"""A ticket's time stands while somebody else has to answer; its deadline follows the timeline."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from desk.clock import LOCAL_ZONE
from desk.deadlines.service import (
    PROFILES_FILE,
    deadline_for,
    read_profile,
    recompute,
    use_profile,
)
from desk.errors import InvalidInput
from desk.settings import PROJECT_DIR
from desk.tickets import service
from desk.tickets.domain import NewTicket
from desk.tickets.due import agree_deadline, renew_deadline
from desk.tickets.models import Ticket, TicketEntry
from desk.tickets.pausing import pause, resume
from desk.tickets.timeline import EntryKind, append, fold, standing_of
from desk.transfers.service import create


@pytest.fixture(autouse=True)
def property_profile():
    use_profile(read_profile(PROJECT_DIR / "data" / "company.yml", PROFILES_FILE))
    yield
    use_profile(None)


def at(text: str) -> datetime:
    """A time of Friday, 20 November 2026, or of the day given."""
    text = text if " " in text else f"2026-11-20 {text}"
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


@pytest.fixture
def responsible(make):
    return make.staff("agent")


@pytest.fixture
def session(database, responsible):
    with database.transaction() as session:
        yield session
        check_every_column_follows_from_the_timeline(session)


def check_every_column_follows_from_the_timeline(session):
    for ticket in session.scalars(select(Ticket)):
        query = select(TicketEntry).where(TicketEntry.ticket_id == ticket.id)
        entries = session.scalars(query.order_by(TicketEntry.id)).all()
        assert fold(entries) == standing_of(ticket)
        assert recompute(ticket.due_steps) == (ticket.due_at, ticket.warn_at)


@pytest.fixture
def ticket(session):
    """A general complaint received on Friday at 10:00: due the same day."""
    new = NewTicket(
        kind="complaint", description="走廊灯不亮", category="public_facility", severity="general"
    )
    opened = service.open_ticket(session, new, now=at("10:00"))
    assert opened.due_at == at("18:00")
    return opened


def entries(session, ticket, *kinds):
    query = select(TicketEntry).where(
        TicketEntry.ticket_id == ticket.id, TicketEntry.kind.in_(kinds)
    )
    return session.scalars(query.order_by(TicketEntry.id)).all()


def test_waiting_for_the_customer_stops_the_time(session, ticket):
    service.change_state(session, ticket, "waiting_customer", actor="li", now=at("15:00"))
    assert ticket.paused_since == at("15:00")
    assert ticket.next_check_at == at("15:00")
    assert any("暂停计时" in line for line in ticket.due_trace)
    service.change_state(session, ticket, "in_progress", actor="li", now=at("17:00"))
    assert ticket.paused_since is None
    assert ticket.due_at == at("2026-11-21 11:00")
    assert ticket.next_check_at == at("17:00")
    (resumed,) = entries(session, ticket, EntryKind.RESUMED)
    assert resumed.data["reasons"] == ["customer"]
    assert datetime.fromisoformat(resumed.data["due_at"]) == ticket.due_at
    assert datetime.fromisoformat(resumed.data["was"]) == at("18:00")


def test_an_answer_of_the_customer_lets_the_time_run_on(session, ticket):
    service.change_state(session, ticket, "waiting_customer", actor="li", now=at("15:00"))
    service.supplement(session, ticket, "同事的补充", actor="chen", now=at("15:30"))
    assert ticket.paused_since == at("15:00")
    service.supplement(session, ticket, "在三楼", actor="customer", now=at("17:00"))
    assert (ticket.state, ticket.paused_since) == ("in_progress", None)
    assert ticket.due_at == at("2026-11-21 11:00")


def test_a_ticket_taken_up_again_is_looked_at_again(session, ticket):
    service.change_state(session, ticket, "resolved", actor="li", now=at("15:00"))
    ticket.next_check_at = None
    service.change_state(session, ticket, "in_progress", actor="li", now=at("16:00"))
    assert ticket.next_check_at == at("16:00")


def test_the_time_stands_until_the_last_reason_is_gone(session, ticket):
    assert pause(session, ticket, reason="department", actor="zhao", now=at("11:00"))
    service.change_state(session, ticket, "waiting_customer", actor="li", now=at("14:00"))
    assert resume(session, ticket, reason="department", actor="li", now=at("15:00"))
    assert ticket.paused_since == at("11:00")
    service.change_state(session, ticket, "in_progress", actor="li", now=at("16:00"))
    assert ticket.paused_since is None
    # Paused from 11:00 to 16:00, of which 3.5 hours are working time.
    assert ticket.due_at == at("2026-11-21 12:30")


def test_pausing_twice_and_resuming_what_runs_change_nothing(session, ticket):
    assert pause(session, ticket, reason="other", actor="li", now=at("11:00"))
    assert not pause(session, ticket, reason="other", actor="li", now=at("11:30"))
    assert not resume(session, ticket, reason="customer", actor="li", now=at("11:40"))
    assert resume(session, ticket, actor="li", now=at("11:50"))
    assert not resume(session, ticket, actor="li", now=at("11:55"))
    assert [entry.at for entry in entries(session, ticket, "paused", "resumed")] == [
        at("11:00"),
        at("11:50"),
    ]


def test_what_happened_at_one_instant_costs_nothing(session, ticket):
    pause(session, ticket, reason="other", actor="li", now=at("11:00"))
    resume(session, ticket, actor="li", now=at("11:00"))
    assert ticket.due_at == at("18:00")


def test_settling_ends_a_pause_and_reopening_begins_anew(session, ticket):
    service.change_state(session, ticket, "waiting_customer", actor="li", now=at("11:00"))
    service.change_state(session, ticket, "resolved", actor="li", now=at("14:00"))
    assert ticket.paused_since is None
    assert not pause(session, ticket, reason="other", actor="li", now=at("14:30"))
    reopened = at("2026-11-23 10:00")
    append(
        session,
        ticket,
        EntryKind.REOPENED,
        actor="customer",
        at=reopened,
        data={"after": "in_progress"},
    )
    entry = renew_deadline(session, ticket, actor="system", now=reopened)
    assert ticket.due_at == at("2026-11-23 18:00")
    assert entry is not None
    assert entry.kind == EntryKind.DEADLINE_CHANGED
    assert ticket.state == "in_progress"


def test_transferring_gives_the_time_of_a_transfer(session, ticket, responsible):
    create(
        session,
        responsible,
        ticket,
        department="engineering",
        matter="请更换走廊灯",
        required_by=at("2026-11-23 18:00"),
        first_responsible=responsible,
        now=at("11:00"),
    )
    assert ticket.due_at == at("2026-11-23 18:00")


def test_a_transferred_complaint_has_the_departments_time(session, ticket):
    data = {"transfer_id": 1}
    append(session, ticket, EntryKind.TRANSFERRED, actor="li", at=at("11:00"), data=data)
    assert renew_deadline(session, ticket, actor="li", now=at("11:00"))
    assert ticket.due_at == at("2026-11-23 18:00")
    assert renew_deadline(session, ticket, actor="li", now=at("11:00")) is None


def test_risk_never_gives_more_time(session, ticket):
    ticket.severity = "major"
    assert renew_deadline(session, ticket, actor="li", now=at("11:00"), never_later=True) is None
    assert ticket.due_at == at("18:00")


def test_an_agreed_deadline_stays_and_is_paused_like_any_other(session, ticket):
    agreed = at("2026-11-25 12:00")
    agree_deadline(session, ticket, agreed, actor="chen", text="双方同意", now=at("12:00"))
    assert ticket.due_at == agreed
    assert ticket.due_trace[0] == "按双方约定的时间"
    pause(session, ticket, reason="customer", actor="li", now=at("13:00"))
    resume(session, ticket, actor="li", now=at("14:00"))
    assert ticket.due_at == agreed + timedelta(hours=1)
    with pytest.raises(InvalidInput):
        agree_deadline(session, ticket, at("13:00"), actor="chen", now=at("14:00"))


def test_the_deadline_is_what_the_service_says(session, ticket):
    due = deadline_for("complaint", "general", at("10:00"))
    assert (ticket.due_at, ticket.warn_at) == (due.due_at, due.warn_at)
    assert tuple(ticket.due_trace) == due.trace
