"""What was asked, beside what came of it."""

from alembic import context

from nom.deploy.revisions import sql_of

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Runs the SQL file of this revision. There is no way back: a ledger is not unmade."""
    context.static_output(sql_of(revision))
