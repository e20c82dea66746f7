"""The revisions of a ledger's database, read from the names of the SQL files. Without Alembic, so that asking is quick.

Owns the order of revisions and the text of each; never touches a database.
"""

from pathlib import Path

MIGRATIONS = Path(__file__).parent / "migrations"


def revisions() -> tuple[str, ...]:
    """Every revision from the first to the head: `0001`, `0002`, ..."""
    return tuple(sorted(path.name.split("_", 1)[0] for path in MIGRATIONS.glob("[0-9][0-9][0-9][0-9]_*.sql")))


def sql_of(revision: str) -> str:
    """The SQL of a revision, the truth of what it does. Raises `FileNotFoundError` for one that does not exist."""
    found = sorted(MIGRATIONS.glob(f"{revision}_*.sql"))
    if len(found) != 1:
        msg = f"no SQL file for revision {revision}"
        raise FileNotFoundError(msg)
    return found[0].read_text(encoding="utf-8")
