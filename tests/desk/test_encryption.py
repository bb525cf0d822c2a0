"""Encrypted columns, the key ring and where it comes from, rotation while others write."""

import base64
import json
import os
import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import text
from structlog.testing import capture_logs

from desk import encryption
from desk.clock import utc_now
from desk.encryption import PersonalData, UnreadableValue, personal_data, use_personal_data
from desk.errors import InvalidInput
from desk.key_ring import (
    KeyRing,
    load_ring,
    new_key,
    ring_from_one,
    save_ring,
    use_keys,
    values_of,
)
from desk.key_rotation import encrypted_columns, left_over, re_encrypt
from desk.settings import Settings
from desk.tickets.domain import NewTicket
from desk.tickets.models import Attachment, Ticket
from desk.tickets.service import open_ticket, tickets_for_phone

PHONE, NAME, ROOM = "13800138000", "王丽", "1201"
PLACE = "ticket.phone"


@pytest.fixture(autouse=True)
def key_put_back():
    before = encryption._personal_data
    yield
    encryption._personal_data = before


def settings_in(folder: Path, **values):
    return Settings(_env_file=None, data_dir=folder, **values)


def opened(database, **values):
    new = NewTicket(
        kind="repair",
        description="窗户漏水",
        has_consent=True,
        **{"customer_name": NAME, "phone": PHONE, "room": ROOM, **values},
    )
    with database.transaction() as session:
        return open_ticket(session, new).id


def stored(database, column="phone"):
    with database.reading() as session:
        return list(session.scalars(text(f"SELECT {column} FROM ticket ORDER BY id")))


# One value


def test_a_value_comes_back_and_no_two_look_alike():
    data = PersonalData(ring_from_one(Fernet.generate_key().decode()))
    one, two = data.encrypt("王丽 🏠", PLACE), data.encrypt("王丽 🏠", PLACE)
    assert one != two
    assert one.startswith("b1:")
    assert data.decrypt(one, PLACE) == data.decrypt(two, PLACE) == "王丽 🏠"


@pytest.mark.parametrize("place", [3, 10, 25, -2])
def test_an_altered_value_is_not_read(place):
    data = PersonalData(ring_from_one(Fernet.generate_key().decode()))
    sealed = data.encrypt(PHONE, PLACE)
    raw = bytearray(sealed.encode())
    raw[place] = ord("A") if raw[place] != ord("A") else ord("B")
    with pytest.raises(UnreadableValue) as caught:
        data.decrypt(raw.decode(), PLACE)
    assert PHONE not in str(caught.value)


@pytest.mark.parametrize("text", ["", "k9:abc", "k1:", "b1:", "k1:%%%", "b1:%%%", "王丽", "gAAAA"])
def test_what_is_no_value_of_ours_is_an_error_without_its_text(text):
    data = PersonalData(ring_from_one(Fernet.generate_key().decode()))
    with pytest.raises(UnreadableValue) as caught:
        data.decrypt(text, PLACE)
    assert "王丽" not in str(caught.value)


def test_values_of_old_installations_are_read(tmp_path):
    key = Fernet.generate_key()
    (tmp_path / "secrets.json").write_text(
        json.dumps({"rasa_token": "a", "action_token": "b", "encryption_key": key.decode()})
    )
    settings = settings_in(tmp_path)
    use_keys(settings)
    assert personal_data().decrypt(Fernet(key).encrypt(b"old").decode(), PLACE) == "old"
    assert personal_data().encrypt("new", PLACE).startswith("b1:")
    # The index must find what it found before.
    assert personal_data().index(PHONE) == PersonalData(ring_from_one(key.decode())).index(PHONE)
    assert settings.secret_values["rasa_token"] == "a"
    assert json.loads((tmp_path / "secrets.json").read_text())["action_token"] == "b"


def test_a_value_is_read_only_where_it_belongs():
    data = PersonalData(ring_from_one(Fernet.generate_key().decode()))
    with pytest.raises(UnreadableValue):
        data.decrypt(data.encrypt(PHONE, "ticket.phone"), "ticket.email")
    photo = data.encrypt_bytes(b"\xff\xd8photo", "attachment.content")
    assert photo.startswith(b"b1:")
    assert data.decrypt_bytes(photo, "attachment.content") == b"\xff\xd8photo"
    with pytest.raises(UnreadableValue):
        data.decrypt_bytes(photo, "chat_photo.content")
    for broken in (b"", b"b1:", b"b7:" + photo[3:], b"\xff\xd8photo", photo[:-1]):
        with pytest.raises(UnreadableValue):
            data.decrypt_bytes(broken, "attachment.content")


