"""Gives the Rasa server the keys of its record of the talks (`bot.tracker_cipher`).

They are derived from the desk's field keys, version by version: the Rasa server can read what it
stored itself, and nothing of the desk's.
"""

import base64
import json
from pathlib import Path

from desk.key_ring import KeyRing, load_ring, ring_file
from desk.secret_files import rewrite_secrets
from desk.settings import Settings


def hand_over(settings: Settings) -> dict[str, str]:
    """Return the environment that names the keys to a Rasa server of this machine.

    Keys from a file go by a file, which is written here: the server reads it again after a
    rotation. Keys from the environment go by the environment.
    """
    ring = load_ring(settings)
    if ring_file(settings) is None:
        return {"KEFU_TRACKER_KEYS": json.dumps(_values(ring))}
    write_tracker_keys(settings, ring)
    return {"KEFU_TRACKER_KEYS_FILE": str(keys_path(settings))}


def write_tracker_keys(settings: Settings, ring: KeyRing) -> None:
    """Bring the file that a running Rasa server reads up to date (mode 0600)."""
    rewrite_secrets(keys_path(settings), lambda _before: dict(_values(ring)))


def keys_path(settings: Settings) -> Path:
    """Return the file with the derived keys."""
    return settings.data_dir / "tracker-keys.json"


def _values(ring: KeyRing) -> dict[str, str]:
    return {str(v): base64.b64encode(key).decode() for v, key in ring.tracker_keys.items()}
