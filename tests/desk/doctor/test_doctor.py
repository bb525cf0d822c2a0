"""`kefu doctor` names what is wrong, each kind once, and what to do."""

import json
import socket
from collections import namedtuple
from contextlib import closing
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from desk import doctor
from desk.cli import app
from desk.clock import utc_now
from desk.conversations import service as conversations
from desk.demo import load_demo
from desk.doctor import Level, machine, stores
from desk.installation import open_database
from desk.locale import texts
from desk.migrate import upgrade
from desk.settings import Settings


@pytest.fixture
def settings(tmp_path):
    """An installation of its own, not yet set up."""
    return Settings(
        _env_file=None, data_dir=tmp_path / "var", port=free_port(), action_port=free_port(),
        rasa_port=free_port(),
    )  # fmt: skip


def free_port():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def level_of(findings, name):
    return next(one.level for one in findings if one.name == name)


def test_before_the_set_up_nothing_is_made(settings):
    found = list(stores.examine_stores(settings))
    assert [(one.name, one.level) for one in found] == [("database", Level.WARNING)]
    assert "kefu setup" in found[0].advice
    assert not settings.data_dir.exists()


def test_an_installation_is_looked_over(settings):
    with open_database(settings) as database, database.transaction() as session:
        load_demo(session)
    found = list(stores.examine_stores(settings))
    assert {one.level for one in found} == {Level.FINE}
    settings.demo = False
    accounts = [one for one in stores.examine_stores(settings) if one.name == "accounts"]
    assert accounts[0].level == Level.WRONG
    assert "xiaoli" in accounts[0].text


def test_an_old_database_is_named(settings):
    settings.data_dir.mkdir(mode=0o700)
    upgrade(settings.effective_database_url, "0001")
    (found,) = stores.examine_stores(settings)
    assert (found.level, "0001" in found.text) == (Level.WARNING, True)


def test_a_server_that_is_away_tells_no_password(settings):
    settings.database_url = f"postgresql+psycopg://kefu:geheim@127.0.0.1:{free_port()}/kefu"
    settings.redis_url = f"redis://:geheim@127.0.0.1:{free_port()}/0"
    found = list(stores.examine_stores(settings))
    assert [(one.name, one.level) for one in found] == [
        ("redis", Level.WRONG),
        ("database", Level.WRONG),
    ]
    assert "geheim" not in "".join(one.text + one.advice for one in found)


def test_a_clock_set_back_is_noticed(database):
    with database.transaction() as session:
        conversation, _ = conversations.open_conversation(session)
        later = utc_now() + timedelta(hours=1)
        conversations.add_customer_message(
            session, conversation.id, client_id="m1", text="在吗", now=later
        )
    with database.reading() as session:
        found = stores._clock(session)
    assert (found.name, found.level) == ("clock", Level.WRONG)


@pytest.mark.parametrize(
    ("free_gib", "level"), [(50, Level.FINE), (1, Level.WARNING), (0.1, Level.WRONG)]
)
def test_little_disk_is_told_before_it_is_full(settings, monkeypatch, free_gib, level):
    usage = namedtuple("usage", "free")(free_gib * machine.GIB)
    monkeypatch.setattr(machine.psutil, "disk_usage", lambda _: usage)
    assert level_of(machine.examine_machine(settings), "disk") == level


def test_files_others_may_read_are_named(settings):
    settings.data_dir.mkdir()
    (settings.data_dir / "kefu.db").touch(mode=0o600)
    assert level_of(machine.examine_machine(settings), "privacy") == Level.FINE
    (settings.data_dir / "kefu.db").chmod(0o644)
    assert level_of(machine.examine_machine(settings), "privacy") == Level.WARNING


def test_a_foreign_program_on_our_ports_is_named(settings):
    assert level_of(machine.examine_machine(settings), "desk") == Level.WARNING
    with closing(socket.socket()) as desk, closing(socket.socket()) as rasa:
        for one, port in ((desk, settings.port), (rasa, settings.rasa_port)):
            one.bind(("127.0.0.1", port))
        found = list(machine.examine_machine(settings))
    assert level_of(found, "desk") == Level.WRONG
    assert level_of(found, "rasa") == Level.WRONG


def test_models_older_than_their_data_are_named(settings, tmp_path, monkeypatch):
    settings.models_dir = tmp_path
    assert doctor._models(settings).level == Level.WRONG
    for model in doctor.MODELS:
        (tmp_path / model.output).touch()
    assert doctor._models(settings).level == Level.WARNING
    monkeypatch.setattr(doctor, "is_current", lambda *_: True)
    assert doctor._models(settings).level == Level.FINE


@pytest.mark.parametrize(
    ("values", "level"),
    [
        ({}, Level.FINE),
        ({"host": "0.0.0.0"}, Level.WRONG),
        ({"host": "0.0.0.0", "demo": False}, Level.WARNING),
        ({"host": "0.0.0.0", "demo": False, "secure_cookies": True}, Level.FINE),
    ],
)
def test_trying_out_is_told_from_serving_customers(settings, values, level):
    for name, value in values.items():
        setattr(settings, name, value)
    assert doctor._exposure(settings).level == level


def test_a_broken_company_file_is_a_finding_and_no_traceback(settings, tmp_path):
    settings.company_file = tmp_path / "company.yml"
    assert doctor._company(settings).level == Level.WRONG
    settings.company_file.write_text("name: [")
    assert doctor._company(settings).level == Level.WRONG


def test_the_command_prints_everything_and_fails_for_what_must_be_mended(tmp_path, monkeypatch):
    monkeypatch.setenv("KEFU_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("KEFU_MODELS_DIR", str(tmp_path))
    result = CliRunner().invoke(app, ["doctor", "--json"])
    findings = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert {one["name"] for one in findings} <= set(texts("doctor"))
    assert all(one["advice"] for one in findings if one["level"] != "fine")
