"""`kefu bench`: measures and prints; never judges."""

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Annotated, Protocol

import typer
from rich.table import Table

from desk.cli.output import console, errors_shown
from desk.locale import t

app = typer.Typer(help="测量：速度与准确率，只打印数字。", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="每行一个 JSON 对象")]


class Measurement(Protocol):
    """A figure: what was measured, its value, and which direction is better."""

    name: str
    value: float
    unit: str
    target: float | None
    better: str
    n: int


@app.command("turn")
def turn_command(as_json: Json = False) -> None:
    """机器人一问一答（含查库）的时间；自己启动一套临时的服务。"""
    from desk.bench_turn import bench_turn

    _report(lambda: asyncio.run(bench_turn()), as_json)


@app.command("check")
def check_command(as_json: Json = False) -> None:
    """话术检查的速度，与几个常用库并排。"""
    from scripts_library.bench_check import bench_check

    _report(bench_check, as_json)


@app.command("suggest")
def suggest_command(as_json: Json = False) -> None:
    """话术推荐的速度。"""
    from scripts_library.bench_suggest import bench_suggest

    _report(bench_suggest, as_json)


@app.command("nlu")
def nlu_command(as_json: Json = False) -> None:
    """意图识别：交叉验证、解析时间与模型大小。"""
    from bot.evaluate import bench_nlu

    _report(bench_nlu, as_json)


@app.command("language")
def language_command(as_json: Json = False) -> None:
    """开发用标注数据（../shared/bench）上的准确率；没有数据就说明。"""
    from desk.bench_language import bench_language

    _report(bench_language, as_json)


@app.command("all")
def all_command(as_json: Json = False) -> None:
    """依次运行全部测量。"""
    for command in (language_command, nlu_command, check_command, suggest_command, turn_command):
        command(as_json)


def _report(measure: Callable[[], Iterable[Measurement]], as_json: bool) -> None:
    with errors_shown():
        figures = list(measure())
    if as_json:
        for figure in figures:
            print(json.dumps(_as_dict(figure), ensure_ascii=False))
        return
    table = Table()
    for heading in ("name", "value", "unit", "target", "n"):
        table.add_column(t(f"cli.bench_{heading}"))
    for figure in figures:
        sign = {"lower": "≤", "higher": "≥"}.get(figure.better, "")
        target = "" if figure.target is None else f"{sign} {figure.target:g}"
        table.add_row(figure.name, f"{figure.value:.4g}", figure.unit, target, str(figure.n))
    console.print(table)


def _as_dict(figure: Measurement) -> dict[str, object]:
    names = ("name", "value", "unit", "target", "better", "n")
    return {name: getattr(figure, name) for name in names}
