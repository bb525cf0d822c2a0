"""Backups: whole while others write, encrypted, checked by restoring, between databases."""

import io
import tarfile
import threading
from datetime import UTC, datetime

import pytest
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import create_engine, func, select, text

from bot.tracker_cipher import TrackerCipher
from bot.tracker_store import EncryptedTrackerStore
from desk import age
from desk.backup.reading import opened, restore, verify
from desk.backup.writing import write_backup
from desk.conversations import service as conversations
from desk.conversations.models import Conversation, Message
from desk.database import Database
from desk.demo import load_demo
from desk.encryption import personal_data
from desk.errors import Conflict, InvalidInput
from desk.settings import Settings
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.search import text_matches
from desk.tickets.service import open_ticket
from tests.desk.conftest import POSTGRES_URL, missing_service
from tests.desk.test_encryption import attach

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
PUBLIC, PRIVATE = age.new_identity()
PASSPHRASE = "一段足够长的备份口令123"
PHOTO = b"\xff\xd8" + bytes(range(256)) * 40


def settings_of(database, folder):
    folder.mkdir(exist_ok=True)
    return Settings(
        _env_file=None,
        data_dir=folder,
        database_url=database.engine.url.render_as_string(hide_password=False),
        tracker_db_url=f"sqlite:///{folder / 'tracker.db'}",
    )


async def filled(database, folder):
    """A desk with demo data, a talk, a ticket with a photo, and the bot's record of the talk."""
    with database.transaction() as session:
        load_demo(session)
        talk, _token = conversations.open_conversation(session, now=NOW)
        conversations.add_customer_message(
            session, talk.id, client_id="a1", text="卧室漏水😀，" + "很严重" * 99
        )
        new = NewTicket(
            kind="repair",
            description="卧室漏水",
            conversation_id=talk.id,
            has_consent=True,
            customer_name="王丽",
            phone="13800138000",
        )
        ticket_id = open_ticket(session, new).id
    attach(database, ticket_id, "photo1", PHOTO)
    settings = settings_of(database, folder)
    keys = dict(personal_data().tracker_keys)
    store = EncryptedTrackerStore(
        settings.effective_tracker_db_url, cipher=TrackerCipher(lambda: keys)
    )
    await store.save(DialogueStateTracker.from_events(talk.id, [UserUttered("卧室漏水")]))
    store.engine.dispose()
    return settings


def backup_to(settings, path):
    return write_backup(settings, path, now=NOW, recipients=[PUBLIC])


def empty_settings(folder):
    folder.mkdir()
    return Settings(
        _env_file=None,
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'new.db'}",
        tracker_db_url=f"sqlite:///{folder / 'new-tracker.db'}",
    )


def fresh_postgres():
    """A database of its own, dropped afterwards."""
    engine = create_engine(POSTGRES_URL, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS kefu_restore WITH (FORCE)"))
            connection.execute(text("CREATE DATABASE kefu_restore"))
    except Exception:
        missing_service("PostgreSQL")
    yield engine.url.set(database="kefu_restore").render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE kefu_restore WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request, tmp_path):
    """An empty installation to restore into."""
    settings = empty_settings(tmp_path / "new")
    if request.param == "sqlite":
        yield settings
        return
    for url in fresh_postgres():
        yield settings.model_copy(update={"database_url": url, "tracker_db_url": url})


async def test_what_is_restored_is_what_was_saved(database, tmp_path, target):
    settings = await filled(database, tmp_path / "old")
    file = tmp_path / "backup.kefu.age"
    manifest = backup_to(settings, file)
    assert manifest.tables["ticket"].rows == 1
    assert manifest.tables["attachment"].rows == 1
    assert manifest.tracker.rows == 1
    with opened(file, identity=PRIVATE) as backup:
        assert restore(target, backup) == []
    restored = Database(target.effective_database_url)
    with restored.reading() as session:
        ticket = session.query(Ticket).one()
        assert (ticket.customer_name, ticket.phone) == ("王丽", "13800138000")
        assert session.scalar(select(func.count()).where(text_matches("卧室漏水"))) == 1
        assert session.scalar(text("SELECT count(*) FROM attachment")) == 1
    with restored.transaction() as session:
        # Numbers go on where they were.
        again = NewTicket(kind="repair", description="门坏了")
        assert open_ticket(session, again).id == ticket.id + 1
    restored.dispose()


async def test_nothing_is_readable_without_the_key_and_keys_are_not_inside(database, tmp_path):
    settings = await filled(database, tmp_path / "old")
    file = tmp_path / "backup.kefu.age"
    backup_to(settings, file)
    raw = file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    assert raw.startswith(age.MAGIC)
    assert "漏水".encode() not in raw
    _public, another = age.new_identity()
    for identity in (another, "no key"):
        with pytest.raises(InvalidInput), opened(file, identity=identity):
            pass
    with tarfile.open(fileobj=io.BytesIO(age.open_sealed(raw, identity=PRIVATE))) as tar:
        inside = b"".join(tar.extractfile(one).read() for one in tar)
    assert "漏水".encode() in inside
    assert b"13800138000" not in inside
    assert PHOTO[:40] not in inside


