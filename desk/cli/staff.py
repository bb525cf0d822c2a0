"""Staff accounts on the command line."""

from typing import Annotated

import typer
from sqlalchemy import select

from desk.accounts import second_factor
from desk.accounts.models import Role, Staff
from desk.accounts.service import (
    change_staff,
    create_staff,
    reset_second_factor,
    set_password,
)
from desk.cli.output import console, errors_shown
from desk.installation import open_database
from desk.locale import t
from desk.settings import Settings

app = typer.Typer(help="员工账号。", no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="登录名")]


@app.command("add")
def add_command(
    login: Login,
    display_name: Annotated[str, typer.Option("--name", help="显示给客户的称呼")],
    role: Annotated[
        str,
        typer.Option(help="agent、qa、supervisor、manager、director、department、admin"),
    ] = "agent",
    department: Annotated[str | None, typer.Option(help="部门，承办部门账号必填")] = None,
    email: Annotated[str | None, typer.Option(help="邮箱，紧急事项会发到这里")] = None,
) -> None:
    """新建账号（第一个管理员也用它，--role admin）；密码在终端里输入两遍，不出现在命令里。"""
    password = _ask_password()
    with errors_shown():
        with open_database(Settings()) as database, database.transaction() as session:
            create_staff(
                session,
                login=login,
                display_name=display_name,
                role=role,
                password=password,
                department=department,
                email=email,
            )
        console.print(t("cli.user_added", login=login))


@app.command("list")
def list_command() -> None:
    """列出账号。"""
    with open_database(Settings()) as database, database.reading() as session:
        for staff in session.scalars(select(Staff).order_by(Staff.role, Staff.login)):
            state = "" if staff.is_active else t("cli.user_inactive")
            factor = t("cli.user_factor") if staff.has_second_factor else ""
            print(f"{staff.role:<11}{staff.login:<16}{staff.display_name} {state}{factor}".rstrip())


@app.command("password")
def password_command(login: Login) -> None:
    """重设密码，解除锁定，并结束此账号的所有登录。"""
    password = _ask_password()
    with errors_shown():
        with open_database(Settings()) as database, database.transaction() as session:
            set_password(session, login, password)
        console.print(t("cli.user_changed", login=login))


@app.command("change")
def change_command(
    login: Login,
    role: Annotated[str | None, typer.Option(help="新的岗位")] = None,
    department: Annotated[str | None, typer.Option(help="新的部门")] = None,
    active: Annotated[bool | None, typer.Option("--enable/--disable", help="启用或停用")] = None,
) -> None:
    """修改岗位、部门或停用账号；此账号的登录立即结束。"""
    with errors_shown():
        with open_database(Settings()) as database, database.transaction() as session:
            change_staff(session, login, role=role, department=department, is_active=active)
        console.print(t("cli.user_changed", login=login))


@app.command("reset-factor")
def reset_factor_command(login: Login) -> None:
    """员工丢失手机和恢复码时，清除其两步验证。"""
    with errors_shown():
        with open_database(Settings()) as database, database.transaction() as session:
            reset_second_factor(session, login)
        console.print(t("cli.user_changed", login=login))


@app.command("require-factor")
def require_factor_command(
    role: Annotated[Role, typer.Argument(help="岗位")],
    off: Annotated[bool, typer.Option("--off", help="不再要求")] = False,
) -> None:
    """要求某个岗位的所有人使用两步验证，从下一次登录开始。"""
    with errors_shown():
        with open_database(Settings()) as database, database.transaction() as session:
            second_factor.require_for(session, role, is_needed=not off, actor="system")
        console.print(t("cli.rule_changed", role=role))


def _ask_password() -> str:
    return str(typer.prompt(t("cli.password"), hide_input=True, confirmation_prompt=True))
