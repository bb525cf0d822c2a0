"""`kefu train`: builds every model whose inputs have changed."""

import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import typer

from desk.bot_models import id_of_model, running_servers, wait_for_model
from desk.cli.output import console, errors_shown, step
from desk.locale import t
from desk.settings import Settings
from desk.training import MODELS, RASA_MODEL, Model, is_current, train


def train_command(
    force: Annotated[bool, typer.Option("--force", help="即使数据没有变化也重新训练")] = False,
    only: Annotated[str | None, typer.Option(help="只训练一个模型的名字")] = None,
) -> None:
    """训练机器人、话术、投诉分类和排序模型；数据没有变化的跳过。"""
    settings = Settings()
    chosen = [model for model in MODELS if only in (None, model.name)]
    stale = [model for model in chosen if force or not is_current(model, settings)]
    for model in chosen:
        if model not in stale:
            console.print(t("cli.model_current", title=_title(model)))
    if not stale:
        return
    # The bot is trained in a process of its own, so the others do not wait for it.
    # Stopping early is meant there; the library's own filter does not reach other threads.
    warnings.filterwarnings("ignore", message="lbfgs failed to converge")
    title = t("cli.training", titles="、".join(map(_title, stale)))
    with errors_shown(), step(title), ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(lambda model: train(model, settings), stale))
    if any(model.output == RASA_MODEL for model in stale):
        _follow(settings)


def _follow(settings: Settings) -> None:
    """If the bot runs, wait until it has taken the new model into service."""
    servers = running_servers(settings)
    if not servers:
        return
    with step(t("cli.changing_model")):
        is_taken = wait_for_model(servers, id_of_model(settings.models_dir / RASA_MODEL))
    if not is_taken:
        console.print(f"[yellow]![/yellow] {t('cli.model_not_taken')}", soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("train")(train_command)


def _title(model: Model) -> str:
    return t(f"cli.model_{model.name}")
