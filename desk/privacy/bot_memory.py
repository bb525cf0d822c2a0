"""Rasa's own record of a talk (its tracker store): deleted with the conversation."""

from collections.abc import Sequence

from sqlalchemy import bindparam, create_engine, inspect, make_url, text

from desk.settings import Settings

_DELETE = text("DELETE FROM events WHERE sender_id IN :ids").bindparams(
    bindparam("ids", expanding=True)
)


def forget(settings: Settings, conversation_ids: Sequence[str]) -> int:
    """Delete the bot's events of these conversations; return how many. Call after the commit.

    The store is `tracker.db` in the data folder, or on PostgreSQL the table `events` of the
    desk's database. A store that does not exist yet holds nothing.
    """
    if not conversation_ids:
        return 0
    url = settings.effective_database_url
    if make_url(url).get_backend_name() == "sqlite":
        path = settings.data_dir / "tracker.db"
        if not path.exists():
            return 0
        url = f"sqlite:///{path}"
    engine = create_engine(url, hide_parameters=True)
    try:
        if not inspect(engine).has_table("events"):
            return 0
        with engine.begin() as connection:
            return connection.execute(_DELETE, {"ids": list(conversation_ids)}).rowcount
    finally:
        engine.dispose()
