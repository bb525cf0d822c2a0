"""The customer's chat page, the widget's script and frame, and the texts both need."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles

from desk.current import get_desk
from desk.errors import NotFound
from desk.locale import t, texts

STATIC_DIR = Path(__file__).resolve().parent / "static"
ASSETS = frozenset(
    {path.name for path in STATIC_DIR.iterdir() if path.suffix in {".js", ".css", ".svg"}}
    - {"widget.js"}
)
SHOWN_OF_COMPANY = (
    "name",
    "short_name",
    "bot_name",
    "phone",
    "address",
    "office_hours",
    "privacy_notice",
)
WIDGET_TEXTS = ("launcher", "launcher_unread")
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9A-Fa-f:]+\](:\d{1,5})?")
_ORIGIN = re.compile(r"\*|https?://[A-Za-z0-9.\-*]+(:\d{1,5})?")

router = APIRouter(include_in_schema=False)
_files = StaticFiles(directory=STATIC_DIR)


@router.get("/")
async def chat_page(request: Request) -> HTMLResponse:
    """The customer's page."""
    return _page(request, source="web", ancestors=())


@router.get("/chat/embed")
async def embedded_page(request: Request) -> HTMLResponse:
    """The same page inside the widget's frame; `embed_origins` says which sites may frame it."""
    return _page(request, source="widget", ancestors=get_desk().settings.embed_origins)


@router.get("/chat/texts.json")
async def page_texts() -> JSONResponse:
    """All words of the page and what it shows of the company; nothing secret."""
    company = get_desk().company
    content = {
        "texts": dict(texts("chat_page")),
        "company": {name: getattr(company, name) for name in SHOWN_OF_COMPANY},
    }
    return JSONResponse(content, headers={"Cache-Control": "no-cache"})


@router.get("/chat/assets/{name}")
async def asset(name: str, request: Request) -> Response:
    """A script, style sheet or image of the page; the browser asks each time if it is new."""
    if name not in ASSETS:
        raise NotFound("errors.not_found")
    response = await _files.get_response(name, request.scope)
    response.headers.update({"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})
    return response


@router.get("/widget.js")
async def widget_script() -> Response:
    """The one line's script, with its few words inside: it runs on a foreign site."""
    values = {name: t(f"chat_page.{name}", n="{n}") for name in WIDGET_TEXTS}
    values["frame_title"] = t("chat_page.frame_title", company=get_desk().company.short_name)
    script = _read("widget.js").replace("{/*texts*/}", json.dumps(values))
    headers = {
        "Cache-Control": "no-cache",
        # Sites with `Cross-Origin-Embedder-Policy` load only what allows it.
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(script, media_type="text/javascript", headers=headers)


@router.get("/demo/embed")
async def demo_page(request: Request) -> HTMLResponse:
    """A made-up site that carries the widget, for trying it out.

    Raises:
        NotFound: this installation shows no demo.
    """
    if not get_desk().settings.demo:
        raise NotFound("errors.not_found")
    origin = str(request.base_url).rstrip("/")
    page = _fill("demo.html", origin=origin)
    policy = "default-src 'none'; script-src 'self'; style-src 'self'; frame-src 'self'"
    return HTMLResponse(page, headers=_headers(policy + "; frame-ancestors 'none'"))


def _page(request: Request, *, source: str, ancestors: Sequence[str]) -> HTMLResponse:
    company = get_desk().company
    heading = t("chat_page.heading_widget", company=company.short_name)
    page = _fill(
        "chat.html",
        source=source,
        company=heading if source == "widget" else company.name,
        title=t("chat_page.title", company=company.name),
        skip_label=t("chat_page.skip_label"),
        about_label=t("chat_page.about_label"),
        connecting=t("chat_page.status_connecting"),
        noscript=t("chat_page.noscript"),
        failed=t("chat_page.failed_to_load"),
    )
    return HTMLResponse(page, headers=_headers(_policy(request, ancestors)))


def _policy(request: Request, ancestors: Sequence[str]) -> str:
    """Own scripts and styles only; the socket is named because older Safari does not count it
    as 'self'."""
    host = request.headers.get("host", "")
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    allowed = [origin for origin in ancestors if _ORIGIN.fullmatch(origin)]
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            f"connect-src 'self'{sockets}",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {' '.join(allowed) or chr(39) + 'none' + chr(39)}",
        )
    )


def _headers(policy: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-cache",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }


def _fill(name: str, **values: str) -> str:
    safe: Mapping[str, Any] = {key: escape(value) for key, value in values.items()}
    return Template(_read(name)).substitute(safe)


@cache
def _read(name: str) -> str:
    return (STATIC_DIR / name).read_text(encoding="utf-8")
