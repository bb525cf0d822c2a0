"""Files with secrets: mode 0600, written whole or not at all, one writer at a time."""

import fcntl
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

log = structlog.get_logger(__name__)

PRIVATE = stat.S_IRUSR | stat.S_IWUSR


def read_secrets(path: Path) -> dict[str, Any]:
    """Return the file's values; {} if there is none. Others' right to read it is taken away."""
    if not path.exists():
        return {}
    if stat.S_IMODE(path.stat().st_mode) & ~PRIVATE and os.access(path, os.W_OK):
        log.warning("secrets.were_readable_by_others", file=path.name)
        path.chmod(PRIVATE)
    return dict(json.loads(path.read_text(encoding="utf-8")))


def rewrite_secrets(
    path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """Replace the file's values by what `change` makes of them; return these.

    Other processes wait, and see the old file or the new one, never a part. Nothing is written if
    nothing changed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT, PRIVATE)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = read_secrets(path)
        after = change(dict(before))
        if after != before:
            _write(path, after)
        return after
    finally:
        os.close(lock)


def _write(path: Path, values: dict[str, Any]) -> None:
    fresh = path.with_suffix(".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(values, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
