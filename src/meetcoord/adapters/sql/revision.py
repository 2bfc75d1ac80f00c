"""Which schema a database has."""

from sqlalchemy import Connection, inspect, text


def revision(connection: Connection) -> str | None:
    """The schema that `connection` finds, or None when nothing was migrated yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)
