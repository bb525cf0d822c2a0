"""Fills the server's own pages: values are escaped, parts that are pages already are not."""

from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from fastapi.responses import HTMLResponse

from desk.current import get_desk
from desk.locale import t

PAGE_DIR = Path(__file__).resolve().parent / "pages"


def fill(file: str, parts: Mapping[str, str] | None = None, /, **values: str) -> str:
    """Return a page or a part of one with its `$names` filled in.

    Args:
        file: name below `pages`.
        parts: HTML made by this function, put in as it is.
        values: texts, escaped.
    """
    safe = {key: escape(value) for key, value in values.items()}
    return _template(file).substitute(safe, **(parts or {}))


def login_frame(
    content: str, *, heading: str, message: str = "", kind: str = "error", status: int = 200,
    footer: str = "",
) -> HTMLResponse:  # fmt: skip
    """Return a page of the login's steps around a form; `kind` is that of the message."""
    page = fill(
        "login.html",
        {"content": content},
        title=t("login.title"),
        company=get_desk().company.name,
        heading=heading,
        message=message,
        message_kind=kind if message else "none",
        footer=footer,
        show=t("login.show"),
        hide=t("login.hide"),
    )
    return HTMLResponse(page, status_code=status)


@cache
def _template(file: str) -> Template:
    return Template((PAGE_DIR / file).read_text(encoding="utf-8"))
