"""Personal data at rest: encrypted columns, and an index that finds equal values (R-E1).

A stored text is `b<version>:` and the base64 of nonce and AES-256-GCM ciphertext; stored bytes are
the same prefix, nonce and ciphertext. Table and column are part of what GCM authenticates: a value
copied to another column is not read. Older forms are read too, and rewritten by the next rotation:
`k<version>:` (bound to no column) and Fernet tokens of installations from before key versions.
"""

import base64
import hmac
import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, LargeBinary, Text, event
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from desk.key_ring import KeyRing

NONCE_BYTES = 12
LOOK_AGAIN_S = 2.0
"""A process learns of a new key at the latest after this time; `kefu keys rotate` waits longer."""
_PURPOSE = b"kefu field"


class UnreadableValue(ValueError):
    """A stored value was altered or moved, or its key is not at hand."""


class FieldCipher:
    """Encrypts values with the newest of several keys and reads those of all.

    `place` says where a value belongs (`table.column`); it is read from there only.
    """

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        self._ciphers = {version: AESGCM(key) for version, key in keys.items()}
        self.current = max(keys)

    def knows(self, version: int) -> bool:
        """Tell whether the key of a version is at hand."""
        return version in self._ciphers

    def encrypt(self, plain: bytes, place: str) -> bytes:
        """Return nonce and ciphertext, by the current key."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._ciphers[self.current].encrypt(nonce, plain, _bound_to(place))

    def decrypt(self, version: int, raw: bytes, place: str | None) -> bytes:
        """Return the plain bytes; `place` is None for the old form that was bound to none.

        Raises:
            UnreadableValue: altered, moved, or no such key.
        """
        bound = _PURPOSE if place is None else _bound_to(place)
        try:
            return self._ciphers[version].decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound)
        except (KeyError, ValueError, InvalidTag):
            raise UnreadableValue(f"key version {version}") from None


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
        return self._cipher.current

    @property
    def tracker_keys(self) -> Mapping[int, bytes]:
        """Keys of the bot's own record, derived: the Rasa server never holds the others."""
        self._refresh()
        return self._ring.tracker_keys

    def encrypt(self, plain: str, place: str) -> str:
        """Return a text as it is stored in `place` (`table.column`)."""
        self._refresh()
        cipher = self._cipher
        sealed = base64.b64encode(cipher.encrypt(plain.encode(), place)).decode()
        return f"{prefix_of(cipher.current)}{sealed}"

    def decrypt(self, stored: str, place: str) -> str:
        """Return the plain text.

        Raises:
            UnreadableValue: altered, from another place, or its key is missing.
        """
        form, version, body = _split(stored)
        if version is None:
            return self._decrypt_old(stored)
        try:
            raw = base64.b64decode(body, validate=True)
            return self._opened(version, raw, place if form == "b" else None).decode()
        except ValueError:
            raise UnreadableValue(f"key version {version}") from None

    def encrypt_bytes(self, plain: bytes, place: str) -> bytes:
        """Return bytes as they are stored in `place`."""
        self._refresh()
        cipher = self._cipher
        return prefix_of(cipher.current).encode() + cipher.encrypt(plain, place)

    def decrypt_bytes(self, stored: bytes, place: str) -> bytes:
        """Return the plain bytes; raises `UnreadableValue`."""
        form, version, _ = _split(stored[:_PREFIX_LIMIT].decode("latin-1"))
        if form != "b" or version is None:
            raise UnreadableValue("not encrypted")
        return self._opened(version, stored[len(prefix_of(version)) :], place)

    def index(self, plain: str) -> str:
        """Return a keyed hash: equal for equal values, tells nothing without the key."""
        return hmac.new(self._ring.index_key, plain.encode(), "sha256").hexdigest()

    def seal(self, content: bytes) -> str:
        """Return the keyed hash of a row of the audit trail."""
        return hmac.new(self._ring.seal_key, content, "sha256").hexdigest()

    def _opened(self, version: int, raw: bytes, place: str | None) -> bytes:
        if not self._cipher.knows(version):
            self._refresh(is_due=True)
        return self._cipher.decrypt(version, raw, place)

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
        self._cipher = FieldCipher(ring.field_keys)
        self._fernet = Fernet(ring.fernet_key.encode()) if ring.fernet_key else None
        self._ring = ring


_PREFIX_LIMIT = 12


def prefix_of(version: int) -> str:
    """Return what stored values of a key version begin with."""
    return f"b{version}:"


def _bound_to(place: str) -> bytes:
    return _PURPOSE + b" " + place.encode()


def _split(stored: str) -> tuple[str, int | None, str]:
    head, colon, body = stored.partition(":")
    if colon and head[:1] in ("b", "k") and head[1:].isdecimal():
        return head[0], int(head[1:]), body
    return "", None, stored


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


class _Bound:
    """What both column types share: they know the column they belong to."""

    column: Column[Any] | None = None

    @property
    def place(self) -> str:
        """`table.column`, part of what is authenticated.

        Raises:
            RuntimeError: the type belongs to no column of a table.
        """
        if self.column is None:
            raise RuntimeError("an encrypted type belongs to a column of a table")
        return f"{self.column.table.name}.{self.column.name}"


class EncryptedText(_Bound, TypeDecorator[str]):
    """A text column whose stored value is encrypted; Python sees plain text.

    Whoever renames such a column or its table must re-encrypt it.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else personal_data().encrypt(value, self.place)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else personal_data().decrypt(value, self.place)


class EncryptedBytes(_Bound, TypeDecorator[bytes]):
    """A column of bytes (files, photos) whose stored value is encrypted; Python sees plain bytes.

    Args:
        reads_plain: what lay here before this type was used is still read; rotation encrypts it.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, reads_plain: bool = False) -> None:
        super().__init__()
        self.reads_plain = reads_plain

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else personal_data().encrypt_bytes(value, self.place)

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        stored = bytes(value)
        if self.reads_plain and _split(stored[:_PREFIX_LIMIT].decode("latin-1"))[1] is None:
            return stored
        return personal_data().decrypt_bytes(stored, self.place)


@event.listens_for(EncryptedText, "after_parent_attach", propagate=True)
@event.listens_for(EncryptedBytes, "after_parent_attach", propagate=True)
def _learn_column(kind: _Bound, parent: Any) -> None:
    if isinstance(parent, Column):
        kind.column = parent
