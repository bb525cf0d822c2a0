"""How a desk looks for garbage."""

import gc

import pytest

from desk.collecting import YOUNG, settle


@pytest.fixture
def as_before():
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.mark.usefixtures("as_before")
def test_what_is_loaded_is_looked_at_no_more():
    loaded = [[] for _ in range(100)]
    settle()
    assert gc.get_freeze_count() >= len(loaded)
    assert not any(one is loaded for one in gc.get_objects())
    assert gc.get_threshold()[0] == YOUNG
