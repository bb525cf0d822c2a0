"""What of a message is stored, and which steps may follow one another."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.conversations.domain import (
    MODE_AFTER,
    HandoverReason,
    Step,
    clean_text,
    is_client_id,
    preview,
)
from desk.conversations.models import Mode
from desk.locale import t


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("  三室多少钱  ", "三室多少钱"),
        ("第一行\r\n第二行\r第三行", "第一行\n第二行\n第三行"),
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("a\tb", "a\tb"),
        ("\ud83d", ""),
        ("😡😡👨‍👩‍👧", "😡😡👨‍👩‍👧"),
        ("\u200b\u200d\ufeff", ""),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("'; DROP TABLE message; --", "'; DROP TABLE message; --"),
        ("", ""),
        (" \n\t ", ""),
        ("\x00\x01\x02", ""),
    ],
)
def test_cleaned(raw, stored):
    assert clean_text(raw) == stored


@given(st.text(st.characters()))
def test_cleaned_text_can_be_stored_anywhere(raw):
    cleaned = clean_text(raw)
    cleaned.encode("utf-8")
    assert clean_text(cleaned) == cleaned
    assert not any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in cleaned)


@pytest.mark.parametrize(
    ("client_id", "is_one"),
    [
        ("3f1c2b9e-0000-4000-8000-000000000000", True),
        ("a", True),
        ("", False),
        ("a" * 65, False),
        ("a b", False),
        ("编号", False),
        ("a\n", False),
    ],
)
def test_client_ids(client_id, is_one):
    assert is_client_id(client_id) is is_one


def test_preview_is_one_short_line():
    assert preview("漏水了\n\n 请  尽快") == "漏水了 请 尽快"
    assert len(preview("水" * 500)) == 80


def test_steps_lead_to_known_modes_only():
    assert {mode for mode, _ in MODE_AFTER} | set(MODE_AFTER.values()) <= set(Mode)
    assert {step for _, step in MODE_AFTER} == set(Step)


def test_only_a_claim_or_transfer_lets_an_agent_speak():
    to_agent = {key for key, mode in MODE_AFTER.items() if mode == Mode.AGENT}
    assert to_agent == {(Mode.QUEUED, Step.CLAIM), (Mode.AGENT, Step.TRANSFER)}


@pytest.mark.parametrize("reason", list(HandoverReason))
def test_every_reason_has_its_words(reason):
    assert "人工" in t(f"chat.handover.{reason}", wait="") or reason == HandoverReason.ANGER


def test_unknown_reason_is_other():
    assert HandoverReason.parse("\x00nonsense") == HandoverReason.OTHER
