"""A sweeper that dies between claiming its tickets and committing: the next one does it, once."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from desk.database import Database
from desk.escalation.service import sweep
from desk.settings import PROJECT_DIR
from tests.desk.escalation.conftest import at

SWEEPER = Path(__file__).with_name("sweeper_process.py")
LATE = at("2026-11-25 10:00")


def start_sweeper(url: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_DIR)}
    command = [sys.executable, str(SWEEPER), url, LATE.isoformat()]
    return subprocess.Popen(
        command, env=environment, cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True
    )


def test_the_next_sweep_does_what_a_killed_one_had_begun(database_url, database, opened, look):
    ticket = opened()
    sweeper = start_sweeper(database_url)
    try:
        assert sweeper.stdout is not None
        assert sweeper.stdout.readline().strip() == "1"
        # It has raised the ticket in its own transaction only.
        assert look.rows(ticket) == []
    finally:
        sweeper.send_signal(signal.SIGKILL)
        sweeper.wait(20)
        sweeper.stdout.close()
    assert sweep_until_claimed(database) == 1
    assert [row.level for row in look.rows(ticket)] == [0, 1, 1, 2]
    assert len(look.entries(ticket, "escalated")) == 1
    with database.transaction() as session:
        assert sweep(session, LATE) == 0


def sweep_until_claimed(database: Database) -> int:
    """The database notices the death of a client in its own time."""
    for _ in range(1000):
        with database.transaction() as session:
            if handled := sweep(session, LATE):
                return handled
    return 0
