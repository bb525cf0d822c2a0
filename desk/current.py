"""The process's one `Desk`, for code that is not called by it: Rasa's actions, console pages."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desk.app import Desk

_desk: "Desk | None" = None


def set_desk(desk: "Desk | None") -> None:
    """Set or clear the process's desk; called by the composition root."""
    global _desk
    _desk = desk


def get_desk() -> "Desk":
    """Return the process's desk.

    Raises:
        RuntimeError: the composition root has not run.
    """
    if _desk is None:
        raise RuntimeError("no desk in this process: call desk.app.build_desk first")
    return _desk
