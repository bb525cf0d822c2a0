"""A customer's own data: consent by version, export, deletion with what must stay, retention."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import create_engine, text

from bot.tracker_cipher import cipher_of
from bot.tracker_store import EncryptedTrackerStore
from desk import encryption
from desk.audit.models import AuditEntry
from desk.audit.verification import verify
from desk.conversations import capability
from desk.conversations import service as conversations
from desk.conversations.models import Conversation, Message
from desk.encryption import personal_data
from desk.errors import Forbidden, InvalidInput, NotFound
from desk.key_ring import load_ring, save_ring, use_keys
from desk.privacy import bot_memory, service
from desk.privacy.consent import use_notice, version_of
from desk.privacy.models import Consent, ConsentNotice, Erasure
from desk.privacy.retention import apply_rules, overdue, read_rules
from desk.rasa_endpoints import tracker_environment
from desk.settings import Settings
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.search import text_matches
from desk.tickets.service import change_state, open_ticket, supplement
from desk.tracker_keys import write_tracker_keys

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PHONE, NAME, ROOM = "13800138000", "王丽", "1201"
SAID = "我家卧室漏水特别严重"
NOTICE = "我们会妥善保管您的信息。"


@pytest.fixture(autouse=True)
def notice():
    use_notice(NOTICE)


@pytest.fixture
def admin(make):
    return make.staff("admin")


def opened(database, conversation=None, **values):
    given = {"customer_name": NAME, "phone": PHONE, "room": ROOM, "has_consent": True}
    new = NewTicket(
        kind="repair",
        description=SAID,
        conversation_id=conversation and conversation.id,
        **{**given, **values},
    )
    with database.transaction() as session:
        return open_ticket(session, new, now=NOW)


def close(database, ticket, at=NOW):
    with database.transaction() as session:
        found = session.get_one(Ticket, ticket.id)
        for state in ("in_progress", "resolved", "closed"):
            change_state(session, found, state, actor="xiaoli", now=at)


def everything(database):
    """All text there is in the database, decrypted or not."""
    with database.reading() as session:
        tables = session.execute(text(_TABLES[database.engine.dialect.name])).scalars().all()
        rows = [str(session.execute(text(f'SELECT * FROM "{name}"')).all()) for name in tables]
    return "\n".join(rows)


_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
}


def erase(database, admin, **who):
    with database.transaction() as session:
        return service.erase_person(session, admin, reason="本人来电，已核对", **who)


# Consent


def test_consent_names_the_wording_that_was_shown(database, make):
    opened(database, make.conversation("你好"))
    use_notice(NOTICE + "（修订）")
    opened(database)
    opened(database, has_consent=False)
    with database.reading() as session:
        given = session.query(Consent).order_by(Consent.id).all()
        notices = {one.version: one.text for one in session.query(ConsentNotice)}
    assert [one.version for one in given] == [version_of(NOTICE), version_of(NOTICE + "（修订）")]
    assert notices[given[0].version] == NOTICE
    assert given[0].phone_index == personal_data().index(PHONE)


def test_withdrawing_is_noted_once(database, admin):
    opened(database)
    for count in (1, 0):
        with database.transaction() as session:
            withdrawn = service.withdraw_consent(session, admin, phone=PHONE, reason="来电")
        assert withdrawn == count


# Export


def test_own_data_is_whole_and_without_colleagues_remarks(database, make, admin):
    conversation = make.conversation("我想报修", "卧室漏水")
    agent = make.staff()
    ticket = opened(database, conversation)
    with database.transaction() as session:
        conversations.request_handover(session, conversation.id, reason="requested")
        conversations.claim(session, conversation.id, agent)
        conversations.add_note(session, conversation.id, agent, "客户很急")
        supplement(session, session.get_one(Ticket, ticket.id), "明天在家", actor="customer")
    with database.transaction() as session:
        found = service.export_own(session, admin, phone="138 0013 8000", reason="本人来访")
    (shown,) = found["tickets"]
    assert (shown["customer_name"], shown["phone"], shown["room"]) == (NAME, PHONE, ROOM)
    assert "明天在家" in [entry["text"] for entry in shown["entries"]]
    said = [line["text"] for line in found["conversations"][0]["messages"]]
    assert "卧室漏水" in said
    assert "客户很急" not in said
    assert found["consents"][0]["notice"] == NOTICE


# Deletion


def test_a_settled_matter_is_deleted_down_to_its_statistics(database, make, admin):
    place = {"estate": "云栖雅苑", "building": "3栋", "unit": "2单元", "spot": "5楼"}
    ticket = opened(database, make.conversation(SAID), **place)
    close(database, ticket)
    with database.reading() as session:
        assert session.query(Ticket).filter(text_matches("卧室漏水")).count() == 1
    request, outcome = erase(database, admin, phone=PHONE)
    assert (request.state, outcome.tickets, outcome.conversations) == ("done", 1, 1)
    left = everything(database)
    assert SAID not in left
    assert personal_data().index(PHONE) not in left
    with database.reading() as session:
        kept = session.get_one(Ticket, ticket.id)
        assert (kept.customer_name, kept.phone, kept.room, kept.has_consent) == (*[None] * 3, False)
        assert (kept.number, kept.building, kept.state) == (ticket.number, "3栋", "closed")
        assert (kept.unit, kept.spot) == (None, None)
        assert session.query(Ticket).filter(text_matches("卧室漏水")).all() == []


def test_an_open_matter_keeps_what_it_needs_until_it_is_settled(database, make, admin):
    talk = make.conversation(SAID)
    done, still_open = opened(database), opened(database, talk)
    close(database, done)
    request, outcome = erase(database, admin, phone=PHONE)
    assert (request.state, outcome.kept) == ("open", [still_open.number])
    with database.reading() as session:
        assert session.get_one(Ticket, done.id).phone is None
        assert session.get_one(Ticket, still_open.id).phone == PHONE
    close(database, still_open)
    with database.transaction() as session:
        run = apply_rules(session, read_rules(), NOW)
    assert run.conversations == [talk.id]
    with database.reading() as session:
        assert session.get_one(Erasure, request.id).state == "done"
        assert session.get_one(Ticket, still_open.id).phone is None
    assert SAID not in everything(database)


def test_the_customers_link_is_useless_after_deletion(database, admin):
    with database.transaction() as session:
        conversation, token = conversations.open_conversation(session)
        conversations.add_customer_message(
            session, conversation.id, client_id="a1", text=f"{SAID}，电话{PHONE}"
        )
    _request, outcome = erase(database, admin, conversation_id=conversation.id)
    assert outcome.cleared_conversations == [conversation.id]
    assert PHONE not in everything(database)
    with database.transaction() as session, pytest.raises(NotFound):
        capability.check(session, token, browsers=[], now=NOW)


def test_a_talk_under_way_is_kept(database, make, admin):
    talk = make.queued(SAID)
    request, outcome = erase(database, admin, conversation_id=talk.id)
    assert (request.state, outcome.kept_conversations) == ("open", 1)
    assert make.messages(talk)[0].text == SAID


def test_another_persons_data_is_not_touched(database, make, admin):
    other = opened(database, make.conversation("别人的话"), phone="13900139000")
    close(database, other)
    close(database, opened(database))
    erase(database, admin, phone=PHONE)
    with database.reading() as session:
        kept = session.get_one(Ticket, other.id)
        assert (kept.phone, kept.description) == ("13900139000", SAID)
        assert session.query(Message).filter_by(text="别人的话").count() == 1


def test_only_admins_and_only_with_a_reason(database, make, admin):
    opened(database)
    for work in (service.export_own, service.withdraw_consent, service.erase_person):
        with database.transaction() as session:
            for role in ("agent", "supervisor", "director", "qa"):
                with pytest.raises(Forbidden):
                    work(session, make.staff(role), phone=PHONE, reason="来电")
            with pytest.raises(InvalidInput):
                work(session, admin, phone=PHONE, reason=" ")
            with pytest.raises(InvalidInput):
                work(session, admin, phone="王丽", reason="来电")
            with pytest.raises(NotFound):
                work(session, admin, phone="13700137000", reason="来电")


def test_all_of_it_is_audited_without_the_phone(database, admin):
    close(database, opened(database))
    with database.transaction() as session:
        service.export_own(session, admin, phone=PHONE, reason="来电")
    erase(database, admin, phone=PHONE)
    with database.reading() as session:
        rows = session.query(AuditEntry).order_by(AuditEntry.number).all()
        assert [row.action for row in rows] == ["exported", "erased"]
        assert rows[1].details == {"tickets": 1, "conversations": 0, "kept": 0}
        assert verify(session).fault is None


def test_the_bots_own_record_goes_too(tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path)
    assert bot_memory.forget(settings, ["a"]) == 0
    engine = create_engine(f"sqlite:///{tmp_path / 'tracker.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE events (id INTEGER, sender_id TEXT, data TEXT)"))
        connection.execute(text("INSERT INTO events VALUES (1,'a','x'), (2,'a','y'), (3,'b','z')"))
    assert bot_memory.forget(settings, ["a", "c"]) == 2
    with engine.connect() as connection:
        assert connection.execute(text("SELECT sender_id FROM events")).scalars().all() == ["b"]
    engine.dispose()


async def test_the_bots_record_is_re_encrypted_with_the_rest(tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path)
    before = encryption._personal_data
    use_keys(settings)
    keys = tracker_environment(settings)
    url = keys["KEFU_TRACKER_DB_URL"]
    running = EncryptedTrackerStore(url, cipher=cipher_of(keys))
    talk = DialogueStateTracker.from_events("a" * 32, [UserUttered(SAID)] * 5)
    await running.save(talk)
    with running.engine.begin() as connection:
        plain = {"data": json.dumps(UserUttered(SAID).as_dict())}
        connection.execute(text("UPDATE events SET data = :data WHERE id = 2"), plain)
    assert bot_memory.left_over(settings) == 1
    ring = load_ring(settings).with_new_key()
    save_ring(settings, ring)
    write_tracker_keys(settings, ring)
    use_keys(settings)
    assert bot_memory.left_over(settings) == 5
    assert bot_memory.re_encrypt(settings, batch=2) == 5
    assert bot_memory.left_over(settings) == 0
    found = await running.retrieve("a" * 32)
    assert [event.text for event in found.events] == [SAID] * 5
    running.engine.dispose()
    encryption._personal_data = before


# Retention


def test_each_class_goes_after_its_time_and_a_dry_run_only_counts(database, make):
    close(database, opened(database, make.conversation("旧单")))
    make.conversation("你好，问一下房价")
    still_open = opened(database, phone="13900139000")
    rules = read_rules()
    later = datetime.now(UTC) + timedelta(days=1096)
    with database.reading() as session:
        counts = {one.name: one.count for one in overdue(session, rules, later)}
        assert {one.count for one in overdue(session, rules, NOW)} == {0}
    assert counts["settled_tickets"] == 1
    assert counts["talks_without_ticket"] == 1
    assert SAID in everything(database)
    with database.transaction() as session:
        run = apply_rules(session, rules, later)
    assert {one.name: one.count for one in run.deleted} == {
        "settled_tickets": 1,
        "talks_without_ticket": 1,
    }
    assert len(run.conversations) == 2
    with database.reading() as session:
        assert {one.text for one in session.query(Message)} == {"（已删除）"}
        assert session.get_one(Ticket, still_open.id).phone == "13900139000"
    with database.transaction() as session:
        assert apply_rules(session, rules, later).deleted == []


def test_a_running_talk_is_never_too_old(database, make):
    make.queued("等了很久")
    with database.transaction() as session:
        apply_rules(session, read_rules(), datetime.now(UTC) + timedelta(days=4000))
        assert session.query(Conversation).one().mode == "queued"
        assert session.query(Message).filter_by(text="等了很久").count() == 1


async def test_the_bot_forgets_a_talk_some_days_after_its_last_turn(tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path)
    use_keys(settings)
    assert bot_memory.forget_idle(settings, NOW) == 0
    store = EncryptedTrackerStore(
        settings.effective_tracker_db_url, cipher=cipher_of(tracker_environment(settings))
    )
    old, new = NOW - timedelta(days=8), NOW - timedelta(days=1)
    for talk, times in (("old", (old, old)), ("going on", (old, new)), ("new", (new, new))):
        said = [UserUttered(SAID, timestamp=time.timestamp()) for time in times]
        await store.save(DialogueStateTracker.from_events(talk, said))
    before = NOW - timedelta(days=read_rules()["bot_memory"])
    assert bot_memory.idle(settings, before) == ["old"]
    assert bot_memory.forget_idle(settings, before) == 1
    assert bot_memory.forget_idle(settings, before) == 0
    assert sorted(await store.keys()) == ["going on", "new"]
    store.engine.dispose()


@pytest.mark.parametrize("content", ["", "a: 1", "settled_tickets: x", "{"])
def test_wrong_rules_are_refused(tmp_path, content):
    path = tmp_path / "retention.yml"
    path.write_text(content)
    with pytest.raises(InvalidInput):
        read_rules(path)


# Over REST


async def test_over_rest(running):
    ticket = opened(running.make.database)
    body = {"phone": PHONE, "reason": "本人来电"}
    async with running.http(running.make.staff("admin")) as client:
        shown = await client.post("/api/v1/privacy/export", json=body)
        assert shown.json()["tickets"][0]["phone"] == PHONE
        erased = await client.post("/api/v1/privacy/erasures", json=body)
        assert (erased.status_code, erased.json()["kept"]) == (201, [ticket.number])
        waiting = await client.get("/api/v1/privacy/erasures")
        assert waiting.json()["erasures"][0]["kept"] == [ticket.number]
        withdrawn = await client.post("/api/v1/privacy/withdrawals", json=body)
        assert withdrawn.json() == {"withdrawn": 0}
    async with running.http(running.make.staff("supervisor")) as client:
        assert (await client.post("/api/v1/privacy/export", json=body)).status_code == 403
