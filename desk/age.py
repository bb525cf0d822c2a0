"""Files in the age format, which other tools open: to public keys, or by a passphrase.

https://age-encryption.org; `age -d` opens what is written here.
"""

from collections.abc import Sequence
from typing import BinaryIO

import pyrage

from desk.errors import InvalidInput

PASSPHRASE_LENGTH = 12
MAGIC = b"age-encryption.org/v1\n"


def read_recipient(text: str) -> pyrage.x25519.Recipient:
    """Return a public key (`age1…`).

    Raises:
        InvalidInput: it is none, or it is a private key.
    """
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        raise InvalidInput("errors.age_recipient", field="recipient_key") from None


def read_identity(text: str) -> pyrage.x25519.Identity:
    """Return the private key of a key file (comments and empty lines are allowed).

    Raises:
        InvalidInput: there is none.
    """
    lines = (line.strip() for line in text.splitlines())
    try:
        return pyrage.x25519.Identity.from_str(
            next(one for one in lines if one[:1] not in ("", "#"))
        )
    except (StopIteration, pyrage.IdentityError):
        raise InvalidInput("errors.age_identity") from None


def new_identity() -> tuple[str, str]:
    """Return a new key pair: the public key and the text of the private key's file."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    return public, f"# public key: {public}\n{identity}\n"


def check_passphrase(text: str) -> str:
    """Return the passphrase.

    Raises:
        InvalidInput: shorter than 12 characters.
    """
    if len(text) < PASSPHRASE_LENGTH:
        raise InvalidInput("errors.age_passphrase", field="passphrase", least=PASSPHRASE_LENGTH)
    return text


def seal(plain: bytes, *, recipients: Sequence[str] = (), passphrase: str | None = None) -> bytes:
    """Encrypt to all recipients, or by the passphrase; takes a second then, on purpose.

    Raises:
        InvalidInput: neither, or not well-formed.
    """
    if recipients:
        return bytes(pyrage.encrypt(plain, [read_recipient(one) for one in recipients]))
    return bytes(pyrage.passphrase.encrypt(plain, check_passphrase(passphrase or "")))


def open_sealed(
    sealed: bytes, *, identity: str | None = None, passphrase: str | None = None
) -> bytes:
    """Decrypt by a private key or a passphrase.

    Raises:
        InvalidInput: wrong key or passphrase, or the file was altered or cut short.
    """
    try:
        if identity is not None:
            return bytes(pyrage.decrypt(sealed, [read_identity(identity)]))
        return bytes(pyrage.passphrase.decrypt(sealed, passphrase or ""))
    except pyrage.DecryptError:
        raise InvalidInput("errors.age_unreadable") from None


def seal_stream(reader: BinaryIO, writer: BinaryIO, recipients: Sequence[str]) -> None:
    """Encrypt a stream of any length to all recipients."""
    pyrage.encrypt_io(reader, writer, [read_recipient(one) for one in recipients])


def open_stream(reader: BinaryIO, writer: BinaryIO, identity: str) -> None:
    """Decrypt a stream; raises `InvalidInput` as `open_sealed`."""
    try:
        pyrage.decrypt_io(reader, writer, [read_identity(identity)])
    except (pyrage.DecryptError, OSError):  # what is altered inside comes as an OSError
        raise InvalidInput("errors.age_unreadable") from None
