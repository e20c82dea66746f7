"""Tries, on the running stack, what a scenario says that somebody can or can't read: with that one's own logins.

Changes nothing. Where a database refuses a login, that is the answer and no error.
"""

import asyncio
from collections.abc import Mapping

from nom.activities.db import open_pool
from nom.activities.errors import LedgerNotReady
from nom.activities.reader import LedgerReader
from nom.activities.standing import StandingFold
from nom.console.access import Access
from nom.console.scenario.cast import Cast
from nom.console.scenario.compare import Read
from nom.console.scenario.expectations import ExpectedReading
from nom.contracts.envelope import StoredRecord
from nom.contracts.ids import CaseId, ProcessKind, namespace_of
from nom.contracts.services import ForceStatus, ProcessCount
from nom.deploy.roles import database_of, reader_of, worker_of
from nom.workers.local.postgres import PostgresServer

REPORT_SECONDS = 60.0
SECONDS_BETWEEN_LOOKS = 0.1
_PERSONS = ('"child-', '"victim-', '"suspect-', '"person-', '"reporter-')


async def tried(reading: ExpectedReading, cast: Cast, access: Access) -> Read:
    """Try it. Raises what the ledgers raise when they do not answer."""
    namespace = reading.force.lower()
    if reading.on_board:
        return await _board(reading, cast, access)
    if reading.can_read is not None:
        matter = cast.groups.get(reading.can_read) or cast.cases[reading.can_read]
        streams = await (await access.reader(namespace)).streams_of(matter)
        return Read(reading=reading, got="its events" if streams else "no event", agrees=bool(streams))
    matter = cast.cases[reading.cannot_read or ""]
    opened = [login for login in (reader_of(namespace), worker_of(namespace)) if await _opens(access, login, matter)]
    own = await (await access.reader(namespace)).streams_of(matter)
    got = [f"{login} opens {database_of(namespace_of(matter))}" for login in opened]
    got += [f"{len(own)} streams of it in its own ledger"] if own else []
    return Read(reading=reading, got="; ".join(got) or "refused, and nothing in its own", agrees=not got)


async def _opens(access: Access, login: str, matter: CaseId) -> bool:
    """Whether a login opens the database in which a matter lies."""
    folder, database = access.folder, database_of(namespace_of(matter))
    dsn = PostgresServer(folder).dsn(database, login, folder.password(login))
    try:
        pool = await open_pool(dsn, min_size=1, max_size=1, name="nom-scenario")
    except LedgerNotReady:
        return False
    await pool.close()
    return True


async def _board(reading: ExpectedReading, cast: Cast, access: Access) -> Read:
    wrong: list[str] = []
    for label in reading.on_board:
        matter = cast.cases[label]
        force = namespace_of(matter).upper()
        stored = await _positioned(await access.reader(force.lower()), matter)
        status = await _reported(access, force, max((item.position or 0 for item in stored), default=0))
        wrong += [f"{label}: {words}" for words in _lacking(stored, status)]
    got = "; ".join(wrong) or f"counts and clocks of {', '.join(reading.on_board)}, no content"
    return Read(reading=reading, got=got, agrees=not wrong)


async def _positioned(reader: LedgerReader, matter: CaseId) -> tuple[StoredRecord, ...]:
    """The records of a case once each has its place in the ledger."""
    async with asyncio.timeout(REPORT_SECONDS):
        while True:
            stored = tuple([item async for item in reader.case_records(matter)])
            if all(item.position is not None for item in stored):
                return stored
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


async def _reported(access: Access, force: str, position: int) -> ForceStatus | None:
    """The force's report on the board that reflects this position; the last one where none comes in a minute."""
    store, status = await access.board(), None
    try:
        async with asyncio.timeout(REPORT_SECONDS):
            while status is None or status.as_of_position < position:
                reports = await store.latest_board_reports()
                found = next((item for item in reports if item.force == force), None)
                status = ForceStatus.model_validate(found.report, strict=False) if found else None
                await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
    except TimeoutError:
        return None
    return status


def _lacking(stored: tuple[StoredRecord, ...], status: ForceStatus | None) -> list[str]:
    """What the report should show of the case's processes and does not, and what it shows that it should not."""
    if status is None:
        return ["not reported"]
    fold = StandingFold()
    for position, item in enumerate(stored):
        fold.take(item.model_copy(update={"position": position}))
    own = fold.status(status.force, status.as_of)
    shown = {count.process: count for count in status.processes}
    lacking = [f"{count.process.value} not counted" for count in own.processes if not _covers(shown, count)]
    plain = status.model_dump_json()
    return lacking + (["content"] if any(person in plain for person in _PERSONS) else [])


def _covers(shown: Mapping[ProcessKind, ProcessCount], own: ProcessCount) -> bool:
    """Whether a force's counts and clocks hold those of one of its cases."""
    there = shown.get(own.process)
    return (
        there is not None
        and there.open >= own.open
        and there.ended >= own.ended
        and there.due >= own.due
        and set(there.overdue_clocks) >= set(own.overdue_clocks)
    )
