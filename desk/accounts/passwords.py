"""Password hashing by argon2id with the library's recommended cost (RFC 9106, low memory)."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Return the argon2id hash, salt and cost included. Takes about 50 ms on purpose."""
    return _hasher.hash(password)


def is_right(password: str, password_hash: str) -> bool:
    """Tell whether the password belongs to the hash; False for a broken hash or text."""
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Tell whether the hash was made at another cost than today's."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def decoy_hash() -> str:
    """Return a hash nobody's password has: checking an unknown login costs the same time."""
    return hash_password("kefu decoy \N{BLACK SQUARE}")
