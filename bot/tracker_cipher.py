"""Encrypts what Rasa remembers of a talk: AES-256-GCM, keys by version, bound to the talk.

A stored event is `b<version>:` and the base64 of nonce and ciphertext, the form that the desk uses
for personal data (`desk.encryption`); the desk's key rotation rewrites it.

Keys: a JSON object of version (from 1) to the base64 of 32 bytes, in `KEFU_TRACKER_KEYS` or in the
file named by `KEFU_TRACKER_KEYS_FILE`. A file is read again when it has changed, so that a key
rotation reaches a server that runs.
"""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEYS, KEYS_FILE = "KEFU_TRACKER_KEYS", "KEFU_TRACKER_KEYS_FILE"
KEY_BYTES, NONCE_BYTES = 32, 12
LOOK_AGAIN_S = 2.0
_PURPOSE = b"kefu field events.data."


class TrackerKeysInvalid(ValueError):
    """No keys were given, or what was given is none."""


class UnreadableEvent(ValueError):
    """A stored event was altered or moved, or its key is not at hand."""


class TrackerCipher:
    """Encrypts with the newest key and reads those of all versions.

    Args:
        load: returns the keys by version.
        state: returns what changes when the keys have changed.
    """

    def __init__(
        self,
        load: Callable[[], Mapping[int, bytes]],
        state: Callable[[], object] = lambda: None,
    ) -> None:
        self._load, self._state = load, state
        self._looked_at = time.monotonic()
        self._seen = state()
        self._use(load())

    @property
    def prefix(self) -> str:
        """What events of the current version begin with."""
        self._refresh()
        return f"b{self._current}:"

    def encrypt(self, plain: str, conversation_id: str) -> str:
        """Return an event as it is stored in the rows of a conversation."""
        self._refresh()
        nonce = os.urandom(NONCE_BYTES)
        cipher = self._ciphers[self._current]
        sealed = cipher.encrypt(nonce, plain.encode(), _bound_to(conversation_id))
        return f"b{self._current}:{base64.b64encode(nonce + sealed).decode()}"

    def decrypt(self, stored: str, conversation_id: str) -> str:
        """Return an event's JSON; rows from before encryption hold it as it is.

        Raises:
            UnreadableEvent: altered, of another conversation, or its key is missing.
        """
        if stored.startswith("{"):
            return stored
        head, _, body = stored.partition(":")
        version = int(head[1:]) if head[:1] == "b" and head[1:].isdecimal() else 0
        if version not in self._ciphers:
            self._refresh(is_due=True)
        try:
            raw = base64.b64decode(body, validate=True)
            nonce, sealed = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
            bound = _bound_to(conversation_id)
            return self._ciphers[version].decrypt(nonce, sealed, bound).decode()
        except (KeyError, ValueError, InvalidTag):
            raise UnreadableEvent(f"key version {version}") from None

    def _refresh(self, *, is_due: bool = False) -> None:
        now = time.monotonic()
        if not is_due and now - self._looked_at < LOOK_AGAIN_S:
            return
        self._looked_at = now
        state = self._state()
        if state != self._seen:
            self._use(self._load())
            self._seen = state

    def _use(self, keys: Mapping[int, bytes]) -> None:
        self._ciphers = {version: AESGCM(key) for version, key in keys.items()}
        self._current = max(keys)


def cipher_of(environment: Mapping[str, str]) -> TrackerCipher:
    """Return the cipher that a process's environment names.

    Raises:
        TrackerKeysInvalid: there is none; nothing is ever stored in the clear instead.
    """
    if path := environment.get(KEYS_FILE):
        file = Path(path)
        return TrackerCipher(lambda: _keys_in(_text(file)), lambda: _stamp(file))
    if given := environment.get(KEYS):
        keys = _keys_in(given)
        return TrackerCipher(lambda: keys)
    raise TrackerKeysInvalid(f"{KEYS_FILE} / {KEYS}")


def _keys_in(text: str) -> dict[int, bytes]:
    try:
        keys = {int(v): base64.b64decode(k, validate=True) for v, k in json.loads(text).items()}
        if not keys or min(keys) < 1 or any(len(key) != KEY_BYTES for key in keys.values()):
            raise ValueError("length or number of keys")
    except (ValueError, AttributeError, TypeError):
        raise TrackerKeysInvalid(f"{KEYS_FILE} / {KEYS}") from None
    return keys


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        raise TrackerKeysInvalid(KEYS_FILE) from None


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


def _bound_to(conversation_id: str) -> bytes:
    return _PURPOSE + conversation_id.encode()
