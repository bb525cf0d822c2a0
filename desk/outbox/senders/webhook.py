"""Signed deliveries to other systems.

`Kefu-Signature: t=<unix seconds>,v1=<hex>` holds an HMAC-SHA256 of `<t>.<body>` with the
webhook's secret; `Idempotency-Key` is the same for every attempt.
"""

import asyncio
import hashlib
import hmac
import socket
import time
from collections.abc import Callable, Sequence

import httpx

from desk.errors import InvalidInput
from desk.outbox.parcels import NotSent, Parcel
from desk.outbox.senders.sms import TIMEOUT_S
from desk.outbox.webhooks import check_url, is_public


class WebhookSender:
    """Delivers to public addresses, and to the private hosts that the settings name.

    A name is resolved once and the connection goes to the address that was checked; redirects are
    not followed.
    """

    is_repeatable = True

    def __init__(
        self, private_hosts: Sequence[str] = (), *, clock: Callable[[], float] = time.time
    ) -> None:
        self._private_hosts = tuple(private_hosts)
        self._clock = clock

    async def send(self, parcel: Parcel) -> None:
        """Deliver one event."""
        if not parcel.secret:
            raise NotSent("switched off", is_final=True)
        url = httpx.URL(parcel.address)
        address = await self._address(url)
        body = parcel.body.encode()
        headers = {
            "Host": url.netloc.decode(),
            "Content-Type": "application/json",
            "User-Agent": "kefu-webhook",
            "Idempotency-Key": parcel.key,
            "Kefu-Event": parcel.subject,
            "Kefu-Signature": sign(parcel.secret, body, int(self._clock())),
        }
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            request = client.build_request(
                "POST",
                url.copy_with(host=address),
                content=body,
                headers=headers,
                extensions={"sni_hostname": url.host},
            )
            try:
                # Only the status counts: an endless answer is not read.
                response = await client.send(request, stream=True)
                await response.aclose()
            except httpx.HTTPError as error:
                raise NotSent(type(error).__name__) from error
        _check(response.status_code)

    async def _address(self, url: httpx.URL) -> str:
        try:
            check_url(str(url), self._private_hosts)
        except InvalidInput as error:
            raise NotSent("address not allowed", is_final=True) from error
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(url.host, None, type=socket.SOCK_STREAM)
        except OSError as error:
            raise NotSent("unknown host") from error
        addresses = [str(one[4][0]) for one in found]
        is_listed = url.host in self._private_hosts
        if not addresses or not (is_listed or all(map(is_public, addresses))):
            raise NotSent("address not allowed", is_final=True)
        return addresses[0]


def sign(secret: str, body: bytes, at: int) -> str:
    """Return the value of `Kefu-Signature`; `at` in seconds since 1970."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def _check(status: int) -> None:
    """Any status but 2xx is tried again, save where the address says that it is gone."""
    if 200 <= status < 300:
        return
    is_over = status == httpx.codes.GONE
    raise NotSent(f"http {status}", is_final=is_over)
