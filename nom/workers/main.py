"""Runs one worker until it is told to stop. `python -m nom.workers.main` is production's entry point.

Reads its settings from the environment, once. Starts no server, prepares no database, serves one namespace.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager

import structlog

from nom.workers.logs import log_for_machines
from nom.workers.outages import tell_of_outages
from nom.workers.plugin import connect
from nom.workers.settings import SettingMissing, WorkerSettings, settings_from
from nom.workers.worker import RunningWorker

BAD_SETTINGS = 2

log = structlog.get_logger()


@contextmanager
def told_to_stop() -> Generator[asyncio.Event]:
    """An event that the first SIGINT or SIGTERM sets. The second cancels whatever the task is waiting for, so that it
    ends without finishing what is under way; nothing that was acknowledged depends on a clean end.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    task = asyncio.current_task()

    def heard() -> None:
        if stop.is_set() and task is not None:
            task.cancel()
        stop.set()

    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, heard)
    try:
        yield stop
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


async def run_worker(settings: WorkerSettings) -> None:
    """Serve until SIGINT or SIGTERM. Raises what the engine or the database says when it can't be reached."""
    with told_to_stop() as stop:
        async with RunningWorker(settings):
            await tell_of_outages(await connect(settings.engine_address, settings.namespace), stop)
            log.info("worker_stopping", namespace=settings.namespace)
        log.info("worker_stopped", namespace=settings.namespace)


def main() -> None:
    """Read the settings, run the worker, end with 0 when it was asked to stop."""
    log_for_machines()
    code = _run()
    sys.stdout.flush()
    sys.stderr.flush()
    # An ordinary exit of the interpreter can crash in the engine's client while its threads are still there.
    os._exit(code)


def _run() -> int:
    try:
        asyncio.run(run_worker(settings_from(os.environ)))
    except SettingMissing as missing:
        log.error("setting_missing", problem=str(missing))  # noqa: TRY400 - the message says it all
        return BAD_SETTINGS
    except asyncio.CancelledError:
        return 1
    except Exception:
        log.exception("worker_failed")
        return 1
    return 0


if __name__ == "__main__":
    main()
