"""Accounts, keys, audit trail and privacy on the command line."""

import json
import stat

import pytest

from desk.database import Database
from desk.key_ring import load_ring, use_keys
from desk.privacy.consent import use_notice
from desk.settings import Settings
from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket

PHONE = "13800138000"


@pytest.fixture
def installed(kefu, tmp_path, monkeypatch):
    """An installation without demo data; the waiting for running processes is left out."""
    monkeypatch.setattr("desk.cli.keys.LOOK_AGAIN_S", 0)
    monkeypatch.setattr("desk.encryption.LOOK_AGAIN_S", 0)
    assert kefu("db", "upgrade").exit_code == 0
    return Settings(_env_file=None, data_dir=tmp_path / "var")


def add_admin(kefu, password="correct-horse-2026"):
    stdin = f"{password}\n{password}\n"
    return kefu("user", "add", "root", "--name", "管理员", "--role", "admin", stdin=stdin)


def test_an_installation_without_demo_has_no_account_until_one_is_made(kefu, installed):
    assert kefu("user", "list").stdout == ""
    assert add_admin(kefu, "1234567890").exit_code == 1
    assert add_admin(kefu).exit_code == 0
    assert "root" in kefu("user", "list").stdout


def test_accounts_are_changed_by_commands(kefu, installed):
    add_admin(kefu)
    fresh = "another-password\nanother-password\n"
    assert kefu("user", "password", "root", stdin=fresh).exit_code == 0
    assert kefu("user", "change", "root", "--role", "qa", "--disable").exit_code == 0
    assert "停用" in kefu("user", "list").stdout
    assert kefu("user", "reset-factor", "root").exit_code == 0
    assert kefu("user", "require-factor", "admin").exit_code == 0
    assert kefu("user", "change", "nobody", "--disable").exit_code == 1
    assert "共 5 条" in kefu("audit", "verify").stderr


def test_keys_are_rotated_and_old_ones_dropped(kefu, installed):
    opened(installed)
    result = kefu("keys", "rotate", "--drop-old")
    assert result.exit_code == 0, result.output
    assert "ticket.phone\t1" in result.stdout
    assert list(load_ring(installed).field_keys) == [2]
    assert kefu("keys", "status").stdout == "当前密钥版本：2\n"
    assert kefu("keys", "rotate", "--resume").exit_code == 0


def test_the_audit_trail_is_exported_for_its_reader_alone(kefu, installed, tmp_path):
    add_admin(kefu)
    file = tmp_path / "audit.jsonl"
    assert kefu("audit", "export", str(file)).exit_code == 0
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [row["action"] for row in rows] == ["account_created", "audit_exported"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kefu("audit", "export", str(file)).exit_code == 1


def test_a_tampered_trail_is_named(kefu, installed):
    add_admin(kefu)
    database = Database(installed.effective_database_url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE audit_entry SET actor = 'nobody'")
    database.dispose()
    result = kefu("audit", "verify")
    assert result.exit_code == 1
    assert "第 1 条被改动" in result.stderr


def test_a_customers_data_is_shown_and_deleted(kefu, installed, tmp_path):
    number = opened(installed)
    file = tmp_path / "own.json"
    shown = kefu("privacy", "export", str(file), "--reason", "本人来电", stdin=f"{PHONE}\n")
    assert shown.exit_code == 0, shown.output
    assert PHONE not in shown.output
    assert json.loads(file.read_text("utf-8"))["tickets"][0]["phone"] == PHONE
    erased = kefu("privacy", "erase", "--reason", "本人来电", stdin=f"{PHONE}\n")
    assert number in erased.stderr
    dry = kefu("privacy", "retention", "--dry-run")
    assert "会话" in dry.stdout
    assert kefu("privacy", "retention").exit_code == 0


def opened(settings):
    use_keys(settings)
    use_notice("说明")
    database = Database(settings.effective_database_url)
    new = NewTicket(kind="repair", description="窗户漏水", has_consent=True, phone=PHONE)
    with database.transaction() as session:
        number = open_ticket(session, new).number
    database.dispose()
    return number
