"""Structured logging. Nothing personal: no texts of messages, no names, no phone numbers.

Exceptions are logged as their type and the places in the code they passed, never with their
message: a database driver's message quotes the values of the statement.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog

Record = MutableMapping[str, Any]
LIBRARIES = ("uvicorn", "uvicorn.error", "nicegui", "alembic", "rasa_sdk", "httpx", "sqlalchemy")


def configure_logs(
    *, is_json: bool = False, level: int = logging.INFO, stream: TextIO | None = None
) -> None:
    """Send all log lines of the process to a stream (standard error) in one form."""
    # Otherwise a line that can't be written is printed with its exception, message and all.
    logging.raiseExceptions = False
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        reduce_exception,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(shared, is_json=is_json))
    root = logging.getLogger()
    root.handlers, root.level = [handler], level
    for name in LIBRARIES:
        library = logging.getLogger(name)
        library.handlers, library.propagate = [], True
    # Their lines of lower levels quote addresses, query strings and bodies of requests.
    for name in ("httpx", "httpcore", "rasa_sdk", "alembic", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("nicegui").setLevel(logging.ERROR)


def describe(error: BaseException) -> dict[str, Any]:
    """Return what may be logged of an exception: its type and where it passed."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "cause": type(error.__cause__).__name__ if error.__cause__ else None,
        "passed": [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames[-8:]],
    }


def reduce_exception(_logger: Any, _method: str, record: Record) -> Record:
    """Replace an exception in a log record by its description (a structlog processor)."""
    info = record.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info
    error = error[1] if isinstance(error, tuple) else error
    if isinstance(error, BaseException):
        record.update(describe(error))
    return record


def _formatter(shared: list[Any], *, is_json: bool) -> structlog.stdlib.ProcessorFormatter:
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if is_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
