import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from nom.audit.faults import Fault, FaultKind
from nom.audit.replay import Replayed
from nom.audit.verify import Verified
from nom.console.demo import Demonstration
from nom.workers.local.folder import DataFolder
from nom.workers.local.process import ServerState
from nom.workers.local.servers import status_of, stop_own
from tests.conftest_stack import short_folder

NOM = (sys.executable, "-c", "from nom.console.cli.app import main; main()")


@pytest.fixture
async def folder() -> AsyncIterator[DataFolder]:
    """A data folder whose servers are stopped at the end, whatever a demonstration left."""
    with short_folder() as path:
        yield DataFolder(path)
        await stop_own(DataFolder(path))


async def started(folder: DataFolder) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *NOM,
        *("demo", "--data", str(folder.path), "--json"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


def states(folder: DataFolder) -> set[ServerState]:
    status = status_of(folder)
    return {status.postgres.state, status.temporal.state}


@pytest.mark.engine
async def test_the_demonstration_agrees_proves_what_it_left_and_stops_everything(folder: DataFolder) -> None:
    process = await started(folder)
    printed, _ = await process.communicate()
    shown: dict[str, Any] = json.loads(printed)
    assert process.returncode == 0
    assert shown["agrees"] is True
    assert shown["differences"] == []
    assert {item["scenario"] for item in shown["scenarios"]} == {"01-network", "04-late", "05-not-a-network"}
    assert sorted(item["rule"] for item in shown["breaches"]) == ["CR1", "PC4", "PC4-later", "TR1", "WT1", "WT5", "WT7"]
    assert all(item["why"] for item in shown["breaches"])
    assert shown["events"].keys() == {"gmp", "wyp", "nfk", "nca"}
    assert sum(shown["events"].values()) == sum(item["events"] for item in shown["processes"])
    assert shown["verified"] == shown["replayed"] == len(shown["processes"])
    assert states(folder) == {ServerState.STOPPED}


@pytest.mark.engine
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_demonstration_that_is_interrupted_stops_its_servers(
    number: signal.Signals, folder: DataFolder
) -> None:
    process = await started(folder)
    while states(folder) != {ServerState.RUNNING}:
        assert process.returncode is None
        await asyncio.sleep(0.05)
    process.send_signal(number)
    await asyncio.sleep(0.2)
    # An impatient second signal must not break off the stopping.
    if process.returncode is None:
        process.send_signal(number)
    printed, _ = await process.communicate()
    assert process.returncode not in (0, None)
    assert printed == b""
    assert states(folder) == {ServerState.STOPPED}


def proved(*, fault: bool = False, failed: bool = False) -> Demonstration:
    faults = (Fault(kind=FaultKind.DIGEST_DIFFERS, words="changed", stream="gmp/26-a/case", seq=3),) if fault else ()
    ledger = Verified(ledger="gmp", streams=4, records=9, positions=9, waiting=0, faults=faults)
    verdict, reason = ("failed", "NondeterminismError: another command") if failed else ("replayed", None)
    history = Replayed.model_validate(
        {"stream": "gmp/26-a/case", "run": "r", "events": 9, "verdict": verdict, "reason": reason}
    )
    return Demonstration(outcomes=(), events={"gmp": 9}, verified=(ledger,), replayed=(history,), seconds=1.0)


def test_a_broken_chain_or_a_history_that_does_not_replay_is_a_difference() -> None:
    whole = proved()
    assert whole.agrees
    assert (whole.chains_that_hold, whole.histories_replayed) == (4, 1)
    broken = proved(fault=True, failed=True)
    assert not broken.agrees
    assert (broken.chains_that_hold, broken.histories_replayed) == (3, 0)
    assert [(part, point.got) for part, point in broken.differences] == [
        ("chains", "record 3 of gmp/26-a/case: changed"),
        ("replay", "failed: NondeterminismError: another command"),
    ]
