"""The page for addresses that lead nowhere. The console's own addresses are left to NiceGUI."""

from html import escape
from pathlib import Path
from string import Template

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.convertors import CONVERTOR_TYPES, Convertor

from desk.locale import t

PAGE = Path(__file__).resolve().parent / "pages" / "not_found.html"


class _OutsideConsole(Convertor[str]):
    regex = r"(?!desk(?:/|$)|_nicegui|socket\.io).*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


def add_route(app: FastAPI) -> None:
    """Add the route; call it after all others."""
    CONVERTOR_TYPES["outside_console"] = _OutsideConsole()
    app.add_route("/{path:outside_console}", _not_found, methods=["GET"])


async def _not_found(_request: Request) -> HTMLResponse:
    template = Template(PAGE.read_text(encoding="utf-8"))
    texts = {name: escape(t(f"login.{name}")) for name in ("lost_title", "lost_text", "lost_link")}
    return HTMLResponse(template.substitute(texts), status_code=404)
