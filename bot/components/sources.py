"""Fingerprint of what a component's result depends on besides its configuration.

Rasa hashes only the source of the component class; our classes are thin, so without this an
edited rule or a new estate would be answered from Rasa's training cache.
"""

import hashlib
from functools import cache
from pathlib import Path

from bot.lexicon import KINDS, lexicon_dir
from scripts_library import reading
from scripts_library.text.embedding import get_embedder

_FOLDERS = (Path(__file__).resolve().parents[1], Path(str(reading.__file__)).resolve().parent)


_UNTRAINED = (
    "action_answers.py",
    "action_calls.py",
    "channel.py",
    "comparison.py",
    "diet.py",
    "evaluate.py",
    "graph_runner.py",
    "model_watch.py",
    "repeats.py",
    "timing.py",
    "tracker_cipher.py",
    "tracker_store.py",
    "tracker_trimming.py",
)
"""Modules that no trained model depends on."""


@cache
def fingerprint() -> str:
    """Return one hash of our language sources, the company's words and the embedder's kind."""
    found = (path for folder in _FOLDERS for path in folder.rglob("*.py"))
    sources = sorted(path for path in found if path.name not in _UNTRAINED)
    names = [lexicon_dir() / f"{kind}.txt" for kind in KINDS]
    digest = hashlib.sha256(type(get_embedder()).__name__.encode())
    for path in [*sources, *(p for p in names if p.exists())]:
        digest.update(path.read_bytes())
    return digest.hexdigest()
