"""Who read what: consultation and disclosure."""

from alembic import context

from nom.deploy.revisions import sql_of

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Runs the SQL file of this revision. There is no way back: a ledger is not unmade."""
    context.static_output(sql_of(revision))
