"""`kefu train`: builds every model that its inputs have changed since."""

from typing import Annotated

import typer

from desk.cli.output import console, errors_shown, step
from desk.locale import t
from desk.settings import Settings
from desk.training import MODELS, is_current, train


def train_command(
    force: Annotated[bool, typer.Option("--force", help="即使数据没有变化也重新训练")] = False,
    only: Annotated[str | None, typer.Option(help="只训练一个模型的名字")] = None,
) -> None:
    """训练话术、投诉分类、排序和机器人模型；数据没有变化的跳过。"""
    settings = Settings()
    with errors_shown():
        for model in MODELS:
            if only and model.name != only:
                continue
            if not force and is_current(model, settings):
                console.print(t("cli.model_current", title=t(f"cli.model_{model.name}")))
                continue
            with step(t("cli.training", title=t(f"cli.model_{model.name}"))):
                train(model, settings)


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("train")(train_command)
