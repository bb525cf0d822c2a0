"""kefu knowledge: what was approved is written for the training, which people start."""

from ruamel.yaml import YAML

from desk.accounts.models import Role
from desk.accounts.service import create_staff
from desk.installation import open_database
from desk.knowledge import examples
from desk.settings import Settings


def test_the_command_writes_what_was_approved_and_names_what_to_do_next(
    kefu, tmp_path, monkeypatch
):
    monkeypatch.setattr("desk.cli.knowledge.write_lexicon", lambda session: False)
    with open_database(Settings()) as database, database.transaction() as session:
        people = [
            create_staff(
                session, login=login, display_name=login, role=Role.SUPERVISOR,
                password="correct-horse-2026",
            )
            for login in ("chen", "zhou")
        ]  # fmt: skip
        session.flush()
        for text in ("旁边有没有游泳馆啊", "附近有没有健身房可以去"):
            row = examples.propose(session, people[0], text, "ask_amenities")
        examples.decide(session, people[1], row.id, is_approved=True)
    file = tmp_path / "reviewed.yml"
    first = kefu("knowledge", "export", "-o", str(file))
    assert first.exit_code == 0, first.output
    assert "1 句" in first.stderr and "kefu train" in first.stderr
    written = file.read_text("utf-8")
    assert YAML(typ="safe").load(written)["nlu"] == [
        {"intent": "ask_amenities", "examples": "- 附近有没有健身房可以去\n"}
    ]
    again = kefu("knowledge", "export", "-o", str(file))
    assert "没有改动" in again.stderr and "kefu train" not in again.stderr
    missing = kefu("knowledge", "export", "-o", str(tmp_path / "no" / "x.yml"))
    assert missing.exit_code == 1 and "写不进去" in missing.stderr
