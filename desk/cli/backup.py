"""`kefu backup`, `kefu restore`: encrypted, while kefu runs, checked by restoring."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url

from desk.age import new_identity
from desk.backup.reading import Backup, opened, refuse_filled, restore, verify
from desk.backup.writing import write_backup
from desk.cli.output import console, errors_shown, fail, step
from desk.clock import utc_now
from desk.errors import Conflict
from desk.installation import open_database
from desk.locale import t
from desk.migrate import upgrade
from desk.settings import Settings

PASSPHRASE = "KEFU_BACKUP_PASSPHRASE"

app = typer.Typer(help="备份（加密，运行中也可以）与校验。", invoke_without_command=True)

To = Annotated[
    list[str] | None, typer.Option("--to", help="收件公钥（age1…），可多个；不写则使用口令")
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="备份文件；默认放在数据目录")]
Key = Annotated[Path | None, typer.Option("--key", help="私钥文件；不写则使用口令")]


@app.callback()
def backup_command(context: typer.Context, to: To = None, output: Output = None) -> None:
    """把全部数据（含附件和机器人的会话记录）写进一个 age 加密文件；密钥不在其中。"""
    if context.invoked_subcommand:
        return
    settings = Settings()
    path = output or settings.data_dir / f"backup-{datetime.now():%Y%m%d-%H%M%S}.kefu.age"
    if path.exists():
        fail(t("cli.file_exists", file=path))
    recipients = to or settings.backup_recipients
    with errors_shown():
        with open_database(settings):
            pass
        passphrase = None if recipients else _asked(t("backup.passphrase"), confirm=True)
        with step(t("cli.backing_up", file=path)):
            manifest = write_backup(
                settings, path, now=utc_now(), recipients=recipients, passphrase=passphrase
            )
    count = sum(one.rows for one in manifest.tables.values())
    console.print(t("backup.written", tables=len(manifest.tables), rows=count))


@app.command("keygen")
def keygen_command(
    target: Annotated[Path, typer.Argument(help="私钥文件，请离线保存")],
) -> None:
    """生成一对密钥：私钥写进文件，公钥显示出来。"""
    if target.exists():
        fail(t("cli.file_exists", file=target))
    public, private = new_identity()
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(private)
    print(public)
    console.print(t("backup.key_made", file=target))


@app.command("verify")
def verify_command(file: Annotated[Path, typer.Argument(help="备份文件")], key: Key = None) -> None:
    """恢复到一个空数据库，逐表比较行数和校验值；不影响现有数据。"""
    with errors_shown(), _opened(file, key) as backup, tempfile.TemporaryDirectory() as scratch:
        with step(t("backup.verifying")):
            _tell_difference(verify(backup, Path(scratch)))
        for name, held in backup.manifest.tables.items():
            if held.rows:
                print(f"{name}\t{held.rows}")
        if backup.manifest.tracker:
            print(f"tracker\t{backup.manifest.tracker.rows}")
        console.print(t("backup.verified", at=backup.manifest.created_at))


def restore_command(
    file: Annotated[Path, typer.Argument(help="kefu backup 写出的文件")],
    key: Key = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="代替现有数据；现有的 SQLite 文件另存")
    ] = False,
) -> None:
    """把备份恢复到数据库；先停止 kefu。数据库里已有数据时不会覆盖，除非 --replace。"""
    settings = Settings()
    with errors_shown():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with _opened(file, key) as backup:
            _make_room(settings, replace=replace)
            with step(t("cli.restoring", file=file)):
                _tell_difference(restore(settings, backup))
    console.print(t("backup.restored", at=backup.manifest.created_at))


def register(app_: typer.Typer) -> None:
    """Add this module's commands."""
    app_.add_typer(app, name="backup")
    app_.command("restore")(restore_command)


@contextmanager
def _opened(file: Path, key: Path | None) -> Iterator[Backup]:
    if key is not None and not key.is_file():
        fail(t("cli.no_file", file=key))
    identity = key.read_text(encoding="utf-8") if key else None
    passphrase = None if key else _asked(t("backup.passphrase"))
    with opened(file, identity=identity, passphrase=passphrase) as backup:
        yield backup


def _make_room(settings: Settings, *, replace: bool) -> None:
    """Put what is there aside (SQLite); a PostgreSQL database must be emptied by its owner."""
    url = make_url(settings.effective_database_url)
    files = [
        Path(one.database)
        for one in (url, make_url(settings.effective_tracker_db_url))
        if one.get_backend_name() == "sqlite" and one.database
    ]
    try:
        upgrade(settings.effective_database_url)
        refuse_filled(settings)
    except Conflict:
        if not replace or url.get_backend_name() != "sqlite":
            raise
    stamp = f"{datetime.now():%Y%m%d-%H%M%S}"
    for path in files:
        for old in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            if old.exists():
                old.rename(old.with_name(f"{old.name}.before-restore-{stamp}"))


def _tell_difference(names: list[str]) -> None:
    if names:
        fail(t("backup.differs", tables="、".join(names)))


def _asked(question: str, *, confirm: bool = False) -> str:
    given = os.environ.get(PASSPHRASE)
    return given or str(typer.prompt(question, hide_input=True, confirmation_prompt=confirm))
