"""Setting up what nom runs on: databases, roles, migrations. Never used while a command is being worked."""
