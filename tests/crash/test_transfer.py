"""A case moves between two namespaces on the real engine, whichever worker dies in the middle or comes late."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from nom.audit.verify import verify
from nom.console.access import Access
from nom.console.client import Refused
from nom.console.drafts import draft, opening_for
from nom.console.people import actor
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.every_process import Opening
from nom.contracts.ids import moved_to, namespace_of, parse_stream, transferred_matter
from nom.workers.local.folder import DataFolder
from nom.workers.local.stack import Stack
from nom.workflows.operating_model import MODELS
from tests.conftest_stack import short_folder
from tests.crash.processes import WorkerProcess
from tests.crash.undisturbed import PersistingAccess
from tests.matters import OFFENCE, a_matter, ago, records, types

pytestmark = [pytest.mark.engine, pytest.mark.crash]

Story = dict[str, Counter[str]]
SETTLING_SECONDS = 90


class Forces:
    """Two forces and the Agency, each worker in a process of its own."""

    def __init__(self, access: Access, workers: dict[str, WorkerProcess]) -> None:
        self.access = access
        self.workers = workers

    async def settled(self, *cases: str) -> None:
        """Wait until no process of any of the cases waits for an answer."""
        async with asyncio.timeout(SETTLING_SECONDS):
            while True:
                waiting = [
                    await (await self.access.reader(namespace_of(case))).hand_offs_waiting(case) for case in cases
                ]
                # Asked twice, since one may have handed something to the other in between.
                again = [await (await self.access.reader(namespace_of(case))).hand_offs_waiting(case) for case in cases]
                if not any((*waiting, *again)):
                    return
                await asyncio.sleep(0.02)

    async def give(self, request: CommandEnvelope[Any]) -> None:
        """Give a command that is taken, however often its worker dies meanwhile."""
        await self.access.client.submit(request)


@pytest.fixture(scope="module")
async def forces() -> AsyncIterator[Forces]:
    with short_folder() as path:
        async with Stack(DataFolder(path), ["NWP", "MER"], workers=False) as stack:
            workers = {name: WorkerProcess(path, name) for name in ("nwp", "mer", "nca")}
            try:
                await asyncio.gather(*(worker.start() for worker in workers.values()))
                async with PersistingAccess(stack.folder) as access:
                    yield Forces(access, workers)
            finally:
                await asyncio.gather(*(worker.kill() for worker in workers.values()))


def opening(force: str, at: datetime) -> Opening:
    if force == "NCA":
        return opening_for("WAL", at, brought_in=False, agency="nca")
    return opening_for("WAL" if force == "NWP" else "ENG", at, brought_in=False, force=force)


def act(
    stream: str, person: str, command: dict[str, Any], at: datetime, reason: str | None = None, force: str | None = None
) -> CommandEnvelope[Any]:
    somebody = actor(person, force or namespace_of(stream))
    return draft(stream, command, somebody, occurred_at=at, reason=reason)


async def begin(forces: Forces, to: str) -> tuple[str, str]:
    """A matter of North Wales with an investigation and a suspect on bail, and the case by which it would go on."""
    case = a_matter("NWP")
    received = {
        "type": "ReceiveReferral",
        "opening": opening("NWP", ago(hours=9)),
        "source": "education",
        "subjects": ({"id": "child-1", "age": 14}, {"id": "suspect-1"}),
        "allegations": ({"victim": "child-1", "offence": OFFENCE},),
    }
    arrest = {"type": "Arrest", "opening": opening("NWP", ago(hours=9)), "suspect": "suspect-1"}
    relevant = {"type": "AuthoriseDetention", "relevant_time": ago(hours=7.5)}
    custody, spine = f"{case}/custody-1", f"{case}/case"
    await forces.give(act(f"{case}/referral-1", "teacher-1", received, ago(hours=9)))
    await forces.settled(case)
    urgent = {"type": "OpenStage", "stage": "investigation"}
    await forces.give(act(spine, "duty-officer-1", urgent, ago(hours=8.5), "a child is at risk"))
    await forces.give(act(custody, "officer-arrest-1", arrest, ago(hours=8)))
    await forces.give(act(custody, "custody-officer-1", relevant, ago(hours=7)))
    await forces.give(act(custody, "inspector-1", {"type": "ReviewDetention"}, ago(hours=5)))
    await forces.give(act(custody, "custody-officer-1", {"type": "Bail"}, ago(hours=4)))
    await forces.settled(case)
    return case, f"{to.lower()}/{transferred_matter(case, 1)}"


def asks(case: str, to: str) -> CommandEnvelope[Any]:
    command = {"type": "RequestTransfer", "to": to, "opening": opening(to, ago(hours=3))}
    return act(f"{case}/case", "officer-sio-1", command, ago(hours=3), "the suspects live there")


def accepts(there: str) -> CommandEnvelope[Any]:
    person = "coordinator-1" if there.startswith("nca/") else "superintendent-detective-1"
    return act(f"{there}/case", person, {"type": "AcceptTransfer"}, ago(hours=2), "the suspects live here")


async def story(forces: Forces, case: str, there: str) -> Story:
    """How often each event stands in each stream, by the stream's place in the matter. Every state is its fold, and
    every ledger holds.
    """
    told: Story = {}
    for label, owner in (("sender", case), ("receiver", there)):
        reader = await forces.access.reader(namespace_of(owner))
        for stream in await reader.streams_of(owner):
            stored = await records(reader, stream)
            told[f"{label}/{stream.rsplit('/', 1)[1]}"] = Counter(types(stored))
            model = MODELS[parse_stream(stream).kind]
            state = model.blank(stream)
            view = await forces.access.client.state(stream)
            for item in stored[: view.seq]:
                state = model.fold(state, item.record)
            assert view.state == state.canonical().decode()
        verdict = await verify(namespace_of(owner), reader)
        assert verdict.holds, verdict.first_fault
    return told


async def transferred(forces: Forces, to: str = "MER") -> tuple[str, str]:
    case, there = await begin(forces, to)
    await forces.give(asks(case, to))
    await forces.settled(case, there)
    await forces.give(accepts(there))
    await forces.settled(case, there)
    return case, there


@pytest.fixture(scope="module")
async def undisturbed(forces: Forces) -> Story:
    return await story(forces, *await transferred(forces))


async def test_a_case_goes_on_in_the_other_namespace_and_is_closed_to_new_work_in_its_own(forces: Forces) -> None:
    case, there = await transferred(forces)
    told = await story(forces, case, there)
    assert told["receiver/case"]["case_taken_over"] == 1
    assert {place for place in told if place.startswith("receiver")} == {
        "receiver/case", "receiver/referral-1", "receiver/investigation-1", "receiver/custody-1",
    }  # fmt: skip
    assert all(told[place]["hand_off_refused"] == 0 for place in told)
    appoint = {"type": "AppointSio", "officer": "officer-sio-1"}
    with pytest.raises(Refused, match=f"^transferred: .*{there}"):
        await forces.give(act(f"{case}/investigation-1", "superintendent-detective-1", appoint, ago(hours=1)))
    await forces.give(act(f"{there}/investigation-1", "superintendent-detective-1", appoint, ago(hours=1)))
    bailed, going_on = f"{case}/custody-1", moved_to(f"{case}/custody-1", there)
    clocks = [
        (await forces.access.client.state(stream)).state.count('"status":"running"') for stream in (bailed, going_on)
    ]
    assert clocks == [0, 1]


async def test_the_agency_takes_a_case_and_the_bail_regime_changes_with_it(forces: Forces) -> None:
    case, there = await transferred(forces, "NCA")
    told = await story(forces, case, there)
    assert told["receiver/custody-1"]["bail_regime_changed"] == 1
    assert all(told[place]["hand_off_refused"] == 0 for place in told)


@pytest.mark.parametrize(
    ("force", "command"),
    [
        ("nwp", "RequestTransfer"),
        ("mer", "OfferTransfer"),
        ("mer", "AcceptTransfer"),
        ("nwp", "AcceptTransfer"),
        ("mer", "TakeOverCase"),
        ("nwp", "TransferStage"),
        ("mer", "ContinueStage"),
        ("mer", "RecordStageOpened"),
    ],
)
async def test_a_transfer_ends_as_if_undisturbed_when_a_worker_dies_right_after_recording(
    forces: Forces, undisturbed: Story, force: str, command: str
) -> None:
    case, there = await begin(forces, "MER")
    worker = forces.workers[force]
    worker.die_after_the_append_of(command)

    async def revive() -> None:
        await worker.died()
        await worker.start()

    reviving = asyncio.ensure_future(revive())
    await forces.give(asks(case, "MER"))
    await forces.settled(case, there)
    await forces.give(accepts(there))
    await reviving
    await forces.settled(case, there)
    assert await story(forces, case, there) == undisturbed


async def test_a_receiver_that_is_away_finds_the_offer_when_it_is_back(forces: Forces, undisturbed: Story) -> None:
    case, there = await begin(forces, "MER")
    await forces.workers["mer"].kill()
    await forces.give(asks(case, "MER"))
    await forces.workers["mer"].start()
    await forces.settled(case, there)
    await forces.give(accepts(there))
    await forces.settled(case, there)
    assert await story(forces, case, there) == undisturbed
