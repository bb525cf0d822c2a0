"""The cookie that ties a customer's conversations to the browser (`desk.conversations.capability`).

It holds nothing but random bytes, is out of reach of scripts and lasts half a year. The widget's
frame has one of its own: `Partitioned`, so that browsers which refuse third-party cookies keep it
for each embedding site apart. Behind TLS the names begin with `__Host-`.
"""

import secrets

from starlette.requests import HTTPConnection
from starlette.responses import Response

from desk.current import get_desk

PAGE_COOKIE, FRAME_COOKIE = "kefu_visitor", "kefu_widget"
MAX_AGE_S = 180 * 24 * 3600
SECRET_BYTES = 32
MAX_LENGTH = 100


def browsers_of(request: HTTPConnection) -> list[str]:
    """Return the secrets of the cookies that came with a request or a socket; may be empty."""
    sent = request.cookies
    names = (_name(name, _is_secure(request)) for name in (PAGE_COOKIE, FRAME_COOKIE))
    return [sent[name] for name in names if 0 < len(sent.get(name, "")) <= MAX_LENGTH]


def greet_browser(request: HTTPConnection, response: Response, *, in_frame: bool) -> None:
    """Give the browser its secret with the page; one that has it keeps it for longer."""
    is_secure = _is_secure(request)
    name = _name(FRAME_COOKIE if in_frame else PAGE_COOKIE, is_secure)
    known = request.cookies.get(name, "")
    secret = known if 0 < len(known) <= MAX_LENGTH else secrets.token_urlsafe(SECRET_BYTES)
    parts = [f"{name}={secret}", f"Max-Age={MAX_AGE_S}", "Path=/", "HttpOnly"]
    if not is_secure:
        parts.append("SameSite=Lax")
    elif in_frame:
        # Starlette sets `Partitioned` on Python 3.14 and newer only.
        parts += ["Secure", "SameSite=None", "Partitioned"]
    else:
        parts += ["Secure", "SameSite=Lax"]
    response.headers.append("Set-Cookie", "; ".join(parts))


def _is_secure(request: HTTPConnection) -> bool:
    return get_desk().settings.secure_cookies or request.url.scheme in {"https", "wss"}


def _name(name: str, is_secure: bool) -> str:
    return f"__Host-{name}" if is_secure else name
