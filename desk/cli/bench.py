"""`kefu bench`: measures and prints; never judges."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from desk.cli.output import console, errors_shown
from desk.locale import t
from desk.settings import PROJECT_DIR
from scripts_library.measurement import Measurement

REPLIES = PROJECT_DIR.parent / "shared" / "bench" / "agent_replies.txt"

app = typer.Typer(help="测量：速度与准确率，只打印数字。", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="每行一个 JSON 对象")]


@app.command("turn")
def turn_command(as_json: Json = False) -> None:
    """机器人一问一答（含查库）的时间；自己启动一套临时的服务。"""
    from desk.bench_turn import bench_turn

    with errors_shown():
        _report(asyncio.run(bench_turn()), as_json)


@app.command("start")
def start_command(as_json: Json = False) -> None:
    """从启动到机器人第一句回答的时间，空闲时全部进程的内存；自己启动一套临时的服务。"""
    from desk.cli.bench_start import bench_start

    with errors_shown():
        _report(bench_start(), as_json)


@app.command("tracker")
def tracker_command(as_json: Json = False) -> None:
    """一次会话谈到第 10、100、1000 轮时每轮的时间与开销（约一两分钟）。"""
    from desk.bench_tracker import bench_tracker

    with errors_shown():
        _report(asyncio.run(bench_tracker()), as_json)


@app.command("check")
def check_command(as_json: Json = False) -> None:
    """话术检查的速度，与几个常用库并排。"""
    from scripts_library.checking.bench import bench_check

    if not REPLIES.exists():
        console.print(t("cli.no_bench_data"))
        return
    _report(bench_check(REPLIES.read_text(encoding="utf-8").splitlines()), as_json)


@app.command("suggest")
def suggest_command(as_json: Json = False) -> None:
    """话术推荐的速度。"""
    from scripts_library.suggesting.bench import bench_suggest

    _report(bench_suggest(), as_json)


@app.command("nlu")
def nlu_command(as_json: Json = False) -> None:
    """意图识别：解析时间、模型大小、逐意图的交叉验证与最常见的混淆（数分钟）。"""
    from desk.cli.bench_nlu import bench_nlu, cross_validation_table

    with errors_shown():
        _report(bench_nlu(), as_json)
    if not as_json:
        print(cross_validation_table())


@app.command("classifiers")
def classifiers_command(
    epochs: Annotated[int, typer.Option(help="DIET 的训练轮数；0 为不测 DIET")] = 20,
    folds: Annotated[int, typer.Option(help="交叉验证的折数；0 为不做")] = 5,
) -> None:
    """各种意图分类器并排：准确率、训练与解析时间（数十分钟，不在 all 里）。"""
    from desk.cli.bench_classifiers import bench_classifiers

    with errors_shown():
        for line in bench_classifiers(epochs=epochs, folds=folds):
            print(line, flush=True)


@app.command("language")
def language_command(as_json: Json = False) -> None:
    """开发用标注数据（../shared/bench）上的准确率；没有数据就说明。"""
    from desk.bench_language import SCORER, bench_language

    if not SCORER.exists():
        console.print(t("cli.no_bench_data"))
        return
    _report(bench_language(), as_json)


@app.command("tickets")
def tickets_command(as_json: Json = False) -> None:
    """二十万张工单时登记、搜索、巡查、报表的速度；先造数据（一两分钟）。"""
    from desk.bench_tickets import bench_tickets

    with errors_shown():
        _report(bench_tickets(), as_json)


@app.command("load")
def load_command(
    customers: Annotated[int, typer.Option(min=1, max=2000, help="同时在线的客户数")] = 300,
    rate: Annotated[float, typer.Option(min=0.1, help="每秒消息数，所有客户合计")] = 30.0,
    seconds: Annotated[float, typer.Option(min=5, max=1800, help="持续时间")] = 60.0,
    idle: Annotated[int, typer.Option(min=0, max=5000, help="事先另外连接而不说话的客户数")] = 0,
    as_json: Json = False,
) -> None:
    """许多客户同时来访：吞吐、每一步的时间、每个进程的开销，并逐条对账。"""
    from desk.load.bench import Load, bench_load

    with errors_shown():
        _report(asyncio.run(bench_load(Load(customers, rate, seconds, idle))), as_json)


@app.command("pages")
def pages_command(as_json: Json = False) -> None:
    """客户页面多久可用、传输多少；五十位客服在线时工作台多快（约两分钟，需要 Chromium）。"""
    from desk.bench_pages import bench_pages

    with errors_shown():
        figures = asyncio.run(bench_pages())
        # It needs what the first has just found to be there.
        from desk.bench_workbench import bench_workbench

        _report([*figures, *asyncio.run(bench_workbench())], as_json)


@app.command("all")
def all_command(as_json: Json = False) -> None:
    """依次运行全部测量。"""
    for command in (language_command, check_command, suggest_command, turn_command, nlu_command):
        command(as_json)


def _report(figures: Iterable[Measurement], as_json: bool) -> None:
    if as_json:
        for figure in figures:
            print(json.dumps(asdict(figure), ensure_ascii=False))
        return
    table = Table()
    for heading in ("name", "value", "unit", "target", "n"):
        table.add_column(t(f"cli.bench_{heading}"))
    for figure in figures:
        sign = {"lower": "≤", "higher": "≥"}.get(figure.better, "")
        target = "" if figure.target is None else f"{sign} {figure.target:g}"
        table.add_row(figure.name, f"{figure.value:.4g}", figure.unit, target, str(figure.n))
    console.print(table)
