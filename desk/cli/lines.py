"""JSON lines in, JSON lines out; plain text lines in, text for people out."""

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

from desk.locale import t

Item = dict[str, Any]


def run_lines(
    answer: Callable[[Item], Item], show: Callable[[Item, Item], str], arguments: Iterable[str]
) -> int:
    """Answer each line in order and return how many lines were no valid input.

    Args:
        answer: one JSON object to another; ValueError or KeyError means bad input.
        show: `(question, answer)` as text for people, used for lines that are not JSON.
        arguments: texts given on the command line instead of standard input.
    """
    texts = list(arguments)
    failures = 0
    for line in texts or (line.rstrip("\n") for line in sys.stdin):
        if not line.strip():
            continue
        is_json = line.lstrip().startswith("{")
        try:
            question = json.loads(line) if is_json else {"text": line}
            result = answer(question)
        except (ValueError, KeyError, TypeError) as error:
            failures += 1
            result = {"error": _reason(error)}
            print(json.dumps(result, ensure_ascii=False) if is_json else result["error"])
            continue
        print(json.dumps(result, ensure_ascii=False) if is_json else show(question, result))
        sys.stdout.flush()
    return failures


def _reason(error: Exception) -> str:
    """Return what is wrong with the line, as the library says it or in general."""
    from scripts_library.errors import TextError

    return str(error) if isinstance(error, TextError) else t("cli.bad_line")
