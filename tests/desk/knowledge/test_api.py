"""REST: rows looked up by other systems, customers' data hidden."""

import pytest

from desk.catalog.importer import import_bytes
from desk.demo import DEMO_DIR


@pytest.fixture
def with_catalogue(running):
    for kind in ("homes", "orders"):
        with running.make.database.transaction() as session:
            content = (DEMO_DIR / f"{kind}.csv").read_bytes()
            import_bytes(session, content, kind, filename="demo.csv")
    return running


async def test_rows_are_listed_page_by_page_and_found_by_code(with_catalogue):
    base = "/api/v1/knowledge"
    async with with_catalogue.http(with_catalogue.make.staff("agent")) as client:
        found = (await client.get(f"{base}/homes", params={"text": "yqyy", "limit": 5})).json()
        assert (found["total"], len(found["rows"])) == (12, 5)
        one = (await client.get(f"{base}/homes/yq-0102")).json()
        assert (one["cells"]["estate"], one["is_retired"]) == ("云栖雅苑", False)
        order = (await client.get(f"{base}/orders/MC2610080001")).json()["cells"]
        assert (order["phone_last4"], order["tracking_no"]) == ("****", "****")
        for path in ("/cars", "/homes/none", "/orders/3812"):
            assert (await client.get(base + path)).status_code == 404
        for bad in ({"state": "gone"}, {"limit": 0}, {"text": "x" * 101}, {"state": "expired"}):
            response = await client.get(f"{base}/homes", params=bad)
            assert response.status_code == 422, bad
