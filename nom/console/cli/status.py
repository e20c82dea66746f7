"""`nom status`: what runs on a data folder. Asks the operating system and our own records; changes nothing."""

from typing import Any

import typer

from nom.console.cli.endings import STACK_AWAY
from nom.console.cli.options import AsJson, DataPath, folder_at, paper, print_json, table
from nom.console.times import local
from nom.workers.local.process import ServerState, ServerStatus
from nom.workers.local.servers import StackStatus, status_of
from nom.workers.local.stack import served


def status_command(data: DataPath = None, as_json: AsJson = False) -> None:
    """Show the servers of the data folder and the forces served.

    Ends with exit code 3 unless both servers are running.
    """
    folder = folder_at(data)
    status = status_of(folder)
    forces = [name.upper() for name in served(folder)]
    running = all(server.state is ServerState.RUNNING for server in (status.postgres, status.temporal))
    if as_json:
        print_json({**_plain(status), "running": running, "forces": forces})
    else:
        _print(status, forces)
    if not running:
        raise typer.Exit(STACK_AWAY)


def _plain(status: StackStatus) -> dict[str, Any]:
    servers = [_plain_server(server) for server in (status.postgres, status.temporal)]
    return {"data": str(status.folder), "owner": status.owner, "servers": servers}


def _plain_server(server: ServerStatus) -> dict[str, Any]:
    return {
        "server": str(server.kind),
        "state": str(server.state),
        "pid": server.pid,
        "port": server.port,
        "since": server.since.isoformat() if server.since else None,
    }


def _print(status: StackStatus, forces: list[str]) -> None:
    owner = f"held by process {status.owner}" if status.owner else "held by no process"
    shown = table(f"{status.folder}, {owner}", "server", "state", "pid", "port", "since")
    for server in (status.postgres, status.temporal):
        since = local(server.since) if server.since else ""
        shown.add_row(str(server.kind), str(server.state), str(server.pid or ""), str(server.port or ""), since)
    paper().print(shown)
    paper().print(f"Forces of this folder: {', '.join(forces) or 'none yet'}")
