"""Password hashing by argon2id.

The cost is the first choice of the OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one
lane. Checking a password holds the account's row (on SQLite: the database), so it must be short.
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Return the argon2id hash, salt and cost included. Takes some 20 ms on purpose."""
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
