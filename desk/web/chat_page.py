"""The customer's chat page, alone and in the widget's frame, and the texts it needs."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from string import Template
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from desk.current import get_desk
from desk.errors import NotFound
from desk.outbox.channels import current_channels
from desk.web.chat_assets import MODULES, STATIC_DIR, compressed
from desk.web.chinese_script import Script, in_script, page_texts, script_wanted
from desk.web.visitor import greet_browser

SHOWN_OF_COMPANY = (
    "name",
    "short_name",
    "bot_name",
    "phone",
    "address",
    "office_hours",
    "privacy_notice",
)
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9A-Fa-f:]+\](:\d{1,5})?")
_ORIGIN = re.compile(r"\*|https?://[A-Za-z0-9.\-*]+(:\d{1,5})?")

router = APIRouter(include_in_schema=False)


@router.get("/")
async def chat_page(request: Request, lang: str = "") -> Response:
    """The customer's page."""
    return _page(request, lang, source="web", ancestors=())


@router.get("/chat/embed")
async def embedded_page(request: Request, lang: str = "") -> Response:
    """The same page inside the widget's frame; `embed_origins` says which sites may frame it."""
    ancestors = get_desk().settings.embed_origins
    return _page(request, lang, source="widget", ancestors=ancestors)


@router.get("/chat/texts.json")
async def texts_in_script(request: Request, lang: str = "") -> Response:
    """All words of the page and what it shows of the company; nothing secret."""
    script = script_wanted(request.headers.get("accept-language", ""), lang)
    company, channels = get_desk().company, current_channels()
    content = {
        "lang": script,
        "texts": page_texts("chat_page", script),
        "company": in_script({name: getattr(company, name) for name in SHOWN_OF_COMPANY}, script),
        "channels": {"email": channels.has_email, "sms": channels.has_sms},
    }
    body = json.dumps(content, ensure_ascii=False).encode()
    return compressed(request, body, "application/json")


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


def _page(request: Request, lang: str, *, source: str, ancestors: Sequence[str]) -> Response:
    script = script_wanted(request.headers.get("accept-language", ""), lang)
    company, words = get_desk().company, page_texts("chat_page", script)
    name = in_script(company.name, script)
    short_name = in_script(company.short_name, script)
    heading = words["heading_widget"].format(company=short_name)
    page = _fill(
        "chat.html",
        {"modules": _preloads(), "texts": _texts_link(script)},
        lang=script,
        source=source,
        company=heading if source == "widget" else name,
        title=words["title"].format(company=name),
        skip_label=words["skip_label"],
        about_label=words["about_label"],
        connecting=words["status_connecting"],
        noscript=words["noscript"],
        failed=words["failed_to_load"],
    )
    response = compressed(request, page.encode(), "text/html; charset=utf-8")
    response.headers.update(_headers(_policy(request, ancestors)))
    greet_browser(request, response, in_frame=source == "widget")
    return response


def _texts_link(script: Script) -> str:
    return f"/chat/texts.json?lang={script}"


@cache
def _preloads() -> str:
    return "\n  ".join(f'<link rel="modulepreload" href="/chat/assets/{name}">' for name in MODULES)


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
            # The customer's photos: fetched with the token, shown from memory.
            "img-src 'self' blob:",
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


def _fill(name: str, parts: Mapping[str, str] | None = None, /, **values: str) -> str:
    """Fill a page's `$names`: `parts` are HTML of our own, `values` are escaped."""
    safe: Mapping[str, Any] = {key: escape(value) for key, value in values.items()}
    return Template(_read(name)).substitute(safe, **(parts or {}))


@cache
def _read(name: str) -> str:
    return (STATIC_DIR / name).read_text(encoding="utf-8")
