"""Sentence embeddings as the intent model sees them."""

from collections.abc import Sequence

from bot.intents.model import Floats
from scripts_library.text.embedding import get_embedder

MAX_CHARACTERS = 200
"""Embedded from the beginning of a message: the time grows with the length, the n-grams see all."""


def embed_folded(texts: Sequence[str]) -> Floats | None:
    """Return float32 of shape (texts, dim), or None where no embedding is installed."""
    embedder = get_embedder()
    return None if embedder is None else embedder.encode([text[:MAX_CHARACTERS] for text in texts])
