"""Staff accounts on the command line."""

from typing import Annotated

import typer
from sqlalchemy import select

from desk.accounts.models import Staff
from desk.accounts.service import create_staff
from desk.cli.output import console, errors_shown
from desk.installation import open_database
from desk.locale import t
from desk.settings import Settings

app = typer.Typer(help="员工账号。", no_args_is_help=True)


@app.command("add")
def add_command(
    login: Annotated[str, typer.Argument(help="登录名")],
    display_name: Annotated[str, typer.Option("--name", help="显示给客户的称呼")],
    role: Annotated[str, typer.Option(help="agent、qa、supervisor、department、admin")] = "agent",
    department: Annotated[str | None, typer.Option(help="部门，承办部门账号必填")] = None,
) -> None:
    """新建账号；密码在终端里输入两遍，不出现在命令里。"""
    password = typer.prompt(t("cli.password"), hide_input=True, confirmation_prompt=True)
    with errors_shown():
        with open_database(Settings()) as database, database.transaction() as session:
            create_staff(
                session,
                login=login,
                display_name=display_name,
                role=role,
                password=password,
                department=department,
            )
        console.print(t("cli.user_added", login=login))


@app.command("list")
def list_command() -> None:
    """列出账号。"""
    with open_database(Settings()) as database, database.reading() as session:
        for staff in session.scalars(select(Staff).order_by(Staff.role, Staff.login)):
            state = "" if staff.is_active else t("cli.user_inactive")
            print(f"{staff.role:<11}{staff.login:<16}{staff.display_name} {state}".rstrip())
