"""What was refused, and trees for the logs of readings and refusals."""

from alembic import context

from nom.deploy.revisions import sql_of

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Runs the SQL file of this revision. There is no way back: a ledger is not unmade."""
    context.static_output(sql_of(revision))
