"""Alembic's environment. Writes the SQL of a migration; `nom.deploy.migrate` runs it through asyncpg."""

from alembic import context

if not context.is_offline_mode():
    msg = "run `nom.deploy.migrate`, or `alembic upgrade head --sql` to read what it would run"
    raise SystemExit(msg)

# No BEGIN and COMMIT: whoever runs the SQL puts all of it into one transaction.
context.configure(dialect_name="postgresql", transactional_ddl=False, version_table_schema="public")
context.run_migrations()
