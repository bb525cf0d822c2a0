"""Database, import."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from desk.audit.actions import Action
from desk.audit.trail import SYSTEM, record
from desk.catalog.importer import import_file
from desk.cli.lexicon import write_lexicon
from desk.cli.output import console, errors_shown, fail, step
from desk.deadlines.imported import import_calendar, read_days
from desk.deadlines.service import calendar_warning, read_profile, use_days
from desk.demo import load_demo
from desk.errors import DeskError
from desk.installation import open_database
from desk.locale import t
from desk.migrate import downgrade, upgrade
from desk.settings import Settings

database_app = typer.Typer(help="数据库：建表、升级、演示数据。", no_args_is_help=True)


@database_app.command("upgrade")
def upgrade_command() -> None:
    """把数据库升级到当前版本（没有就新建）。"""
    with errors_shown(), step(t("cli.migrating")):
        settings = Settings()
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        upgrade(settings.effective_database_url)


@database_app.command("downgrade")
def downgrade_command(
    revision: Annotated[str, typer.Argument(help="要退回的版本，例如 0002")],
    yes: Annotated[bool, typer.Option("--yes", help="不再询问")] = False,
) -> None:
    """把数据库退回较早的版本；之后版本才有的数据会丢失，请先备份。"""
    if not yes:
        typer.confirm(t("cli.confirm_downgrade", revision=revision), abort=True)
    with errors_shown(), step(t("cli.downgrading", revision=revision)):
        downgrade(Settings().effective_database_url, revision)


@database_app.command("demo")
def demo_command() -> None:
    """装入演示数据：一个楼盘、门窗目录、十二张订单、常见问题和演示账号。"""
    with errors_shown():
        with open_database(Settings()) as database, database.transaction() as session:
            load_demo(session)
        console.print(t("cli.demo_loaded"))


@database_app.command("check")
def check_command() -> None:
    """检查服务标准、节假日安排和数据库版本；有问题时退出码为 1。"""
    settings, problems = Settings(), []
    try:
        read_profile(settings.company_file)
    except DeskError as error:
        problems += [t(error.key, **error.details), *error.details.get("problems", ())]
    with errors_shown(), open_database(settings) as database, database.reading() as session:
        use_days(read_days(session))
    warning = calendar_warning()
    for problem in (*problems, *([warning] if warning else [])):
        console.print(f"  • {problem}", markup=False, soft_wrap=True)
    if problems:
        fail(t("cli.check_failed", count=len(problems)))
    console.print(t("cli.checked"))


def import_command(
    kind: Annotated[
        str,
        typer.Argument(help="homes 房源、products 产品、orders 订单、faq 问答、calendar 节假日"),
    ],
    file: Annotated[
        Path, typer.Argument(help="CSV（UTF-8 或 GB18030）或 XLSX 文件；节假日：CSV 或 YAML")
    ],
) -> None:
    """导入公司自己的数据和节假日安排：要么全部导入，要么一行不动。"""
    if kind == "calendar":
        _import_calendar(file)
        return
    with errors_shown():
        with open_database(Settings()) as database, database.transaction() as session:
            report = import_file(session, file, kind)
            _note_import(session, kind, report.added + report.changed)
            has_new_words = write_lexicon(session)
        console.print(
            t(
                "cli.imported",
                added=report.added,
                changed=report.changed,
                unchanged=report.unchanged,
            )
        )
        if has_new_words:
            console.print(t("cli.retrain_hint"))


def _note_import(session: Session, kind: str, rows: int | None = None) -> None:
    record(session, SYSTEM, Action.IMPORTED, f"catalogue {kind}", rows=rows)


def _import_calendar(file: Path) -> None:
    with errors_shown():
        with open_database(Settings()) as database, database.transaction() as session:
            report = import_calendar(session, file)
            _note_import(session, "calendar")
        console.print(
            t(
                "cli.calendar_imported",
                years="、".join(map(str, report.years)),
                holidays=report.holidays,
                workdays=report.workdays,
            )
        )


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("import")(import_command)
