"""Who may hear how a ticket stands: the customer, after a check, and nobody else."""

from datetime import UTC, datetime, timedelta

import pytest

from desk.tickets.domain import NewTicket
from desk.tickets.progress import TRY_LIMIT, TRY_WINDOW, ask_progress
from desk.tickets.service import open_ticket

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PHONE = "13800138000"


@pytest.fixture
def mine(database, make):
    """A ticket of a conversation, with phone and room."""
    conversation = make.conversation("窗户漏水")
    with database.transaction() as session:
        new = NewTicket(
            kind="repair",
            description="窗户漏水",
            conversation_id=conversation.id,
            has_consent=True,
            phone=PHONE,
            room="1201",
        )
        return conversation, open_ticket(session, new, now=NOW)


@pytest.fixture
def ask(database, make):
    stranger = make.conversation("查进度")

    def put(conversation=stranger, now=NOW, **values):
        with database.transaction() as session:
            found = ask_progress(session, conversation_id=conversation.id, now=now, **values)
            return [t.number for t in found.tickets], found.needs_proof, found.is_locked

    return put


FOUND_NOTHING = ([], False, False)


def test_ones_own_conversation_needs_no_check(mine, ask):
    conversation, ticket = mine
    assert ask(conversation)[0] == [ticket.number]
    assert ask(conversation, number=ticket.number)[0] == [ticket.number]


def test_from_elsewhere_number_and_digits_are_needed(mine, ask):
    _conversation, ticket = mine
    assert ask() == FOUND_NOTHING
    assert ask(number=ticket.number) == ([], True, False)
    assert ask(number=ticket.number, proof="8000")[0] == [ticket.number]
    assert ask(number=ticket.number.lower().replace("-", " "), proof="8000")[0] == [ticket.number]


def test_a_phone_needs_the_room(mine, ask):
    _conversation, ticket = mine
    assert ask(phone=PHONE) == ([], True, False)
    assert ask(phone=PHONE, proof="1201")[0] == [ticket.number]
    assert ask(phone=PHONE, proof="1202") == FOUND_NOTHING


def test_a_wrong_number_and_wrong_digits_look_alike(mine, ask):
    _conversation, ticket = mine
    assert ask(number="T261122-0009-9") == ask(number=ticket.number) == ([], True, False)
    answers = [
        ask(number=ticket.number, proof="0000"),
        ask(number="T261122-0009-9", proof="8000"),
        ask(phone="13900139000", proof="1201"),
    ]
    assert answers == [FOUND_NOTHING] * 3


@pytest.mark.parametrize("proof", ["", "8", "00", "000", "13800138000", "％８０００"])
def test_less_or_more_than_four_digits_prove_nothing(mine, ask, proof):
    _conversation, ticket = mine
    assert ask(number=ticket.number, proof=proof)[0] == []


def test_a_ticket_without_a_phone_is_proved_by_nothing(database, ask):
    with database.transaction() as session:
        ticket = open_ticket(session, NewTicket(kind="repair", description="灯不亮"), now=NOW)
    for proof in ("0000", "None"):
        assert ask(number=ticket.number, proof=proof) == FOUND_NOTHING


def test_guessing_locks_the_number_for_everybody_else(mine, ask, make):
    conversation, ticket = mine
    for guess in range(TRY_LIMIT - 1):
        guesser = make.conversation("猜")
        assert ask(guesser, number=ticket.number, proof=f"{guess:04d}") == FOUND_NOTHING
    assert ask(make.conversation("猜"), number=ticket.number, proof="9999")[2] is True
    assert ask(make.conversation("猜"), number=ticket.number, proof="8000") == ([], False, True)
    assert ask(conversation, number=ticket.number)[0] == [ticket.number]
    later = NOW + TRY_WINDOW + timedelta(minutes=1)
    assert ask(now=later, number=ticket.number, proof="8000")[0] == [ticket.number]


def test_guessing_numbers_locks_the_conversation(mine, ask):
    _conversation, ticket = mine
    for guess in range(TRY_LIMIT):
        ask(number=f"T261122-{guess:04d}-0", proof="8000")
    assert ask(number=ticket.number, proof="8000") == ([], False, True)
