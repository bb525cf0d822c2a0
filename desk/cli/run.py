"""`kefu setup`, `kefu up`, `kefu serve` and `kefu chat`."""

import asyncio
import os
import signal
import uuid
from enum import StrEnum
from typing import Annotated

import typer

from desk.bot_client import BotClient
from desk.cli.lexicon import write_lexicon
from desk.cli.output import console, errors_shown, fail, is_interactive, step
from desk.cli.training import train_command
from desk.demo import DEMO_LOGINS, DEMO_PASSWORD, is_empty, load_demo
from desk.errors import BotUnavailable
from desk.installation import open_database
from desk.locale import t
from desk.migrate import upgrade
from desk.processes import Service, Supervisor, desk_service, port_is_free, rasa_services
from desk.settings import PROJECT_DIR, Settings


def setup_command() -> None:
    """准备好一切但不启动：数据库、演示数据、模型。"""
    settings = Settings()
    with errors_shown():
        with step(t("cli.migrating")), open_database(settings) as database:
            with database.transaction() as session:
                if settings.demo and is_empty(session):
                    load_demo(session)
            with database.reading() as session:
                write_lexicon(session)
        train_command(force=False, only=None)


def up_command() -> None:
    """启动 kefu：准备好一切，运行机器人和服务台，按 Ctrl-C 全部停止。"""
    setup_command()
    launch(Settings())


def launch(settings: Settings) -> None:
    """Run the bot and the desk until they are stopped."""
    rasa_ports = range(settings.rasa_port, settings.rasa_port + settings.rasa_processes)
    for port in (settings.port, settings.action_port, *rasa_ports):
        host = settings.host if port == settings.port else "127.0.0.1"
        if not port_is_free(host, port):
            fail(t("cli.port_taken", port=port))
    with errors_shown():
        asyncio.run(_run(settings))


class Part(StrEnum):
    """What a machine or container can run by itself."""

    DESK = "desk"
    RASA = "rasa"


def serve_command(part: Annotated[Part, typer.Argument(help="desk 或 rasa")]) -> None:
    """只运行一个部件，用于容器和多台机器；各部件按 KEFU_ 设置互相找到。"""
    settings = Settings()
    with errors_shown():
        if part == Part.DESK:
            # Several desks that start at once wait for one another here.
            upgrade(settings.effective_database_url)
            _become(desk_service(settings))
        else:
            _become(rasa_services(settings)[0])


def chat_command() -> None:
    """在终端里和机器人说话；先在另一个窗口运行 kefu up。"""
    asyncio.run(_chat(Settings()))


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("setup")(setup_command)
    app.command("up")(up_command)
    app.command("serve")(serve_command)
    app.command("chat")(chat_command)


def _become(service: Service) -> None:
    """Go on as this program, under the same process id: signals reach it directly."""
    os.chdir(PROJECT_DIR)
    os.execve(service.command[0], service.command, service.environment)


async def _run(settings: Settings) -> None:
    supervisor = Supervisor(
        settings.data_dir / "log",
        on_restart=lambda service: console.print(t("cli.restarting", name=service.name)),
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, supervisor.stop)
    desk, rasa = desk_service(settings), rasa_services(settings)
    try:
        for service in (*rasa, desk):
            supervisor.start(service)
        with step(t("cli.starting_desk")):
            await supervisor.wait_ready(desk)
        with step(t("cli.starting_rasa")):
            for service in rasa:
                await supervisor.wait_ready(service)
        _print_addresses(settings)
        await supervisor.run_until_stopped()
        console.print(t("cli.stopping"))
    finally:
        await supervisor.finish()


def _print_addresses(settings: Settings) -> None:
    base = f"http://{settings.host}:{settings.port}"
    console.print(t("cli.addresses", base=base), soft_wrap=True)
    if settings.demo:
        console.print(t("cli.demo_logins", password=DEMO_PASSWORD))
        for demo in DEMO_LOGINS:
            console.print(f"  {demo.login:<10} {t(f'cli.role_{demo.role}')} · {demo.display_name}")
    console.print(t("cli.how_to_stop"))


async def _chat(settings: Settings) -> None:
    client = BotClient(
        settings.effective_rasa_urls,
        token=settings.secret_values["rasa_token"],
        timeout_s=settings.rasa_timeout_s,
    )
    conversation_id = f"terminal-{uuid.uuid4().hex[:12]}"
    text = ""
    payload: str | None = "/greet"
    try:
        while True:
            turn = await client.send(conversation_id, text, payload, {})
            for message in turn.messages:
                print(f"{t('cli.bot')}：{message.text}")
                for button in message.buttons:
                    print(f"    [{button['title']}]")
            text = await asyncio.to_thread(input, f"{t('cli.you')}：" if is_interactive() else "")
            payload = None
    except (EOFError, KeyboardInterrupt):
        return
    except BotUnavailable:
        fail(t("cli.bot_unavailable"))
