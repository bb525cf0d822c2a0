"""Sealed copies: of what retention deletes and of replaced contacts; the private key opens them."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from desk import age
from desk.errors import InvalidInput, NotFound
from desk.privacy.retention import apply_rules, read_rules
from desk.privacy.service import erase_person
from desk.sealing import recipient, service
from desk.sealing.models import SealedCopy
from desk.tickets.contact import set_contact
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.service import change_state, open_ticket
from tests.desk.test_encryption import attach

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
PHONE, NAME, SAID = "13800138000", "王丽", "我家卧室漏水特别严重"
PUBLIC, PRIVATE = age.new_identity()


@pytest.fixture(autouse=True)
def sealing():
    recipient.use_recipient(PUBLIC)
    yield
    recipient.use_recipient("")


def settled(database, make):
    talk = make.conversation(SAID)
    new = NewTicket(
        kind="repair",
        description=SAID,
        conversation_id=talk.id,
        has_consent=True,
        customer_name=NAME,
        phone=PHONE,
    )
    with database.transaction() as session:
        ticket = open_ticket(session, new)
        for state in ("in_progress", "resolved", "closed"):
            change_state(session, ticket, state, actor="li")
    attach(database, ticket.id, "photo1", b"\xff\xd8photo")
    return ticket.number, talk.id


def retain(database, days):
    """Run the job as if that many days had passed; copies made by it are of today."""
    rules = read_rules()
    if days > 1000:
        rules["sealed_copies"] = 2 * days
    with database.transaction() as session:
        apply_rules(session, rules, datetime.now(UTC) + timedelta(days=days))


def test_what_retention_deletes_is_kept_sealed(database, make):
    number, talk_id = settled(database, make)
    retain(database, 1100)
    with database.reading() as session:
        assert session.query(Ticket).one().phone is None
        kept = {one.subject: one for one in service.copies(session)}
        assert set(kept) == {number, talk_id}
        stored = str(session.execute(text("SELECT * FROM sealed_copy")).all())
        for secret in (SAID, NAME, PHONE):
            assert secret not in stored
        original = service.unseal(session, kept[number].id, PRIVATE)
        assert original["ticket"]["customer_name"] == NAME
        assert original["ticket"]["phone"] == PHONE
        assert original["files"][0]["name"] == "photo1.jpg"
        talk = service.unseal(session, kept[talk_id].id, PRIVATE)
        assert talk["messages"][0]["text"] == SAID
        with pytest.raises(InvalidInput):
            service.unseal(session, kept[number].id, age.new_identity()[1])


def test_copies_are_destroyed_after_their_time(database, make):
    settled(database, make)
    retain(database, 1100)
    retain(database, 364)
    with database.reading() as session:
        assert session.query(SealedCopy).count() == 2
    retain(database, 366)
    with database.reading() as session:
        assert session.query(SealedCopy).count() == 0
        with pytest.raises(NotFound):
            service.unseal(session, 1, PRIVATE)


def test_what_a_customer_has_deleted_is_not_kept(database, make):
    settled(database, make)
    with database.transaction() as session:
        ticket = session.query(Ticket).one()
        set_contact(session, ticket, reply_channel="phone", actor="li", phone="13900139000")
        assert len(service.copies(session)) == 1
    with database.transaction() as session:
        erase_person(session, make.staff("admin"), phone="13900139000", reason="本人申请")
    with database.reading() as session:
        assert service.copies(session) == []
        assert session.query(Ticket).one().phone is None


def test_a_replaced_contact_is_kept(database, make):
    number, _talk = settled(database, make)
    with database.transaction() as session:
        ticket = session.query(Ticket).one()
        for phone in (PHONE, "13900139000"):
            set_contact(session, ticket, reply_channel="phone", actor="li", phone=phone)
    with database.reading() as session:
        (kept,) = service.copies(session, number)
        assert (kept.kind, kept.actor) == ("contact", "li")
        assert service.unseal(session, kept.id, PRIVATE)["phone"] == PHONE


def test_without_a_public_key_nothing_is_kept(database, make):
    recipient.use_recipient("")
    settled(database, make)
    retain(database, 1100)
    with database.reading() as session:
        assert service.copies(session) == []
    with pytest.raises(InvalidInput):
        recipient.use_recipient("AGE-SECRET-KEY-1")


def test_the_private_key_is_nowhere_in_the_database(database, make):
    settled(database, make)
    retain(database, 1100)
    with database.reading() as session:
        content = session.execute(text("SELECT content FROM sealed_copy")).scalars().all()
    secret = PRIVATE.split("\n")[1].encode()
    assert all(secret not in bytes(one) for one in content)
    assert json.dumps(SAID)[1:-1].encode() not in b"".join(map(bytes, content))
