"""`kefu audit`: check and export the audit trail."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from desk.audit.actions import Action
from desk.audit.trail import record
from desk.audit.verification import as_json, entries, verify
from desk.cli.output import console, errors_shown, fail
from desk.installation import open_database
from desk.locale import t
from desk.settings import Settings

app = typer.Typer(help="审计记录：检查是否被改动，导出。", no_args_is_help=True)


@app.command("verify")
def verify_command() -> None:
    """检查审计记录是否完整；如有改动或缺失，指出第一条。"""
    with errors_shown(), open_database(Settings()) as database, database.reading() as session:
        verdict = verify(session)
    if verdict.fault:
        fail(t(f"audit.{verdict.fault}", number=verdict.number, rows=verdict.rows))
    console.print(t("audit.intact", rows=verdict.rows))


@app.command("export")
def export_command(
    file: Annotated[Path, typer.Argument(help="写到这个文件，每行一条 JSON；不能已存在")],
) -> None:
    """导出全部审计记录；文件里有理由和地址，请妥善保管。"""
    with errors_shown(), open_database(Settings()) as database:
        if file.exists():
            fail(t("cli.file_exists", file=file))
        with database.transaction() as session:
            record(session, "system", Action.AUDIT_EXPORTED, "audit")
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        count = 0
        with os.fdopen(handle, "w", encoding="utf-8") as target, database.reading() as session:
            for entry in entries(session):
                target.write(json.dumps(as_json(entry), ensure_ascii=False) + "\n")
                count += 1
    console.print(t("audit.exported", count=count, file=file))
