"""`nom worker`: one namespace's worker alone, without servers. What production and crash tests run."""

import os
from typing import Annotated

import typer

from nom.console.access import StackNotRunning
from nom.console.cli.endings import CannotDo
from nom.console.cli.options import DataPath, folder_at, run
from nom.workers.local.folder import DataFolder
from nom.workers.local.process import ServerState
from nom.workers.local.servers import status_of
from nom.workers.local.stack import served, worker_settings
from nom.workers.local.temporal import TemporalServer
from nom.workers.logs import log_for_people
from nom.workers.main import run_worker
from nom.workers.settings import WorkerSettings, settings_from


def worker_command(
    force: Annotated[
        str | None, typer.Option("--force", help="The force to serve, such as GMP; NCA for the national worker.")
    ] = None,
    data: DataPath = None,
    sandboxed: Annotated[bool, typer.Option("--sandboxed", help="Run workflows in the engine's sandbox.")] = False,
) -> None:
    """Run one worker in the foreground until SIGINT or SIGTERM.

    With --force it serves the running embedded stack of the data folder. Without it reads NOM_NAMESPACE,
    NOM_ENGINE_ADDRESS, NOM_LEDGER_DSN and NOM_SANDBOXED, as in production.
    """
    log_for_people()
    if force is not None:
        run(run_worker(embedded_settings(folder_at(data), force.lower(), sandboxed=sandboxed)))
    elif data is not None:
        raise CannotDo("setting_missing", "--data needs --force: which of the stack's forces is to be served?")
    else:
        run(run_worker(settings_from(os.environ)))


def embedded_settings(folder: DataFolder, namespace: str, *, sandboxed: bool) -> WorkerSettings:
    """The settings of a worker of the running embedded stack. Raises `StackNotRunning`, or `CannotDo` for a force that
    the stack does not have.
    """
    status = status_of(folder)
    if {status.postgres.state, status.temporal.state} != {ServerState.RUNNING}:
        raise StackNotRunning(StackNotRunning.__doc__)
    known = served(folder)
    if namespace not in known:
        there = ", ".join(name.upper() for name in known)
        raise CannotDo("unknown_force", f"this stack has no force {namespace.upper()[:20]!r}; it has {there}")
    return worker_settings(folder, TemporalServer(folder, ()).address, namespace, sandboxed=sandboxed)
