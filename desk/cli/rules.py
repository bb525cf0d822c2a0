"""The phrase checker's rules on the command line."""

from pathlib import Path
from typing import Annotated

import typer

from desk.cli.output import console, fail
from desk.locale import t
from scripts_library.checking.checker import Checker, load_checker
from scripts_library.checking.linting import lint
from scripts_library.checking.packs import PACKS_DIR
from scripts_library.checking.report import (
    BEGIN,
    END,
    as_table,
    measure,
    put_between_marks,
    read_labelled,
    read_wording,
)
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


@app.command("report")
def report_command(
    labelled: Annotated[
        Path | None, typer.Option(help="带标签的 JSON 行文件；默认用 data/wording 的例句")
    ] = None,
    into: Annotated[
        Path | None, typer.Option(help="写进这个 Markdown 文件的两个标记之间，不打印")
    ] = None,
) -> None:
    """按类别给出召回率和精确率；自带例句的模型一栏按交叉验证（约一分钟）。"""
    table = _own_table() if labelled is None else _labelled_table(labelled)
    if into is None:
        print(table, end="")
        return
    try:
        into.write_text(put_between_marks(into.read_text("utf-8"), table), encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        fail(t("cli.file_unreadable", file=into))
    except ValueError:
        fail(t("cli.report_unmarked", file=into, begin=BEGIN, end=END))
    console.print(t("cli.report_written", file=into))


@app.command("export")
def export_command(
    folder: Annotated[Path, typer.Argument(help="写到这个文件夹；必须是空的或还没有")],
) -> None:
    """把已发布的规则写成 YAML 规则包（自带规则加上发布过的修改）。"""
    from desk.installation import open_database
    from desk.rulebook.export import packs_with
    from desk.rulebook.publishing import published
    from desk.settings import Settings

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        fail(t("cli.rules_folder_full", folder=folder))
    with open_database(Settings()) as database, database.reading() as session:
        overlay = published(session)
    packs = {file.name: file.read_bytes() for file in PACKS_DIR.glob("*.yml")}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in packs_with(overlay, packs).items():
        (folder / name).write_text(text, encoding="utf-8")
    changes = len(overlay.changed) + len(overlay.removed)
    console.print(t("cli.rules_exported", folder=folder, changes=changes))


def _own_table() -> str:
    from scripts_library.checking.paraphrase.held_out import HeldOutModel

    lists = _load(None)
    try:
        items = read_wording()
        both = Checker(lists.rule_set, paraphrases=HeldOutModel())
    except PhraseError as error:
        fail(str(error))
    return as_table(measure(lists, items), measure(both, items))


def _labelled_table(file: Path) -> str:
    try:
        items = read_labelled(file)
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError):
        fail(t("cli.labelled_unreadable", file=file))
    return as_table(measure(_load(None), items), measure(load_checker(), items))


def _load(packs: Path | None) -> Checker:
    try:
        return load_checker(packs, paraphrase=None)
    except PhraseError as error:
        fail(str(error))
