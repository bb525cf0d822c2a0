"""Where a login comes from."""

import hashlib
import ipaddress
import re
from dataclasses import dataclass

BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
_IPV6_SITE = 64


@dataclass(frozen=True, slots=True)
class Origin:
    """Address, the browser's name for people, and the token of its device cookie."""

    address: str = ""
    browser: str | None = None
    device: str | None = None

    @property
    def network(self) -> str:
        """The address, for IPv6 the /64: one site has more addresses than anybody can count."""
        try:
            address = ipaddress.ip_address(self.address)
        except ValueError:
            return self.address
        if address.version == 4:
            return str(address)
        return str(ipaddress.ip_network((address, _IPV6_SITE), strict=False))


def browser_name(user_agent: str) -> str | None:
    """Return a browser's name for people, such as `Firefox · Windows`; None if it is none."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in SYSTEMS if re.search(mark, user_agent)), None)
    return " · ".join(part for part in (browser, system) if part) or None


def hash_token(token: str) -> str:
    """Return what is stored of a random token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
