"""What people approved on the knowledge pages, written where the training reads it."""

from pathlib import Path
from typing import Annotated

import typer

from desk.cli.lexicon import write_lexicon
from desk.cli.output import console, errors_shown, fail
from desk.installation import open_database
from desk.knowledge.examples import REVIEWED, approved_file
from desk.locale import t
from desk.settings import Settings

app = typer.Typer(help="知识：把审批过的例句和新的名称写给训练用。", no_args_is_help=True)


@app.command("export")
def export_command(
    output: Annotated[Path, typer.Option("--output", "-o", help="写到哪个文件")] = REVIEWED,
) -> None:
    """写出审批通过的训练例句，以及楼盘、产品的名称；看过以后运行 kefu train 才生效。"""
    with errors_shown(), open_database(Settings()) as database, database.reading() as session:
        content = approved_file(session)
        has_new_words = write_lexicon(session)
    is_new = not output.exists() or output.read_text(encoding="utf-8") != content
    try:
        if is_new:
            output.write_text(content, encoding="utf-8")
    except OSError:
        fail(t("cli.knowledge_unwritable", file=output))
    count = content.count("\n      - ")
    key = "cli.knowledge_exported" if is_new else "cli.knowledge_unchanged"
    console.print(t(key, count=count, file=output), soft_wrap=True)
    if is_new or has_new_words:
        console.print(t("cli.knowledge_train"), soft_wrap=True)
