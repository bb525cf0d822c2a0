"""The groups of a new installation with demo data."""

from desk.demo import load_demo
from desk.routing.groups import groups
from desk.routing.topics import known_topics


def test_the_demo_has_groups_once_and_knows_their_topics(database):
    for _ in range(2):
        with database.transaction() as session:
            load_demo(session)
    with database.reading() as session:
        found = groups(session)
    assert [one.name for one in found] == ["售前", "物业", "售后", "投诉"]
    assert all(len(one.members) == 2 for one in found)
    assert {topic for one in found for topic in one.topics} <= known_topics().keys()
