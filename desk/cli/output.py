"""What the commands print: progress for people, clear errors, never a traceback."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console

from desk.errors import DeskError
from desk.locale import t

console = Console(stderr=True, highlight=False)


def fail(message: str) -> NoReturn:
    """Print an error and leave with exit code 1."""
    console.print(f"[red]✗[/red] {message}", soft_wrap=True)
    raise typer.Exit(1)


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show a `DeskError` as its text and every problem it lists, then leave with code 1."""
    try:
        yield
    except DeskError as error:
        for problem in error.details.get("problems", ()):
            console.print(f"  • {problem}", markup=False, soft_wrap=True)
        fail(t(error.key, **error.details))


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show that something takes time, then how long it took."""
    begin = time.monotonic()
    if console.is_terminal:
        with console.status(title):
            yield
    else:
        console.print(f"… {title}")
        yield
    console.print(f"[green]✓[/green] {title}（{time.monotonic() - begin:.1f} s）")


def is_interactive() -> bool:
    """Tell whether a person types (no pipe on standard input)."""
    return sys.stdin.isatty()
