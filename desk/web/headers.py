"""Security headers on every response. What a page set for itself stays."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STRICT_POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# NiceGUI compiles its page in the browser and styles elements in place; scripts from elsewhere,
# frames and plug-ins stay shut out.
CONSOLE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; base-uri 'self'; object-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
STRICT_PATHS = ("/desk/login", "/desk/logout", "/desk/account", "/desk/active", "/desk/confirm")
PRIVATE_PATHS = ("/desk", "/api")
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: browsers would then send forms with `Origin: null`.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HSTS = "max-age=31536000"


class SecurityHeaders:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, *, is_secure: bool) -> None:
        self._app = app
        self._is_secure = is_secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                is_secure = self._is_secure or scope["scheme"] == "https"
                self._add(MutableHeaders(scope=message), scope["path"], is_secure=is_secure)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _add(self, headers: MutableHeaders, path: str, *, is_secure: bool) -> None:
        for name, value in ALWAYS.items():
            headers.setdefault(name, value)
        if "Content-Security-Policy" not in headers:
            headers["Content-Security-Policy"] = policy_of(path)
            headers.setdefault("X-Frame-Options", "DENY")
        if is_below(path, PRIVATE_PATHS):
            headers.setdefault("Cache-Control", "no-store")
        if is_secure:
            headers.setdefault("Strict-Transport-Security", HSTS)


def policy_of(path: str) -> str:
    """Return the content policy of a path that sets none itself."""
    is_console = is_below(path, ("/desk", "/_nicegui")) and not is_below(path, STRICT_PATHS)
    return CONSOLE_POLICY if is_console else STRICT_POLICY


def is_below(path: str, prefixes: tuple[str, ...]) -> bool:
    """Tell whether a path is one of the prefixes or below it."""
    return any(path == prefix or path.startswith(prefix + "/") for prefix in prefixes)
