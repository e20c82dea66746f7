"""`python -m bench`: measure, print the ratios, write them down. Owns its servers, and stops them whatever happens."""

import argparse
import asyncio
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench import appends, commands, decisions, replays, verifies, whatifs
from bench.database import BenchDatabase, admin_dsn
from bench.matters import FORCE
from bench.processors import Processors
from bench.results import Result, table, write
from bench.worker import WorkerProcess
from nom.activities.db import open_pool
from nom.activities.reader import LedgerReader
from nom.workers.local.folder import DataFolder
from nom.workers.local.stack import Stack, reader_dsn
from nom.workers.logs import log_for_machines

PARTS = ("a", "b", "c", "d", "e", "f")
RESULTS = Path("bench-results.json")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, and end without the interpreter's own exit, which can crash in the engine's client."""
    options = _options(arguments)
    log_for_machines()
    code = 1
    try:
        results = asyncio.run(_until_told_to_stop(options.only or PARTS, quick=options.quick, records=options.records))
        write(options.json, results)
        print(table(results))
        print(f"written to {options.json}", file=sys.stderr)
        code = 0
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("stopped before the end: nothing was written", file=sys.stderr)
    except Exception:  # noqa: BLE001 - whatever it was, it is shown, and the exit is the same
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


async def _until_told_to_stop(parts: Sequence[str], *, quick: bool, records: int | None) -> list[Result]:
    """SIGTERM ends it as Ctrl-C does: the worker and the servers are stopped first."""
    measuring = asyncio.ensure_future(measured(parts, quick=quick, records=records))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, measuring.cancel)
    return await measuring


async def measured(parts: Sequence[str], *, quick: bool, records: int | None = None) -> list[Result]:
    """The results of the parts asked for, each described where it is measured. `records`: how many are verified."""
    results: list[Result] = []
    if "c" in parts:
        results += decisions.measure(decisions.QUICK if quick else decisions.FULL)
    if "e" in parts:
        results += whatifs.measure(whatifs.QUICK if quick else whatifs.FULL)
    if {"a", "b"} & set(parts):
        with short_folder() as path:
            async with Stack(DataFolder(path), [FORCE], workers=False) as stack:
                database = await BenchDatabase.prepared(stack.folder)
                if "b" in parts:
                    results += await appends.measure(database, appends.QUICK if quick else appends.FULL)
                if "a" in parts:
                    results += await _commands(stack, database, commands.QUICK if quick else commands.FULL)
    if "d" in parts:
        results += await _replays(replays.QUICK if quick else replays.FULL)
    if "f" in parts:
        effort = verifies.QUICK if quick else verifies.FULL
        results += await _verifies(effort if records is None else effort._replace(records=records))
    return sorted(results, key=lambda result: result.name[0])


async def _replays(effort: replays.Effort) -> list[Result]:
    """The stack is stopped before anything is measured."""
    with short_folder() as path:
        async with Stack(DataFolder(path), replays.forces()) as stack:
            histories = await replays.made_histories(stack)
        return await replays.measure(histories, effort, path / "replays")


async def _verifies(effort: verifies.Effort) -> list[Result]:
    """On a ledger of its own, which is full afterwards."""
    with short_folder() as path:
        async with Stack(DataFolder(path), [FORCE], workers=False) as stack:
            settings = stack.worker_settings(FORCE)
            signer = settings.signer()
            if signer is None:
                raise RuntimeError("the embedded stack signs its checkpoints")
            dsns = verifies.Dsns(admin_dsn(stack.folder), settings.ledger_dsn, reader_dsn(stack.folder, FORCE))
            return await verifies.measure(dsns, signer, effort)


async def _commands(stack: Stack, database: BenchDatabase, effort: commands.Effort) -> list[Result]:
    servers = stack.servers
    async with (
        WorkerProcess(stack.folder, stack.folder.logs / "bench-worker.log") as worker,
        await open_pool(reader_dsn(stack.folder, FORCE), max_size=1) as pool,
    ):
        pids = (worker.pid, servers.temporal.status().pid, servers.postgres.status().pid)
        processors = Processors(*(pid for pid in pids if pid is not None))
        body = await database.body_bytes(appends.appends(1)[0])
        return await commands.measure(stack.address, LedgerReader(pool), processors, body, effort)


@contextmanager
def short_folder() -> Generator[Path]:
    """A folder for the servers' data, removed afterwards. Its path is short, for a socket's must be, and the database's
    account may pass through.
    """
    path = Path(tempfile.mkdtemp(prefix="nom-bench-", dir="/tmp")).resolve()
    path.chmod(0o711)
    try:
        yield path / "data"
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure nom beside its yardsticks.")
    parser.add_argument("--quick", action="store_true", help="few and short rounds: to see that it runs, not to quote")
    parser.add_argument("--json", type=Path, default=RESULTS, help=f"where the results go (default: {RESULTS.name})")
    parser.add_argument(
        "--only",
        choices=PARTS,
        action="append",
        help="a commands, b appends, c decisions, d replay, e what if, f verify",
    )
    parser.add_argument("--records", type=int, help=f"records of f's ledger (default: {verifies.FULL.records:,})")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
