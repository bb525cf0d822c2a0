"""Files for the browser to keep, never to open as a page of ours."""

from urllib.parse import quote

from starlette.responses import Response


def download(content: bytes, name: str, media_type: str) -> Response:
    """Return a file to be saved under `name`; no browser guesses its type or runs it."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=media_type, headers=headers)
