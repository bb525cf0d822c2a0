"""E-mail over SMTP, in a worker thread.

Everything before the message's last byte is a certain failure; from then on only the server's
answer says whether it has the message.
"""

import asyncio
import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import SplitResult, unquote, urlsplit

from desk.errors import InvalidInput
from desk.outbox.parcels import NotSent, Parcel, Uncertain

TIMEOUT_S = 15
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class SmtpSender:
    """Sends through one server: `smtp://`, `smtp+starttls://` or `smtps://[user:password@]host`.

    Raises:
        InvalidInput: another kind of URL, or no sender's address.
    """

    is_repeatable = False

    def __init__(self, url: str, sender: str) -> None:
        self._server = urlsplit(url)
        if self._server.scheme not in PORTS or not self._server.hostname:
            raise InvalidInput("errors.smtp_url")
        if "@" not in sender:
            raise InvalidInput("errors.smtp_sender")
        self._sender = sender

    async def send(self, parcel: Parcel) -> None:
        """Hand the message to the server."""
        message = self._compose(parcel)
        await asyncio.to_thread(self._send, message, parcel.address)

    def _compose(self, parcel: Parcel) -> EmailMessage:
        message = EmailMessage()
        try:
            message["From"], message["To"] = self._sender, parcel.address
            message["Subject"] = parcel.subject
        except ValueError as error:
            raise NotSent("bad address", is_final=True) from error
        message["Date"] = formatdate()
        message["Message-ID"] = (
            f"<{parcel.key.replace(':', '.')}@{self._sender.rpartition('@')[2]}>"
        )
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(parcel.body)
        for file in parcel.files:
            main, _, sub = file.media_type.partition("/")
            message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
        return message

    def _send(self, message: EmailMessage, address: str) -> None:
        server = self._connect()
        try:
            self._hand_over(server, message, address)
        finally:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()

    def _connect(self) -> smtplib.SMTP:
        """Return a server that is ready for a message."""
        url, server = self._server, None
        try:
            server = _dial(url)
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
        except (smtplib.SMTPException, OSError) as error:
            if server:
                server.close()
            raise _refusal(error) from error
        return server

    def _hand_over(self, server: smtplib.SMTP, message: EmailMessage, address: str) -> None:
        try:
            code, _text = server.mail(self._sender)
            if code == 250:
                code, _text = server.rcpt(address)
        except (smtplib.SMTPException, OSError) as error:
            raise _refusal(error) from error
        if code not in {250, 251}:
            raise NotSent(f"smtp {code}", is_final=code >= 500)
        try:
            code, _text = server.data(message.as_bytes())
        except smtplib.SMTPDataError as error:
            raise _refusal(error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Uncertain(type(error).__name__) from error
        if code != 250:
            raise NotSent(f"smtp {code}", is_final=code >= 500)


def _dial(url: SplitResult) -> smtplib.SMTP:
    host, port = url.hostname or "", url.port or PORTS[url.scheme]
    if url.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
    if url.scheme == "smtp+starttls":
        server.starttls(context=ssl.create_default_context())
    server.ehlo_or_helo_if_needed()
    return server


def _refusal(error: Exception) -> NotSent:
    code = getattr(error, "smtp_code", None)
    if isinstance(code, int):
        return NotSent(f"smtp {code}", is_final=code >= 500)
    return NotSent(type(error).__name__)
