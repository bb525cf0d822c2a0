"""The `kefu` command: one module per group of commands."""

import os

# Before any OpenMP library is loaded, or it is ignored: a sentence is too short to share between
# threads, and threads that wait for one another by spinning made training five times slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import typer

from desk.cli import (
    audit,
    backup,
    bench,
    data,
    doctor,
    keys,
    knowledge,
    language,
    privacy,
    report,
    rules,
    run,
    seal,
    staff,
    training,
)

app = typer.Typer(
    name="kefu",
    help="客服：首问机器人、投诉登记、人工坐席与话术检查。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

for module in (run, training, language, data, backup, report, doctor):
    module.register(app)
app.add_typer(staff.app, name="user")
app.add_typer(data.database_app, name="db")
app.add_typer(rules.app, name="rules")
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(bench.app, name="bench")
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.add_typer(privacy.app, name="privacy")
app.add_typer(seal.app, name="seal")


def main() -> None:
    """Run the command line. What it writes, only this user may read."""
    os.umask(0o077)
    app()
