"""`nom worker`: one namespace's worker alone, without servers. What production and crash tests run."""

import os
from typing import Annotated

import typer

from nom.console.cli.options import DataPath, folder_at, run
from nom.workers.local.folder import DataFolder
from nom.workers.settings import WorkerSettings


def worker_command(
    force: Annotated[
        str | None, typer.Option("--force", help="The force to serve, such as GMP; NCA for the national worker.")
    ] = None,
    data: DataPath = None,
    sandboxed: Annotated[bool, typer.Option("--sandboxed", help="Run workflows in the engine's sandbox.")] = False,
) -> None:
    """Run one worker in the foreground until SIGINT or SIGTERM.

    With --data (or --force alone) it serves the running embedded stack of that folder. Without either it reads
    NOM_NAMESPACE, NOM_ENGINE_ADDRESS, NOM_LEDGER_DSN and NOM_SANDBOXED, as in production.
    """
    from nom.console.cli.endings import CannotDo
    from nom.workers.logs import log_for_people
    from nom.workers.main import run_worker
    from nom.workers.settings import settings_from

    log_for_people()
    if force is None and data is None:
        run(run_worker(settings_from(os.environ)))
        return
    if force is None:
        raise CannotDo("setting_missing", "--data needs --force: which of the stack's forces is to be served?")
    run(run_worker(_embedded(force.lower(), folder_at(data), sandboxed=sandboxed)))


def _embedded(namespace: str, folder: DataFolder, *, sandboxed: bool) -> WorkerSettings:
    from nom.console.access import StackNotRunning
    from nom.console.cli.endings import CannotDo
    from nom.workers.local.process import ServerState
    from nom.workers.local.servers import status_of
    from nom.workers.local.stack import served, worker_settings
    from nom.workers.local.temporal import TemporalServer

    status = status_of(folder)
    if {status.postgres.state, status.temporal.state} != {ServerState.RUNNING}:
        raise StackNotRunning(StackNotRunning.__doc__)
    known = served(folder)
    if namespace not in known:
        there = ", ".join(name.upper() for name in known)
        raise CannotDo("unknown_force", f"this stack has no force {namespace.upper()[:20]!r}; it has {there}")
    return worker_settings(folder, TemporalServer(folder, ()).address, namespace, sandboxed=sandboxed)
