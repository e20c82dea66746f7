"""Runs `nom` as a person does: as a process of its own, with its exit code, stdout and stderr."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

NOM = (sys.executable, "-m", "nom.console.cli.app")
SECONDS = 120


class Ended(NamedTuple):
    """How a run ended."""

    code: int | None
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - each test knows what it asked for
        """What was printed, as JSON."""
        return json.loads(self.out)


async def nom(*words: str | Path, seconds: float = SECONDS) -> Ended:
    """Run one command to its end, which must come within so many seconds."""
    process = await asyncio.create_subprocess_exec(
        *NOM, *map(str, words), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(seconds):
        out, err = await process.communicate()
    return Ended(process.returncode, out.decode(), err.decode())
