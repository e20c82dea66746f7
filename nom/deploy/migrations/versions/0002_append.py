"""The way into the ledger."""

from alembic import context

from nom.deploy.revisions import sql_of

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Runs the SQL file of this revision. There is no way back: a ledger is not unmade."""
    context.static_output(sql_of(revision))
