"""The phrase checker's rules on the command line."""

from pathlib import Path
from typing import Annotated

import typer

from desk.cli.output import console, fail
from desk.locale import t

app = typer.Typer(help="话术规则：检查、比较。", no_args_is_help=True)


@app.command("lint")
def lint_command(
    packs: Annotated[Path | None, typer.Argument(help="规则文件夹；默认为自带规则")] = None,
) -> None:
    """找出不起作用、被遮住、互相矛盾或例子不符的规则。"""
    from scripts_library.errors import PhraseError
    from scripts_library.lint import lint

    try:
        findings = lint(packs)
    except PhraseError as error:
        fail(str(error))
    for finding in findings:
        print(finding)
    if findings:
        raise typer.Exit(1)
    console.print(t("cli.rules_clean"))


@app.command("diff")
def diff_command(
    old: Annotated[Path, typer.Argument(help="原规则文件夹")],
    new: Annotated[Path, typer.Argument(help="新规则文件夹")],
    replies: Annotated[Path, typer.Option(help="每行一条回复的文本文件")],
) -> None:
    """看一次规则改动会让哪些回复的结论不同。"""
    from scripts_library.errors import PhraseError
    from scripts_library.lint import diff

    try:
        lines = replies.read_text(encoding="utf-8").splitlines()
        changes = diff(old, new, lines)
    except (PhraseError, OSError, UnicodeDecodeError) as error:
        fail(str(error))
    for change in changes:
        print(change)
    console.print(t("cli.rules_changed", count=len(changes), total=len(lines)))
