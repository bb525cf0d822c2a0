"""Taking a matter down: by the bot, for callers, visitors and letters, by other systems."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from desk.errors import InvalidInput
from desk.locale import t
from desk.tickets import service
from desk.tickets.models import PendingEntry, Ticket, TicketCounter
from desk.tickets.view import ticket_json

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.mark.parametrize("channel", ["web", "widget", "phone", "visit", "letter", "api"])
def test_every_way_in_is_taken_down(channel, opened):
    ticket = opened(channel=channel, now=NOW, actor="xiaoli")
    assert (ticket.channel, ticket.state, ticket.created_at) == (channel, "open", NOW)
    assert ticket.due_at > NOW


def test_a_letter_counts_from_the_day_it_came(opened):
    received = NOW - timedelta(days=3)
    late, prompt = opened(now=NOW, received_at=received), opened(now=NOW)
    assert late.created_at == received
    assert late.due_at < prompt.due_at


def test_who_took_it_down_stays_responsible(opened, make):
    agent = make.staff()
    assert opened(recipient_id=agent.id).recipient_id == agent.id


def test_blank_fields_count_as_not_said(opened):
    ticket = opened("  门坏了 ", estate="  ", building="3栋 ", wish="\x00")
    assert (ticket.description, ticket.estate, ticket.building, ticket.wish) == (
        "门坏了",
        None,
        "3栋",
        None,
    )


def test_an_urgent_matter_is_looked_at_at_once(opened):
    urgent, usual = opened(severity="major", now=NOW), opened(severity="general", now=NOW)
    assert urgent.next_check_at == NOW
    assert usual.next_check_at > NOW


def test_a_phone_is_found_again_however_it_was_written(opened, database):
    number = opened(has_consent=True, phone="138-0013 8000").number
    with database.reading() as session:
        (found,) = service.tickets_for_phone(session, "13800138000")
        assert (found.number, found.phone) == (number, "13800138000")


def test_without_consent_no_address_is_kept(opened):
    ticket = opened(customer_name="李明", phone="13800138000", email="li@example.com", room="1201")
    assert (ticket.customer_name, ticket.phone, ticket.email, ticket.room) == (None,) * 4


def test_the_address_is_encrypted_and_masked(opened, database):
    ticket = opened(has_consent=True, email="li.ming@example.com", reply_channel="email")
    with database.reading() as session:
        stored = session.execute(text("SELECT email FROM ticket")).scalar_one()
    assert "example" not in stored
    assert ticket_json(ticket)["email"] == "l***@example.com"


@pytest.mark.parametrize(
    ("values", "key", "field"),
    [
        ({"kind": "poem"}, "unknown_ticket_kind", "kind"),
        ({"description": " \n "}, "empty_description", "description"),
        ({"department": "moon"}, "department_unknown", "department"),
        ({"category": "x"}, "category_unknown", "category"),
        ({"severity": "huge"}, "severity_unknown", "severity"),
        ({"channel": "fax"}, "channel_unknown", "channel"),
        ({"reply_channel": "pigeon"}, "reply_channel_unknown", "reply_channel"),
        ({"building": "三" * 33}, "field_too_long", "building"),
        ({"spot": "楼" * 65}, "field_too_long", "spot"),
        ({"description": "长" * 8001}, "field_too_long", "description"),
        ({"email": "nobody"}, "email_invalid", "email"),
        ({"reply_channel": "email"}, "email_missing", "email"),
        ({"received_at": NOW + timedelta(hours=1)}, "time_in_future", "received_at"),
        ({"received_at": NOW - timedelta(days=400)}, "time_too_old", "received_at"),
        ({"received_at": datetime(2026, 11, 19)}, "time_without_zone", "received_at"),
        ({"recipient_id": 999}, "recipient_unknown", "recipient_id"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(values, key, field, opened, database):
    with pytest.raises(InvalidInput) as caught:
        opened(**{"now": NOW, **values})
    assert (caught.value.key, caught.value.details["field"]) == (f"errors.{key}", field)
    assert t(caught.value.key, **caught.value.details)
    with database.reading() as session:
        for model in (Ticket, TicketCounter, PendingEntry):
            assert session.scalars(select(model)).all() == []
        assert session.execute(text("SELECT count(*) FROM ticket_search")).scalar_one() == 0


def test_somebody_who_left_cannot_be_responsible(opened, make):
    gone = make.staff(is_active=False)
    with pytest.raises(InvalidInput):
        opened(recipient_id=gone.id)


def test_waiting_for_the_customer_stops_the_time(opened, database):
    number = opened(now=NOW).number
    later = NOW + timedelta(hours=1)
    with database.transaction() as session:
        ticket = service.find_ticket(session, number)
        was = ticket.due_at
        service.change_state(session, ticket, "waiting_customer", actor="xiaoli", now=later)
        assert ticket.paused_since == later
        service.change_state(
            session, ticket, "in_progress", actor="xiaoli", now=later + timedelta(days=3)
        )
        assert ticket.paused_since is None
        assert ticket.due_at > was
