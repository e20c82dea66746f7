"""`nom status`: what runs on a data folder. Asks the operating system and our own records; changes nothing."""

from typing import Any

from nom.console.cli.options import AsJson, DataPath, folder_at, paper, print_json, table
from nom.console.times import local


def status_command(data: DataPath = None, as_json: AsJson = False) -> None:
    """Show the servers of the data folder: state, pid, port, since when, and the forces served. Exit code 3 if down."""
    import typer

    from nom.console.cli.endings import STACK_AWAY
    from nom.workers.local.process import ServerState
    from nom.workers.local.servers import status_of
    from nom.workers.local.stack import served

    folder = folder_at(data)
    status = status_of(folder)
    servers = (status.postgres, status.temporal)
    running = all(server.state is ServerState.RUNNING for server in servers)
    forces = [name.upper() for name in served(folder)]
    if as_json:
        rows: list[dict[str, Any]] = [
            {
                "server": str(server.kind),
                "state": str(server.state),
                "pid": server.pid,
                "port": server.port,
                "since": server.since.isoformat() if server.since else None,
            }
            for server in servers
        ]
        print_json(
            {
                "data": str(folder.path),
                "running": running,
                "owner": status.owner,
                "servers": rows,
                "forces": forces,
            }
        )
    else:
        owner = f"held by process {status.owner}" if status.owner else "held by nobody"
        shown = table(f"{folder.path}, {owner}", "server", "state", "pid", "port", "since")
        for server in servers:
            since = local(server.since) if server.since else ""
            shown.add_row(str(server.kind), str(server.state), str(server.pid or ""), str(server.port or ""), since)
        paper().print(shown)
        paper().print(f"Forces of this folder: {', '.join(forces) or 'none yet'}")
    if not running:
        raise typer.Exit(STACK_AWAY)
