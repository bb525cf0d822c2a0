"""The language parts on the command line: JSON lines or plain text in, the same out."""

from typing import Annotated, Any

import typer

from desk.cli.lines import Item, run_lines
from desk.cli.output import fail
from desk.locale import t
from desk.settings import Settings
from desk.training import RASA_MODEL

Texts = Annotated[list[str] | None, typer.Argument(help="文字；不写则从标准输入逐行读")]


def check_command(texts: Texts = None) -> None:
    """检查回复用语：{"text"} → {"flags", "excused", "promises", "ruleset_version"}。"""
    from scripts_library import load_checker

    checker = load_checker()
    _run(lambda item: checker.check(_text(item)).to_dict(), _show_check, texts)


def parse_command(texts: Texts = None) -> None:
    """理解客户的话：{"text"} → {"intent", "confidence", "ranking", "entities"}。"""
    from bot.parse import load_parser

    model = Settings().models_dir / RASA_MODEL
    if not model.exists():
        fail(t("cli.no_model"))
    parser = load_parser(model)
    _run(lambda item: parser.parse(_text(item)), _show_parse, texts)


def classify_command(texts: Texts = None) -> None:
    """投诉分类：{"text"} → {"category", "severity", "department", "reasons"}。"""
    from scripts_library.triage.classifier import classify

    _run(lambda item: classify(_text(item)).to_dict(), _show_triage, texts)


def rank_command() -> None:
    """候选回复排序：{"query", "candidates"} → {"order": [最合适的在前]}。"""
    from scripts_library.suggesting.ranking.ranker import rank

    def answer(item: Item) -> Item:
        candidates = item["candidates"]
        if not all(isinstance(text, str) for text in candidates):
            raise TypeError
        return {"order": rank(str(item["query"]), candidates)}

    _run(answer, lambda _, result: str(result["order"]), None)


def suggest_command(texts: Texts = None) -> None:
    """推荐话术：{"text"} 或 {"messages", "intent", "step"} → {"suggestions"}。"""
    from scripts_library.suggesting.suggester import SuggestionContext, load_suggester

    suggester = load_suggester()

    def answer(item: Item) -> Item:
        messages = item.get("messages") or [["customer", _text(item)]]
        context = SuggestionContext(
            messages=tuple((str(sender), str(text)) for sender, text in messages),
            intent=item.get("intent"),
            step=item.get("step"),
            ticket_state=item.get("ticket_state"),
            known=dict(item.get("known") or {}),
        )
        found = suggester.suggest(context, k=int(item.get("k", 3)))
        return {"suggestions": [suggestion.to_dict() for suggestion in found]}

    _run(answer, _show_suggestions, texts)


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("check")(check_command)
    app.command("parse")(parse_command)
    app.command("classify")(classify_command)
    app.command("rank")(rank_command)
    app.command("suggest")(suggest_command)


def _run(answer: Any, show: Any, texts: list[str] | None) -> None:
    if run_lines(answer, show, texts or []):
        raise typer.Exit(1)


def _text(item: Item) -> str:
    text = item["text"]
    if not isinstance(text, str):
        raise TypeError
    return text


def _show_check(question: Item, result: Item) -> str:
    lines = [t("cli.check_clean") if not result["flags"] else ""]
    for flag in result["flags"]:
        surface = question["text"][flag["start"] : flag["end"]]
        lines.append(
            t(
                "cli.check_flag",
                severity=t(f"cli.severity_{flag['severity']}"),
                surface=surface,
                reason=flag["reason"],
                clause=flag["clause"],
            )
        )
        lines += [t("cli.check_better", text=text) for text in flag["better"]]
    lines += [
        t("cli.check_excused", surface=excused["surface"], why=excused["why"])
        for excused in result["excused"]
    ]
    return "\n".join(line for line in lines if line)


def _show_parse(_: Item, result: Item) -> str:
    found = "，".join(f"{entity['entity']}={entity['value']}" for entity in result["entities"])
    return f"{result['intent']}（{result['confidence']:.2f}）{found}"


def _show_triage(_: Item, result: Item) -> str:
    words = "、".join(dict.fromkeys(reason["surface"] for reason in result["reasons"]))
    return t(
        "cli.triage",
        category=t(f"ticket.category_{result['category']}"),
        severity=t(f"ticket.severity_{result['severity']}"),
        department=t(f"ticket.department_{result['department']}"),
        words=words or "—",
    )


def _show_suggestions(_: Item, result: Item) -> str:
    if not result["suggestions"]:
        return t("cli.no_suggestion")
    return "\n".join(
        f"{number}. {suggestion['text']}（{suggestion['reason']}）"
        for number, suggestion in enumerate(result["suggestions"], start=1)
    )
