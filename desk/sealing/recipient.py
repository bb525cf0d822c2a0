"""The public key that sealed copies are made for; set once by the composition root."""

import hashlib

from desk import age

_recipient = ""


def use_recipient(public_key: str) -> None:
    """Set the process's public key; empty: nothing is kept.

    Raises:
        InvalidInput: it is no public key.
    """
    global _recipient
    if public_key:
        age.read_recipient(public_key)
    _recipient = public_key.strip()


def recipient() -> str:
    """Return the public key, empty if there is none."""
    return _recipient


def key_id(public_key: str) -> str:
    """Return a short name of a key, to find the private one by."""
    return hashlib.sha256(public_key.encode()).hexdigest()[:16]
