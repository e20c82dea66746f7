"""The ledger's tables."""

from alembic import context

from nom.deploy.revisions import sql_of

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Runs the SQL file of this revision. There is no way back: a ledger is not unmade."""
    context.static_output(sql_of(revision))
