"""`kefu keys`: the keys of personal data."""

import time
from typing import Annotated

import typer

from desk.cli.output import console, errors_shown, step
from desk.encryption import LOOK_AGAIN_S, personal_data
from desk.installation import open_database
from desk.key_ring import load_ring, ring_file, save_ring
from desk.key_rotation import left_over, re_encrypt
from desk.locale import t
from desk.privacy import bot_memory
from desk.settings import Settings
from desk.tracker_keys import write_tracker_keys

app = typer.Typer(help="加密个人信息的密钥。", no_args_is_help=True)


@app.command("rotate")
def rotate_command(
    resume: Annotated[
        bool, typer.Option("--resume", help="不生成新密钥，只继续重新加密剩下的内容")
    ] = False,
    drop_old: Annotated[
        bool, typer.Option("--drop-old", help="完成后删除旧密钥；之前的备份将无法读取个人信息")
    ] = False,
) -> None:
    """换一把密钥，并在运行中分批重新加密所有个人信息；中断后可用 --resume 继续。"""
    settings = Settings()
    with errors_shown(), open_database(settings) as database:
        is_ours = ring_file(settings) is not None
        if is_ours and not resume:
            save_ring(settings, load_ring(settings).with_new_key())
            write_tracker_keys(settings, load_ring(settings))
            with step(t("keys.waiting")):
                # Longer than running processes need to learn of the new key.
                time.sleep(2 * LOOK_AGAIN_S)
        with step(t("keys.rotating", version=personal_data().current_version)):
            done = re_encrypt(database)
            events = bot_memory.re_encrypt(settings)
        with database.reading() as session:
            left = left_over(session)
        if events:
            print(f"tracker.events\t{events}")
        for one in done:
            if one.count:
                print(f"{one.table}.{one.column}\t{one.count}")
        if left:
            console.print(t("keys.left", count=sum(one.count for one in left)))
            raise typer.Exit(1)
        if drop_old and is_ours:
            ring = load_ring(settings)
            save_ring(settings, ring.without(frozenset(ring.field_keys)))
            write_tracker_keys(settings, load_ring(settings))
        console.print(t("keys.done"))


@app.command("status")
def status_command() -> None:
    """显示当前密钥版本，以及还有多少内容使用旧密钥。"""
    settings = Settings()
    with errors_shown(), open_database(settings) as database, database.reading() as session:
        print(t("keys.current", version=personal_data().current_version))
        for one in left_over(session):
            print(f"{one.table}.{one.column}\t{one.count}")
        if events := bot_memory.left_over(settings):
            print(f"tracker.events\t{events}")
