"""The phrase checker's rules on the command line."""

from pathlib import Path
from typing import Annotated

import typer

from desk.cli.output import console, fail
from desk.locale import t
from scripts_library.checking.checker import Checker, load_checker
from scripts_library.checking.linting import lint
from scripts_library.checking.ruleset_diff import diff
from scripts_library.errors import PhraseError

app = typer.Typer(help="话术规则：检查、比较。", no_args_is_help=True)


@app.command("lint")
def lint_command(
    packs: Annotated[Path | None, typer.Argument(help="规则文件夹；默认为自带规则")] = None,
) -> None:
    """找出不起作用、被遮住、互相矛盾或例子不符的规则。"""
    findings = lint(_load(packs))
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
    try:
        lines = replies.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        fail(t("cli.replies_unreadable", file=replies))
    found = diff(_load(old), _load(new), lines)
    for title, rule_ids in (
        ("cli.rules_added", found.rules_added),
        ("cli.rules_removed", found.rules_removed),
        ("cli.rules_edited", found.rules_changed),
    ):
        if rule_ids:
            print(t(title, rules="、".join(rule_ids)))
    for change in found.changes:
        print(change.text)
        print(*(f"  + {flag.rule_id}「{flag.surface}」" for flag in change.added), sep="\n")
        print(*(f"  - {flag.rule_id}「{flag.surface}」" for flag in change.removed), sep="\n")
    console.print(
        t(
            "cli.rules_changed",
            count=len(found.changes),
            total=found.replies,
            more=found.newly_flagged,
            fewer=found.no_longer_flagged,
        )
    )


def _load(packs: Path | None) -> Checker:
    try:
        return load_checker(packs, paraphrase=None)
    except PhraseError as error:
        fail(str(error))
