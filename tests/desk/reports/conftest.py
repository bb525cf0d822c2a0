"""A year of tickets for the reports."""

from datetime import UTC, datetime

import pytest

from tests.desk.reports.support import make_year

BEGIN = datetime(2025, 9, 1, tzinfo=UTC)


@pytest.fixture
def year(database):
    """600 tickets opened from September 2025 to the middle of October 2026."""
    make_year(database, 600, begins_at=BEGIN, days=406)
    return database