def old_form(ring, plain):
    """A value as it was written before values were bound to their column."""
    nonce = os.urandom(12)
    sealed = AESGCM(ring.field_keys[1]).encrypt(nonce, plain.encode(), b"kefu field")
    return "k1:" + base64.b64encode(nonce + sealed).decode()


def test_values_bound_to_no_column_are_still_read():
    ring = ring_from_one(Fernet.generate_key().decode())
    assert PersonalData(ring).decrypt(old_form(ring, NAME), "ticket.customer_name") == NAME


# Where keys come from


def test_secrets_are_made_once_for_us_alone(tmp_path):
    first = load_ring(settings_in(tmp_path / "new"))
    path = tmp_path / "new" / "secrets.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert values_of(load_ring(settings_in(tmp_path / "new"))) == values_of(first)
    assert len({first.field_keys[1], first.index_key, first.seal_key}) == 3


def test_two_processes_make_the_same_secrets(tmp_path):
    rings = []
    threads = [
        threading.Thread(target=lambda: rings.append(values_of(load_ring(settings_in(tmp_path)))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rings) == 8
    assert all(ring == rings[0] for ring in rings)


def test_others_lose_the_right_to_read_secrets(tmp_path):
    load_ring(settings_in(tmp_path))
    path = tmp_path / "secrets.json"
    path.chmod(0o644)
    with capture_logs() as logs:
        load_ring(settings_in(tmp_path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert logs[0]["event"] == "secrets.were_readable_by_others"


def encoded(key):
    return base64.b64encode(key).decode()


def test_keys_by_environment_or_file(tmp_path):
    ring = KeyRing({1: new_key(), 4: new_key()}, new_key(), new_key())
    given = {str(version): encoded(key) for version, key in ring.field_keys.items()}
    by_environment = settings_in(
        tmp_path, keys=given, index_key=encoded(ring.index_key), seal_key=encoded(ring.seal_key)
    )
    assert load_ring(by_environment).current == 4
    assert encoded(ring.index_key) not in repr(by_environment)
    with pytest.raises(InvalidInput):
        save_ring(by_environment, ring)
    (tmp_path / "keys.json").write_text(json.dumps(values_of(ring)))
    by_file = settings_in(tmp_path, keys_file=tmp_path / "keys.json")
    assert values_of(load_ring(by_file)) == values_of(ring)
    child = Settings(_env_file=None, **by_environment.model_dump())
    assert child.environment()["KEFU_KEYS"] == json.dumps(given)


@pytest.mark.parametrize("keys", [{}, {"1": "short"}, {"x": encoded(b"k" * 32)}, {"0": "a"}])
def test_malformed_keys_are_refused(tmp_path, keys):
    (tmp_path / "keys.json").write_text(json.dumps({"keys": keys, "index_key": ""}))
    with pytest.raises(InvalidInput) as caught:
        load_ring(settings_in(tmp_path, keys_file=tmp_path / "keys.json"))
    assert caught.value.key == "errors.keys_invalid"


def test_a_running_process_learns_of_a_new_key(tmp_path):
    settings = settings_in(tmp_path)
    use_keys(settings)
    running = personal_data()
    save_ring(settings, load_ring(settings).with_new_key())
    use_keys(settings)
    fresh = personal_data().encrypt(PHONE, PLACE)
    assert fresh.startswith("b2:")
    assert running.decrypt(fresh, PLACE) == PHONE
    assert running.encrypt(PHONE, PLACE).startswith("b2:")


# Rotation


def test_every_encrypted_column_is_known():
    names = {f"{table.name}.{column.name}" for table, column in encrypted_columns()}
    assert {
        "ticket.customer_name",
        "ticket.phone",
        "ticket.room",
        "ticket.email",
        "staff.totp_secret",
        "outbox_message.address",
        "audit_entry.note",
        "attachment.content",
        "outbox_attachment.content",
    } <= names


def test_every_encrypted_column_is_bound_to_itself():
    for table, column in encrypted_columns():
        assert column.type.place == f"{table.name}.{column.name}"


def test_values_swapped_between_columns_are_noticed(database):
    opened(database)
    with database.transaction() as session:
        session.execute(text("UPDATE ticket SET customer_name = phone, phone = customer_name"))
    with database.reading() as session, pytest.raises(UnreadableValue):
        session.query(Ticket).all()


def attach(database, ticket_id, name, content):
    photo = Attachment(
        id=name,
        ticket_id=ticket_id,
        name=f"{name}.jpg",
        media_type="image/jpeg",
        size=len(content),
        sha256="0" * 64,
        content=content,
        uploaded_by="li",
        created_at=utc_now(),
    )
    with database.transaction() as session:
        session.add(photo)


def held(database):
    with database.reading() as session:
        rows = session.execute(text("SELECT id, content FROM attachment ORDER BY id"))
        return {name: bytes(content) for name, content in rows}


def test_files_are_encrypted_and_rotation_encrypts_those_of_before(database, tmp_path):
    settings = settings_in(tmp_path)
    use_keys(settings)
    ticket_id = opened(database)
    files = {f"photo{number:02}": b"\xff\xd8" + os.urandom(999) for number in range(20)}
    for name, content in files.items():
        attach(database, ticket_id, name, content)
    assert all(content.startswith(b"b1:") for content in held(database).values())
    assert not any(files[name] in content for name, content in held(database).items())
    with database.transaction() as session:
        plain = {"id": "photo03", "content": files["photo03"]}
        session.execute(text("UPDATE attachment SET content = :content WHERE id = :id"), plain)
    with database.reading() as session:
        assert session.get_one(Attachment, "photo03").content == files["photo03"]
        assert [(one.column, one.count) for one in left_over(session)] == [("content", 1)]
    save_ring(settings, load_ring(settings).with_new_key())
    use_keys(settings)
    re_encrypt(database)
    assert all(content.startswith(b"b2:") for content in held(database).values())
    with database.reading() as session:
        assert {one.id: one.content for one in session.query(Attachment)} == files
        assert left_over(session) == []


def test_rotation_rewrites_all_and_the_index_still_finds(database, tmp_path):
    settings = settings_in(tmp_path)
    use_keys(settings)
    for _ in range(5):
        opened(database)
    before = stored(database)
    save_ring(settings, load_ring(settings).with_new_key())
    use_keys(settings)
    with database.reading() as session:
        assert {(one.column, one.count) for one in left_over(session)} >= {("phone", 5)}
    done = re_encrypt(database, batch=2)
    assert {(one.table, one.column): one.count for one in done}["ticket", "room"] == 5
    after = stored(database)
    assert not set(before) & set(after)
    assert all(value.startswith("b2:") for value in after)
    ring = load_ring(settings)
    save_ring(settings, ring.without(frozenset(ring.field_keys)))
    use_keys(settings)
    with database.reading() as session:
        assert left_over(session) == []
        found = tickets_for_phone(session, PHONE)
        assert [(one.customer_name, one.room) for one in found] == [(NAME, ROOM)] * 5


def test_rotation_cut_short_goes_on_where_it_stopped(database, tmp_path):
    settings = settings_in(tmp_path)
    use_keys(settings)
    for _ in range(6):
        opened(database)
    save_ring(settings, load_ring(settings).with_new_key())
    use_keys(settings)

    def cut(_count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        re_encrypt(database, batch=4, on_progress=cut)
    names = stored(database, "customer_name")
    assert sorted(name[:3] for name in names) == ["b1:"] * 2 + ["b2:"] * 4
    re_encrypt(database, batch=4)
    assert all(name.startswith("b2:") for name in stored(database, "customer_name"))


def test_rotation_does_not_undo_what_is_written_meanwhile(database, tmp_path):
    settings = settings_in(tmp_path)
    use_keys(settings)
    ids = [opened(database) for _ in range(30)]
    save_ring(settings, load_ring(settings).with_new_key())
    use_keys(settings)
    phones = {}

    def write():
        for number, ticket_id in enumerate(ids):
            phones[ticket_id] = f"139{number:08d}"
            with database.transaction() as session:
                session.get_one(Ticket, ticket_id).phone = phones[ticket_id]

    writer = threading.Thread(target=write)
    writer.start()
    re_encrypt(database, batch=3)
    writer.join()
    re_encrypt(database, batch=3)
    with database.reading() as session:
        assert left_over(session) == []
        assert {one.id: one.phone for one in session.query(Ticket)} == phones


def test_rotation_reads_the_values_of_old_installations(database, tmp_path):
    key = Fernet.generate_key()
    use_personal_data(PersonalData(ring_from_one(key.decode())))
    opened(database)
    old = Fernet(key).encrypt(PHONE.encode()).decode()
    with database.transaction() as session:
        session.execute(text("UPDATE ticket SET phone = :old"), {"old": old})
    re_encrypt(database)
    assert stored(database)[0].startswith("b1:")
    with database.reading() as session:
        assert session.query(Ticket).one().phone == PHONE