async def test_by_passphrase(sqlite_url, tmp_path):
    from desk.encryption import use_key
    from tests.desk.support import ENCRYPTION_KEY

    use_key(ENCRYPTION_KEY)
    database = Database(sqlite_url)
    settings = await filled(database, tmp_path / "old")
    file = tmp_path / "backup.kefu.age"
    with pytest.raises(InvalidInput):
        write_backup(settings, file, now=NOW, passphrase="kurz")
    assert not list(tmp_path.glob("backup*"))
    write_backup(settings, file, now=NOW, passphrase=PASSPHRASE)
    with pytest.raises(InvalidInput), opened(file, passphrase="falsch falsch falsch"):
        pass
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with opened(file, passphrase=PASSPHRASE) as backup:
        assert verify(backup, scratch) == []
    database.dispose()


async def test_whole_while_others_write(database, tmp_path):
    """Every talk has its messages, and no message lacks its talk, whenever the backup was taken."""
    settings = await filled(database, tmp_path / "old")
    stop = threading.Event()
    written = []

    def write():
        while not stop.is_set():
            with database.transaction() as session:
                talk, _token = conversations.open_conversation(session, now=NOW)
                for number in range(3):
                    conversations.add_customer_message(
                        session, talk.id, client_id=f"m{number}", text=f"第{number}句"
                    )
            written.append(talk.id)
            stop.wait(0.01)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        files = []
        for number in range(2):
            file = tmp_path / f"backup{number}.age"
            backup_to(settings, file)
            files.append(file)
    finally:
        stop.set()
        writer.join()
    assert len(written) > 2
    for number, file in enumerate(files):
        scratch = tmp_path / f"scratch{number}"
        scratch.mkdir()
        with opened(file, identity=PRIVATE) as backup:
            assert verify(backup, scratch) == []
        restored = Database(f"sqlite:///{scratch / 'verify.db'}")
        with restored.reading() as session:
            talks = session.query(Conversation).all()
            counts = dict(
                session.execute(
                    select(Message.conversation_id, func.count()).group_by(Message.conversation_id)
                ).all()
            )
            assert {one.id: one.last_seq for one in talks} == counts
        restored.dispose()


async def test_altered_and_foreign_files_are_refused(sqlite_url, tmp_path, database):
    settings = await filled(database, tmp_path / "old")
    file = tmp_path / "backup.kefu.age"
    backup_to(settings, file)
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    for name, content in (
        ("a", bytes(raw)),
        ("b", bytes(raw[:-500])),
        ("c", b"letter"),
        ("d", b""),
    ):
        broken = tmp_path / name
        broken.write_bytes(content)
        with pytest.raises(InvalidInput), opened(broken, identity=PRIVATE):
            pass
    foreign = tmp_path / "foreign.age"
    foreign.write_bytes(age.seal(b"no tar", recipients=[PUBLIC]))
    with pytest.raises(InvalidInput), opened(foreign, identity=PRIVATE):
        pass
    with opened(file, identity=PRIVATE) as backup, pytest.raises(Conflict):
        restore(settings, backup)


def test_the_commands(monkeypatch, tmp_path):
    from typer.testing import CliRunner

    from desk.cli import app

    monkeypatch.setenv("KEFU_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("KEFU_DATABASE_URL", raising=False)
    runner = CliRunner()

    def kefu(*arguments):
        return runner.invoke(app, [str(one) for one in arguments])

    key, file = tmp_path / "key.txt", tmp_path / "one.age"
    public = kefu("backup", "keygen", key).stdout.strip()
    assert key.stat().st_mode & 0o077 == 0
    assert kefu("db", "demo").exit_code == 0
    assert kefu("backup", "--to", public, "-o", file).exit_code == 0
    assert kefu("backup", "--to", public, "-o", file).exit_code == 1
    checked = kefu("backup", "verify", file, "--key", key)
    assert (checked.exit_code, "home\t12" in checked.stdout) == (0, True)
    refused = kefu("restore", file, "--key", key)
    assert refused.exit_code == 1
    assert "已有数据" in refused.stderr
    assert kefu("restore", file, "--key", key, "--replace").exit_code == 0
    assert list((tmp_path / "var").glob("kefu.db.before-restore-*"))
    wrong = kefu("restore", tmp_path / "key.txt", "--key", key, "--replace")
    assert "不是 kefu 的备份文件" in wrong.stderr
    database = Database(f"sqlite:///{tmp_path / 'var' / 'kefu.db'}")
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM home")) == 12
    database.dispose()
