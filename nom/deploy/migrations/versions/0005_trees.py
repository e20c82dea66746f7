"""Sealed histories, and signed checkpoints of the trees over records and seals."""

from alembic import context

from nom.deploy.revisions import sql_of

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Runs the SQL file of this revision. There is no way back: a ledger is not unmade."""
    context.static_output(sql_of(revision))
