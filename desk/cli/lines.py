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
        except (ValueError, KeyError, TypeError):
            failures += 1
            result = {"error": t("cli.bad_line")}
            print(json.dumps(result, ensure_ascii=False) if is_json else result["error"])
            continue
        print(json.dumps(result, ensure_ascii=False) if is_json else show(question, result))
        sys.stdout.flush()
    return failures
