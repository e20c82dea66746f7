"""A process that owns a data folder and runs both servers until it is told to end (SIGTERM) or is killed."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from nom.workers.local.folder import DataFolder
from nom.workers.local.servers import Servers


def say(word: str) -> None:
    """One word on a line, for the test that started us."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def own(path: Path) -> None:
    """Run the servers; an interrupt is only reported, so that the test can see who else felt it."""
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ending.set)
    loop.add_signal_handler(signal.SIGINT, say, "interrupted")
    async with Servers(DataFolder(path), ["gmp"]):
        say("ready")
        await ending.wait()
    say("ended")


if __name__ == "__main__":
    asyncio.run(own(Path(sys.argv[1])))
    os._exit(0)
