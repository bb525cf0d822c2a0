"""Personal data at rest: encrypted columns, and an index that finds equal values (R-E1).

A stored value is `k<version>:` and the base64 of nonce and AES-256-GCM ciphertext. Values that
begin otherwise are Fernet tokens of installations from before key versions; rotation rewrites them.
"""

import base64
import hmac
import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from desk.key_ring import KeyRing

NONCE_BYTES = 12
LOOK_AGAIN_S = 2.0
"""A process learns of a new key at the latest after this time; `kefu keys rotate` waits longer."""
_PURPOSE = b"kefu field"


class UnreadableValue(ValueError):
    """A stored value was altered, or its key is not in the ring."""


class PersonalData:
    """Encrypts with the newest key, decrypts with all; set once by the composition root.

    Args:
        ring: the keys.
        look_again: returns the ring if it has changed, otherwise None.
    """

    def __init__(
        self, ring: "KeyRing", look_again: Callable[[], "KeyRing | None"] | None = None
    ) -> None:
        self._look_again = look_again
        self._looked_at = time.monotonic()
        self._lock = threading.Lock()
        self._use(ring)

    @property
    def current_version(self) -> int:
        """Version of the key that encrypts now."""
        self._refresh()
        return self._ring.current

    def encrypt(self, plain: str) -> str:
        """Return the value as it is stored."""
        self._refresh()
        version, cipher = self._ring.current, self._ciphers[self._ring.current]
        nonce = os.urandom(NONCE_BYTES)
        sealed = cipher.encrypt(nonce, plain.encode(), _PURPOSE)
        return f"{prefix_of(version)}{base64.b64encode(nonce + sealed).decode()}"

    def decrypt(self, stored: str) -> str:
        """Return the plain text.

        Raises:
            UnreadableValue: altered, or its key is missing.
        """
        version, body = _split(stored)
        if version is None:
            return self._decrypt_old(stored)
        if version not in self._ciphers:
            self._refresh(is_due=True)
        try:
            raw = base64.b64decode(body, validate=True)
            nonce, sealed = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
            return self._ciphers[version].decrypt(nonce, sealed, _PURPOSE).decode()
        except (KeyError, ValueError, InvalidTag):
            raise UnreadableValue(f"key version {version}") from None

    def index(self, plain: str) -> str:
        """Return a keyed hash: equal for equal values, tells nothing without the key."""
        return hmac.new(self._ring.index_key, plain.encode(), "sha256").hexdigest()

    def seal(self, content: bytes) -> str:
        """Return the keyed hash of a row of the audit trail."""
        return hmac.new(self._ring.seal_key, content, "sha256").hexdigest()

    def _decrypt_old(self, stored: str) -> str:
        if self._fernet is None:
            raise UnreadableValue("key version 0")
        try:
            return self._fernet.decrypt(stored.encode()).decode()
        except (InvalidToken, ValueError):
            raise UnreadableValue("key version 0") from None

    def _refresh(self, *, is_due: bool = False) -> None:
        now = time.monotonic()
        if self._look_again is None or not (is_due or now - self._looked_at >= LOOK_AGAIN_S):
            return
        with self._lock:
            self._looked_at = now
            ring = self._look_again()
            if ring is not None:
                self._use(ring)

    def _use(self, ring: "KeyRing") -> None:
        self._ciphers = {version: AESGCM(key) for version, key in ring.field_keys.items()}
        self._fernet = Fernet(ring.fernet_key.encode()) if ring.fernet_key else None
        self._ring = ring


def prefix_of(version: int) -> str:
    """Return what stored values of a key version begin with."""
    return f"k{version}:"


def _split(stored: str) -> tuple[int | None, str]:
    head, colon, body = stored.partition(":")
    if colon and head[:1] == "k" and head[1:].isdecimal():
        return int(head[1:]), body
    return None, stored


_personal_data: PersonalData | None = None


def use_personal_data(data: PersonalData) -> None:
    """Set the process's encryption; see `desk.key_ring.use_keys`."""
    global _personal_data
    _personal_data = data


def use_key(key: str) -> None:
    """Set the process's encryption from a single Fernet key (tests and tools)."""
    from desk.key_ring import ring_from_one

    use_personal_data(PersonalData(ring_from_one(key)))


def personal_data() -> PersonalData:
    """Return the process's encryption.

    Raises:
        RuntimeError: neither `use_keys` nor `use_key` was called.
    """
    if _personal_data is None:
        raise RuntimeError("encryption key not set: call desk.key_ring.use_keys first")
    return _personal_data


class EncryptedText(TypeDecorator[str]):
    """A text column whose stored value is encrypted; Python sees plain text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else personal_data().encrypt(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else personal_data().decrypt(value)
