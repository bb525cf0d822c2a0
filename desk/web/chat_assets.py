"""Scripts, styles and images of the customer's page, and the widget's script."""

import gzip
import json
from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from desk.current import get_desk
from desk.errors import NotFound
from desk.web.chinese_script import page_texts, script_wanted

STATIC_DIR = Path(__file__).resolve().parent / "static"
MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
ASSETS = frozenset(
    {path.name for path in STATIC_DIR.iterdir() if path.suffix in MEDIA_TYPES} - {"widget.js"}
)
MODULES = tuple(sorted(name for name in ASSETS if name.endswith(".js")))
"""The page's modules: named in its head, so that they are fetched side by side."""
WIDGET_TEXTS = ("launcher", "launcher_unread", "frame_title")

router = APIRouter(include_in_schema=False)


@router.get("/chat/assets/{name}")
async def asset(name: str, request: Request) -> Response:
    """A script, style sheet or image of the page; the browser asks each time if it is new.

    Raises:
        NotFound: no such asset.
    """
    if name not in ASSETS:
        raise NotFound("errors.not_found")
    content = (STATIC_DIR / name).read_bytes()
    return compressed(request, content, MEDIA_TYPES[Path(name).suffix])


@router.get("/widget.js")
async def widget_script(request: Request) -> Response:
    """The one line's script, with its few words inside: it runs on a foreign site."""
    response = compressed(request, _widget(request), MEDIA_TYPES[".js"])
    # Sites with `Cross-Origin-Embedder-Policy` load only what allows it.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def compressed(request: Request, content: bytes, media_type: str) -> Response:
    """Return a response with a tag of its content, in gzip where the browser takes it; 304 if it
    has it already."""
    tag = f'W/"{sha256(content).hexdigest()[:20]}"'
    headers = {
        "Cache-Control": "no-cache",
        "ETag": tag,
        "Vary": "Accept-Encoding, Accept-Language",
        "X-Content-Type-Options": "nosniff",
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = _packed(content), "gzip"
    return Response(content, media_type=media_type, headers=headers)


def _widget(request: Request) -> bytes:
    script = script_wanted(request.headers.get("accept-language", ""))
    words = page_texts("chat_page", script)
    company = get_desk().company.short_name
    values = {name: words[name].replace("{company}", company) for name in WIDGET_TEXTS}
    source = (STATIC_DIR / "widget.js").read_text(encoding="utf-8")
    return source.replace("{/*texts*/}", json.dumps({**values, "lang": script})).encode()


@cache
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)
