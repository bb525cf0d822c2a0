"""Real servers on the loopback: a mail server and one for HTTP."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Mailbox:
    """What a mail server took. `answers` are given to the next messages in place of 250; an
    answer may be a function, called while the sender waits."""

    url: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    refuses: str | None = None

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer is None:
            server.transport.abort()
            return "451 gone"
        return answer


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Serve SMTP; an answer None breaks the connection after the message was read."""
    mailbox = Mailbox()
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    mailbox.url = f"smtp://127.0.0.1:{port}"
    try:
        yield mailbox
    finally:
        controller.stop()


@dataclass
class Received:
    """A request: path, headers with small letters, body."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Endpoint:
    """What an HTTP server got. `statuses` are given to the next requests in place of 200."""

    url: str = ""
    requests: list[Received] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)


@contextmanager
def http_server() -> Iterator[Endpoint]:
    """Serve HTTP; while `gate` is cleared, answers wait."""
    endpoint = Endpoint()
    endpoint.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            endpoint.requests.append(Received(self.path, headers, body))
            endpoint.arrived.set()
            endpoint.gate.wait(20)
            status = endpoint.statuses.pop(0) if endpoint.statuses else 200
            self.send_response(status)
            if status in {301, 307}:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    endpoint.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield endpoint
    finally:
        endpoint.gate.set()
        server.shutdown()
        server.server_close()
