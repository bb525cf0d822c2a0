"""The keys of one installation, and where they come from.

A key ring has one or several versions of the field key (the newest one encrypts, all decrypt), the
key of the blind index (never changes: the index would have to be built anew), and the key that
seals the audit trail. It comes from, in this order: `KEFU_KEYS`, `KEFU_INDEX_KEY` and
`KEFU_SEAL_KEY`; the file `KEFU_KEYS_FILE`; `<data_dir>/secrets.json`. A file is read again when it
changes, so that a rotation reaches the processes that run.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from desk.encryption import PersonalData, use_personal_data
from desk.errors import InvalidInput
from desk.sealing.recipient import use_recipient
from desk.secret_files import read_secrets, rewrite_secrets
from desk.settings import Settings

KEY_BYTES = 32
_TRACKER_PURPOSE = b"kefu tracker events"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys of 32 bytes.

    Attributes:
        field_keys: version (from 1) → AES-256 key of the encrypted columns.
        index_key: HMAC key of the blind index.
        seal_key: HMAC key of the audit trail.
        fernet_key: of installations from before key versions; reads their old values.
    """

    field_keys: Mapping[int, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)
    seal_key: bytes = field(repr=False)
    fernet_key: str | None = field(default=None, repr=False)

    @property
    def current(self) -> int:
        """Version that encrypts."""
        return max(self.field_keys)

    @property
    def tracker_keys(self) -> dict[int, bytes]:
        """The same versions for the bot's own record, each derived from the field key."""
        return {
            version: hmac.digest(key, _TRACKER_PURPOSE, "sha256")
            for version, key in self.field_keys.items()
        }

    def with_new_key(self) -> "KeyRing":
        """Return the ring with one more version, from now on the current one."""
        return replace(self, field_keys={**self.field_keys, self.current + 1: new_key()})

    def without(self, versions: frozenset[int]) -> "KeyRing":
        """Return the ring without these versions (never the current one) nor the Fernet key."""
        kept = {
            version: key
            for version, key in self.field_keys.items()
            if version not in versions or version == self.current
        }
        return replace(self, field_keys=kept, fernet_key=None)


def new_key() -> bytes:
    """Return 32 random bytes."""
    return os.urandom(KEY_BYTES)


def ring_from_one(key: str) -> KeyRing:
    """Return a ring whose keys all follow from one text (a Fernet key): for tests and tools."""

    def derived(purpose: bytes) -> bytes:
        return hashlib.sha256(b"kefu " + purpose + b" " + key.encode()).digest()

    return KeyRing({1: derived(b"field")}, derived(b"index"), derived(b"seal"), key)


def ring_of(values: Mapping[str, Any]) -> KeyRing:
    """Read a ring from what a secrets file holds.

    Raises:
        InvalidInput: a key is missing or has not 32 bytes.
    """
    try:
        keys = {int(version): _decoded(key) for version, key in values["keys"].items()}
        if not keys or min(keys) < 1:
            raise ValueError("no keys")
        return KeyRing(
            keys,
            _decoded(values["index_key"]),
            _decoded(values["seal_key"]),
            values.get("encryption_key"),
        )
    except (KeyError, ValueError, AttributeError, TypeError):
        raise InvalidInput("errors.keys_invalid") from None


def values_of(ring: KeyRing) -> dict[str, Any]:
    """Return what a secrets file holds of a ring."""
    values: dict[str, Any] = {
        "keys": {str(version): _encoded(key) for version, key in ring.field_keys.items()},
        "index_key": _encoded(ring.index_key),
        "seal_key": _encoded(ring.seal_key),
    }
    return values | ({"encryption_key": ring.fernet_key} if ring.fernet_key else {})


def ring_file(settings: Settings) -> Path | None:
    """Return the file that holds the ring; None if it comes from the environment."""
    if settings.keys:
        return None
    return settings.keys_file or settings.secrets_path


def load_ring(settings: Settings) -> KeyRing:
    """Return the installation's ring; makes missing keys of `secrets.json` once.

    Raises:
        InvalidInput: what was given is no ring.
    """
    if settings.keys:
        given = {"keys": settings.keys, "index_key": settings.index_key}
        return ring_of(given | {"seal_key": settings.seal_key})
    if settings.keys_file:
        return ring_of(read_secrets(settings.keys_file))
    return ring_of(rewrite_secrets(settings.secrets_path, _completed))


def save_ring(settings: Settings, ring: KeyRing) -> None:
    """Write a changed ring to the file it came from.

    Raises:
        InvalidInput: it comes from the environment.
    """
    path = ring_file(settings)
    if path is None:
        raise InvalidInput("errors.keys_from_environment")

    def change(values: dict[str, Any]) -> dict[str, Any]:
        others = {key: value for key, value in values.items() if key not in _RING_FIELDS}
        return others | values_of(ring)

    rewrite_secrets(path, change)


def use_keys(settings: Settings) -> None:
    """Set the process's encryption from its settings. Call before the first database access."""
    use_personal_data(PersonalData(load_ring(settings), _FileWatch(settings)))
    use_recipient(settings.seal_recipient)


_RING_FIELDS = frozenset({"keys", "index_key", "seal_key", "encryption_key"})


class _FileWatch:
    """Reads the ring again if its file has changed since the last look."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seen = self._state()

    def __call__(self) -> KeyRing | None:
        state = self._state()
        if state == self._seen:
            return None
        ring = load_ring(self._settings)
        self._seen = state
        return ring

    def _state(self) -> tuple[int, int] | None:
        path = ring_file(self._settings)
        if path is None or not path.exists():
            return None
        status = path.stat()
        return status.st_mtime_ns, status.st_ino


def _completed(values: dict[str, Any]) -> dict[str, Any]:
    """Add the keys that are missing. The index key of old installations followed from the Fernet
    key, and must stay what it was."""
    if _RING_FIELDS - {"encryption_key"} <= set(values):
        return values
    old = values.get("encryption_key")
    index_key = ring_from_one(old).index_key if old else new_key()
    ring = KeyRing({1: new_key()}, index_key, new_key(), old)
    return values_of(ring) | values


def _encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _decoded(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError("length of a key")
    return key
