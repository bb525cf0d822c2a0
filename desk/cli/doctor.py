"""`kefu doctor`."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from desk.cli.output import console
from desk.doctor import Finding, Level, examine
from desk.locale import t
from desk.settings import Settings

SIGNS = {
    Level.FINE: "[green]✓[/green]",
    Level.WARNING: "[yellow]![/yellow]",
    Level.WRONG: "[red]✗[/red]",
}


def doctor_command(
    as_json: Annotated[bool, typer.Option("--json", help="每行一个 JSON 对象")] = False,
) -> None:
    """检查这套 kefu 哪里不对、该怎么办；什么也不改。有必须处理的问题时退出码为 1。"""
    levels = []
    for finding in examine(Settings()):
        levels.append(finding.level)
        _show(finding, as_json)
    counts = {"warnings": levels.count(Level.WARNING), "wrong": levels.count(Level.WRONG)}
    if not as_json:
        console.print(t("doctor.some", **counts) if any(counts.values()) else t("doctor.well"))
    raise typer.Exit(1 if counts["wrong"] else 0)


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("doctor")(doctor_command)


def _show(finding: Finding, as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(finding), ensure_ascii=False))
        return
    console.print(SIGNS[finding.level], end=" ")
    console.print(finding.text, markup=False, soft_wrap=True)
    if finding.advice:
        console.print(t("doctor.advice", advice=finding.advice), markup=False, soft_wrap=True)
