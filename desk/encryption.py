"""Personal data at rest: encrypted columns, and an index that finds equal values (R-E1)."""

import hashlib
import hmac
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class PersonalData:
    """Encrypts and decrypts with the installation's key; set once by the composition root."""

    def __init__(self, key: str) -> None:
        self._fernet = Fernet(key.encode())
        self._index_key = hashlib.sha256(b"kefu index " + key.encode()).digest()

    def encrypt(self, plain: str) -> str:
        return self._fernet.encrypt(plain.encode()).decode()

    def decrypt(self, token: str) -> str:
        return self._fernet.decrypt(token.encode()).decode()

    def index(self, plain: str) -> str:
        """Return a keyed hash: equal for equal values, tells nothing without the key."""
        return hmac.new(self._index_key, plain.encode(), hashlib.sha256).hexdigest()


_personal_data: PersonalData | None = None


def use_key(key: str) -> None:
    """Set the process's key (a Fernet key). Call before the first database access."""
    global _personal_data
    _personal_data = PersonalData(key)


def personal_data() -> PersonalData:
    """Return the process's encryption.

    Raises:
        RuntimeError: `use_key` was not called.
    """
    if _personal_data is None:
        raise RuntimeError("encryption key not set: call desk.encryption.use_key first")
    return _personal_data


class EncryptedText(TypeDecorator[str]):
    """A text column whose stored value is encrypted; Python sees plain text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else personal_data().encrypt(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else personal_data().decrypt(value)
