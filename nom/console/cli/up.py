"""`nom up`: the whole stack in the foreground, with a readable log. Owns the data folder while it runs."""

import asyncio
import contextlib
import os
from textwrap import fill
from typing import Annotated

import structlog
import typer

from nom.console.cli.endings import INTERRUPTED
from nom.console.cli.options import DataPath, folder_at, run
from nom.console.forces import forces_from
from nom.console.upkeep import keep_up
from nom.workers.local.folder import DataFolder
from nom.workers.local.stack import Stack, served
from nom.workers.logs import log_for_people
from nom.workers.main import told_to_stop

log = structlog.get_logger()


def up_command(
    forces: Annotated[
        str | None,
        typer.Option("--forces", help="Such as GMP,WYP, or `all`. Forces of the folder stay.", show_default=False),
    ] = None,
    ui: Annotated[bool, typer.Option("--ui", help="Serve the engine's own pages, too.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log a line for every append to a ledger, too.")] = False,
    data: DataPath = None,
) -> None:
    """Run the whole stack in the foreground: engine, database and workers.

    Everything listens on 127.0.0.1 and lives in the data folder, which remembers its forces: a later `nom up` serves
    at least those. Without --forces a new folder serves every force: the first start then takes ten seconds or more,
    later ones a few seconds. Ctrl-C or SIGTERM stops it in order; a second one stops it at once. A server that ends by
    itself is started again. Nothing that was recorded is lost, however it ends.

    Logs one line for each worker, missed deadline and refused hand-off.
    """
    folder = folder_at(data)
    chosen = forces_from(forces, served(folder))
    log_for_people(verbose=verbose)
    new = {name.lower() for name in chosen} - set(served(folder))
    log.info("starting", forces=len(chosen), **({"new_ledgers": len(new)} if new else {}))
    if not run(_serve(folder, chosen, ui=ui)):
        raise typer.Exit(INTERRUPTED)


async def _serve(folder: DataFolder, forces: tuple[str, ...], *, ui: bool) -> bool:
    """Serve until told to stop. False when it was told so before everything was ready."""
    with told_to_stop() as stop:
        stack = Stack(folder, forces, ui=ui)
        begun = asyncio.get_running_loop().time()
        try:
            await _or_stopped(stack, stop)
        except _StoppedBeforeReady:
            return False
        try:
            _say_ready(stack, asyncio.get_running_loop().time() - begun)
            await keep_up(stack, stop)
            log.info("stopping")
        except asyncio.CancelledError:
            log.info("stopping_at_once")
        finally:
            await stack.__aexit__(None, None, None)
        log.info("stopped")
    return True


class _StoppedBeforeReady(Exception):
    """A signal came while the stack was still starting; what had been started is stopped again."""


async def _or_stopped(stack: Stack, stop: asyncio.Event) -> None:
    """Start the stack, unless a signal comes first: then stop what has been started."""
    starting = asyncio.create_task(stack.__aenter__())
    told = asyncio.create_task(stop.wait())
    await asyncio.wait((starting, told), return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if starting.done():
        await starting
        return
    log.info("stopping_before_ready")
    starting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await starting
        await stack.__aexit__(None, None, None)
    raise _StoppedBeforeReady


def _say_ready(stack: Stack, seconds: float) -> None:
    forces = [name.upper() for name in stack.namespaces]
    ui = stack.servers.temporal.ui_url
    typer.echo(f"nom is ready after {seconds:.1f} s (process {os.getpid()}). Ctrl-C stops it.")
    typer.echo(f"  data folder  {stack.folder.path}")
    typer.echo(f"  engine       {stack.address}")
    typer.echo(f"  pages        {ui or 'not served; --ui serves them'}")
    indent = " " * len("  forces       ")
    typer.echo(fill(f"  forces       {', '.join(forces)}", width=100, subsequent_indent=indent))
