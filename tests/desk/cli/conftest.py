"""The command line on an installation of its own."""

import pytest
from typer.testing import CliRunner

from desk.cli import app


@pytest.fixture
def kefu(tmp_path, monkeypatch):
    """Return a function that runs `kefu ...` on an empty installation."""
    monkeypatch.setenv("KEFU_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("KEFU_DATABASE_URL", raising=False)
    monkeypatch.setattr("desk.cli.data.write_lexicon", lambda session: False)
    runner = CliRunner()

    def run(*arguments: str, stdin: str | None = None):
        return runner.invoke(app, list(arguments), input=stdin)

    return run
