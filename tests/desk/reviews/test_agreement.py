"""Kappa and intervals, against figures worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.reviews.agreement import cohens_kappa, share

YES, NO = "confirmed", "false_alarm"
DECISIONS = st.sampled_from([YES, NO, "coach"])


def test_kappa_as_in_the_textbook():
    # Cohen's own kind of table: 20 and 15 alike, 5 and 10 apart.
    pairs = [(YES, YES)] * 20 + [(YES, NO)] * 5 + [(NO, YES)] * 10 + [(NO, NO)] * 15
    found = cohens_kappa(pairs)
    assert (found.pairs, found.observed, found.expected) == (50, 0.7, 0.5)
    assert found.kappa == pytest.approx(0.4)
    assert found.level == "moderate"


@pytest.mark.parametrize(
    ("pairs", "kappa", "level"),
    [
        ([], None, "none"),
        ([(YES, YES)] * 40, None, "none"),
        ([(YES, YES), (NO, NO)], 1.0, "few"),
        ([(YES, YES), (NO, NO)] * 20, 1.0, "very_good"),
        ([(YES, NO), (NO, YES)] * 20, -1.0, "poor"),
    ],
)
def test_what_kappa_says_of_little_or_plain_agreement(pairs, kappa, level):
    found = cohens_kappa(pairs)
    assert (found.kappa, found.level) == (kappa, level)


@given(st.lists(st.tuples(DECISIONS, DECISIONS), max_size=60))
def test_kappa_is_the_same_whoever_comes_first_and_never_above_one(pairs):
    kappa = cohens_kappa(pairs).kappa
    other = cohens_kappa([(second, first) for first, second in pairs]).kappa
    assert kappa == other or kappa == pytest.approx(other)
    assert kappa is None or kappa <= 1 + 1e-9


def test_a_share_has_the_interval_of_the_tables():
    found = share(5, 50)
    assert found.value == 0.1
    assert (round(found.low, 3), round(found.high, 3)) == (0.043, 0.214)


def test_nothing_says_nothing():
    found = share(0, 0)
    assert (found.value, found.low, found.high) == (None, 0.0, 1.0)
    with pytest.raises(ValueError, match="between"):
        share(3, 2)


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_interval_holds_the_share(count, more):
    found = share(count, count + more)
    assert 0 <= found.low <= (found.value or 0) + 1e-9
    assert (found.value or 0) <= found.high + 1e-9 <= 1 + 1e-9
