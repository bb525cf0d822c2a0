"""What the QA tests share."""

import pytest

from tests.desk.reviews.support import Quality


@pytest.fixture
def quality(make, checker):
    return Quality(make, checker)
