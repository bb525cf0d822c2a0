"""`kefu seal`: sealed copies of what was deleted, opened with the private key kept offline."""

import json
from pathlib import Path
from typing import Annotated

import typer

from desk.audit.actions import Action
from desk.audit.trail import SYSTEM, record
from desk.cli.output import errors_shown, fail
from desk.installation import open_database
from desk.locale import t
from desk.sealing import service
from desk.settings import Settings

app = typer.Typer(help="已删除内容的封存件。", no_args_is_help=True)


@app.command("list")
def list_command(
    subject: Annotated[str | None, typer.Argument(help="工单编号或会话编号")] = None,
) -> None:
    """列出封存件：编号、种类、对象、封存时间、经手人、密钥编号。"""
    with errors_shown(), open_database(Settings()) as database, database.reading() as session:
        for one in service.copies(session, subject):
            at = one.sealed_at.isoformat(timespec="seconds")
            print("\t".join((str(one.id), one.kind, one.subject, at, one.actor, one.key_id)))


@app.command("open")
def open_command(
    copy_id: Annotated[int, typer.Argument(help="封存件编号")],
    key: Annotated[Path, typer.Option("--key", help="离线保管的私钥文件")],
) -> None:
    """用私钥打开一份封存件，内容以 JSON 显示；审计记录里会留下这次打开。"""
    if not key.is_file():
        fail(t("cli.no_file", file=key))
    identity = key.read_text(encoding="utf-8")
    with errors_shown(), open_database(Settings()) as database, database.transaction() as session:
        original = service.unseal(session, copy_id, identity)
        record(session, SYSTEM, Action.UNSEALED, f"sealed copy {copy_id}")
    print(json.dumps(original, ensure_ascii=False, indent=1))
