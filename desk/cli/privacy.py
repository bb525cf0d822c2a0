"""`kefu privacy`: a customer's own data, deletion, retention."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from desk.accounts.models import Role, Staff
from desk.cli.output import console, errors_shown, fail
from desk.clock import utc_now
from desk.installation import open_database
from desk.locale import t
from desk.privacy import bot_memory, service
from desk.privacy.retention import BOT_MEMORY, Deleted, apply_rules, overdue, read_rules
from desk.settings import Settings

app = typer.Typer(help="个人信息：导出本人数据、删除、保存期限。", no_args_is_help=True)

Reason = Annotated[str, typer.Option(help="理由，以及如何核实了身份；写入审计记录")]


@app.command("export")
def export_command(
    file: Annotated[Path, typer.Argument(help="写到这个 JSON 文件；不能已存在")],
    reason: Reason,
) -> None:
    """导出一位客户本人的全部数据；电话在终端里输入，不出现在命令里。"""
    phone = typer.prompt(t("privacy.phone"), hide_input=True)
    with errors_shown():
        if file.exists():
            fail(t("cli.file_exists", file=file))
        with open_database(Settings()) as database, database.transaction() as session:
            found = service.export_own(session, _operator(), phone=phone, reason=reason)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as target:
            json.dump(found, target, ensure_ascii=False, indent=2)
    console.print(t("privacy.exported", file=file))


@app.command("erase")
def erase_command(reason: Reason) -> None:
    """按客户要求删除其个人信息；未办结的工单保留到办结。"""
    phone = typer.prompt(t("privacy.phone"), hide_input=True)
    settings = Settings()
    with errors_shown(), open_database(settings) as database:
        with database.transaction() as session:
            _found, outcome = service.erase_person(session, _operator(), phone=phone, reason=reason)
        bot_memory.forget(settings, outcome.cleared_conversations)
    console.print(t("privacy.done", tickets=outcome.tickets, conversations=outcome.conversations))
    if outcome.kept:
        console.print(t("privacy.kept", numbers="、".join(outcome.kept)))


@app.command("retention")
def retention_command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只显示会删除多少，不删除")] = False,
) -> None:
    """按 data/retention.yml 删除超过保存期限的数据（服务台运行时每小时自动进行）。"""
    settings = Settings()
    with errors_shown(), open_database(settings) as database:
        rules, now = read_rules(), utc_now()
        with database.reading() as session:
            found = overdue(session, rules, now)
        before = now - timedelta(days=rules[BOT_MEMORY])
        talks = len(bot_memory.idle(settings, before))
        found.append(Deleted(BOT_MEMORY, rules[BOT_MEMORY], talks))
        for one in found:
            print(f"{t(f'privacy.class_{one.name}')}\t{one.days}\t{one.count}")
        if not dry_run:
            bot_memory.forget_idle(settings, before)
        while not dry_run:
            with database.transaction() as session:
                run = apply_rules(session, rules, now)
            bot_memory.forget(settings, run.conversations)
            if not run.deleted:
                return


def _operator() -> Staff:
    """Return who works at the machine's own command line: whoever can, can read all files."""
    return Staff(login="system", display_name="system", role=Role.ADMIN)
