"""Files in the database: limits, doubles, who may add and what the timeline says."""

import pytest
from sqlalchemy import text

from desk.errors import Conflict, Forbidden, NotFound
from desk.tickets import attachments
from desk.tickets.attachments import attach, attachments_of, find_attachment
from desk.tickets.files import CheckedFile
from desk.tickets.service import change_state, find_ticket


def scan(name="来函.pdf", content=b"%PDF-1.4 %%EOF", digest="a" * 64):
    return CheckedFile(name, "application/pdf", content, digest)


@pytest.fixture
def run(database):
    def run(function, *args, **values):
        with database.transaction() as session:
            return function(session, *args, **values)

    return run


def test_a_file_is_kept_with_its_name_encrypted(run, make, opened):
    ticket, agent = opened(), make.staff()
    added = run(attach, agent, ticket, scan())
    found = run(find_attachment, ticket, added.id)
    assert (found.name, found.content, found.uploaded_by) == (
        "来函.pdf",
        b"%PDF-1.4 %%EOF",
        agent.login,
    )
    stored = run(lambda session: session.scalar(text("SELECT name FROM attachment")))
    assert "来函" not in stored
    entry = run(find_ticket, ticket.number).entries[-1]
    assert (entry.kind, entry.data["attachment_id"]) == ("attached", added.id)
    assert "来函" not in str(entry.data)


def test_the_same_file_once_more_changes_nothing(run, make, opened):
    ticket, agent = opened(), make.staff()
    first, again = run(attach, agent, ticket, scan()), run(attach, agent, ticket, scan("b.pdf"))
    assert first.id == again.id
    assert len(run(attachments_of, ticket)) == 1
    assert [e.kind for e in run(find_ticket, ticket.number).entries] == ["opened", "attached"]
    assert run(attach, agent, opened("另一件"), scan()).id != first.id


def test_a_ticket_has_only_so_many_files(run, make, opened, monkeypatch):
    monkeypatch.setattr(attachments, "COUNT_LIMIT", 2)
    ticket, agent = opened(), make.staff()
    for digest in ("a", "b"):
        run(attach, agent, ticket, scan(digest=digest * 64))
    with pytest.raises(Conflict) as refused:
        run(attach, agent, ticket, scan(digest="c" * 64))
    assert refused.value.key == "errors.too_many_files"
    assert len(run(attachments_of, ticket)) == 2


def test_qa_adds_nothing_and_a_closed_ticket_takes_nothing(run, make, opened):
    ticket = opened()
    with pytest.raises(Forbidden):
        run(attach, make.staff("qa"), ticket, scan())
    run(lambda session: change_state(session, find_ticket(session, ticket.number), "closed",
                                     actor="x"))  # fmt: skip
    with pytest.raises(Conflict):
        run(attach, make.staff(), ticket, scan())
    assert run(attachments_of, ticket) == []


def test_a_file_of_another_ticket_is_not_found(run, make, opened):
    added = run(attach, make.staff(), opened(), scan())
    with pytest.raises(NotFound):
        run(find_attachment, opened("另一件"), added.id)
