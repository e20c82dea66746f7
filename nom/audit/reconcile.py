"""Compares two accounts of one process: the engine's histories and the ledger's records. And of hand-offs: both ends.

Every append in a history must be exactly one record with the same digest, and every record must come from an append.
What one process handed on must have been received and answered once, and nothing received that was not handed on.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

import pydantic_core
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from nom.activities.reader import LedgerReader
from nom.activities.requests import APPEND, READ_SINCE
from nom.activities.seals import SealStore
from nom.activities.standing import common_event
from nom.audit.histories import Run, runs_of
from nom.contracts.actors import SYSTEM
from nom.contracts.base import Contract
from nom.contracts.envelope import AppendOutcome, Record
from nom.contracts.every_process import HandOff, HandOffAcknowledged, HandOffMade, HandOffRefused
from nom.contracts.ids import StreamId

LOCAL_ACTIVITY: Final = "core_local_activity"


class Disagreement(Contract):
    """Where two accounts differ: of which process, at which of its records where one is concerned, and how."""

    stream: StreamId
    words: str
    seq: int | None = None


class StreamReconciled(Contract):
    """What came of comparing one process. `in_flight` records are newer than the running process's history; of
    `unknown` ones the history that appended them could not be had: it is gone, or it was cut off by a reset and the
    process found them in its ledger.
    """

    stream: StreamId
    appends: int
    records: int
    in_flight: int = 0
    unknown: int = 0
    disagreements: tuple[Disagreement, ...] = ()


class Appended(NamedTuple):
    """What one append's marker says: in which run, at which event, and the digests that the ledger gave back."""

    run_id: str
    event_id: int
    digests: tuple[str, ...]


async def reconcile_process(
    client: Client, seals: SealStore, reader: LedgerReader, stream: StreamId
) -> StreamReconciled:
    """Fetch both accounts of a process and compare them. Raises what engine and ledger raise when they don't answer."""
    runs = await runs_of(client, seals, stream)
    records = [stored.record async for stored in reader.stream(stream)]
    return reconcile_stream(stream, runs, records)


def reconcile_stream(stream: StreamId, runs: Sequence[Run], records: Sequence[Record]) -> StreamReconciled:
    """Compare the histories of a process, read first, with its records, read after them."""
    appended, learned, unreadable = _said(runs)
    held = {record.digest: record for record in records}
    said = Counter(digest for item in appended for digest in item.digests)
    found = [
        *(Disagreement(stream=stream, words=f"event {item} can't be read") for item in unreadable),
        *_not_in_ledger(stream, appended, held),
        *_more_than_once(stream, records),
    ]
    missing = [record for record in records if record.digest not in said and record.digest not in learned]
    found_there = sum(record.digest in learned and record.digest not in said for record in records)
    in_flight, unknown, absent = _sorted_out(runs, records, missing)
    found += [
        Disagreement(stream=stream, seq=record.seq, words="the record comes from no append of any run")
        for record in absent
    ]
    return StreamReconciled(
        stream=stream,
        appends=len(appended),
        records=len(records),
        in_flight=in_flight,
        unknown=unknown + found_there,
        disagreements=tuple(found),
    )


def _said(runs: Sequence[Run]) -> tuple[list[Appended], set[str], list[int]]:
    """What the histories say was appended, which records a process learned of, and the events that can't be read."""
    appended: list[Appended] = []
    learned: set[str] = set()
    unreadable: list[int] = []
    for run in runs:
        for event in run.events:
            try:
                outcome = _outcome_in(event)
            except (ValueError, LookupError, AttributeError, TypeError):
                unreadable.append(event.event_id)
                continue
            if outcome is None:
                continue
            learned.update(record.digest for record in outcome.moved_on)
            if outcome.appended is not None:
                appended.append(Appended(run.run_id, event.event_id, outcome.appended.digests))
    return appended, learned, unreadable


def _outcome_in(event: HistoryEvent) -> AppendOutcome | None:
    """The ledger's answer in a local activity's marker; None in any other event, and where the activity failed."""
    marker = event.marker_recorded_event_attributes
    if marker.marker_name != LOCAL_ACTIVITY or marker.HasField("failure"):
        return None
    data = pydantic_core.from_json(marker.details["data"].payloads[0].data)
    if data.get("activity_type") not in (APPEND, READ_SINCE):
        return None
    return AppendOutcome.model_validate_json(marker.details["result"].payloads[0].data)


def _not_in_ledger(
    stream: StreamId, appended: Iterable[Appended], held: Mapping[str, Record]
) -> Iterator[Disagreement]:
    for item in appended:
        gone = [digest for digest in item.digests if digest not in held]
        if gone:
            words = (
                f"run {item.run_id} appended {len(item.digests)} records at its event {item.event_id}; "
                f"the ledger does not hold {len(gone)} of them ({gone[0][:12]})"
            )
            yield Disagreement(stream=stream, words=words)


def _more_than_once(stream: StreamId, records: Sequence[Record]) -> Iterator[Disagreement]:
    for digest, count in Counter(record.digest for record in records).items():
        if count > 1:
            yield Disagreement(stream=stream, words=f"the ledger holds {count} records with the digest {digest[:12]}")


def _sorted_out(
    runs: Sequence[Run], records: Sequence[Record], missing: Sequence[Record]
) -> tuple[int, int, Sequence[Record]]:
    """Of the records without an append: how many may still be on their way into a running process's history, how many
    belong to histories that can't be had, and those that are left.
    """
    if not missing:
        return 0, 0, ()
    if not runs:
        return 0, len(missing), ()
    absent = {record.digest for record in missing}
    known = [record.seq for record in records if record.digest not in absent]
    first_known = 0 if _reaches_back(runs) else min(known, default=0)
    running = any(not run.is_whole and run.source == "engine" for run in runs)
    unknown = [record for record in missing if record.seq < first_known]
    rest = [record for record in missing if record.seq >= first_known]
    last_known = max(known, default=0)
    left = [record for record in rest if not running or record.seq <= last_known]
    return len(rest) - len(left), len(unknown), left


def _reaches_back(runs: Sequence[Run]) -> bool:
    """Whether the first run of the process is among them: one that continues no other."""
    return any(not run.events[0].workflow_execution_started_event_attributes.continued_execution_run_id for run in runs)


class HandOffsReconciled(Contract):
    """What came of comparing both ends of every hand-off. `waiting` have no answer yet."""

    made: int
    accepted: int
    refused: int
    waiting: int
    disagreements: tuple[Disagreement, ...]


class HandOffLook:
    """Follows hand-offs over the records of any number of ledgers, in any order of streams.

    A hand-off is given by the system on behalf of somebody; what a process tells itself is on nobody's.
    """

    def __init__(self) -> None:
        self._made: dict[UUID, tuple[StreamId, int, HandOff]] = {}
        self._answers: dict[UUID, list[tuple[StreamId, int, bool]]] = {}
        self._received: dict[UUID, tuple[StreamId, int, str]] = {}
        self._twice: list[Disagreement] = []
        self._namespaces: set[str] = set()

    def take(self, record: Record) -> None:
        """The next record."""
        self._namespaces.add(record.stream.split("/", 1)[0])
        event = common_event(record)
        if isinstance(event, HandOffMade):
            made = self._made.setdefault(event.hand_off.id, (record.stream, record.seq, event.hand_off))
            if made[:2] != (record.stream, record.seq):
                self._more_than_once(record, f"{event.hand_off.command} was handed on under an id that was used before")
        elif isinstance(event, HandOffAcknowledged | HandOffRefused):
            accepted = isinstance(event, HandOffAcknowledged)
            self._answers.setdefault(event.hand_off_id, []).append((record.stream, record.seq, accepted))
        if record.actor.id == SYSTEM.id and record.actor.on_behalf_of is not None:
            first = self._received.setdefault(record.command_id, (record.stream, record.seq, record.command))
            if first[0] != record.stream:
                self._more_than_once(record, f"{record.command} was received before, by {first[0]}")

    def _more_than_once(self, record: Record, words: str) -> None:
        self._twice.append(Disagreement(stream=record.stream, seq=record.seq, words=words))

    def result(self, *, every_ledger: bool) -> HandOffsReconciled:
        """What was found. Ends in ledgers that were not read are left out; that something was received which nobody
        handed on can be said only where every ledger was.
        """
        answers = [one for each in self._answers.values() for one in each]
        found = [*self._twice, *self._of_made(), *self._of_answers(), *(self._of_received() if every_ledger else ())]
        return HandOffsReconciled(
            made=len(self._made),
            accepted=sum(accepted for _, _, accepted in answers),
            refused=sum(not accepted for _, _, accepted in answers),
            waiting=sum(identity not in self._answers for identity in self._made),
            disagreements=tuple(found),
        )

    def _of_made(self) -> Iterator[Disagreement]:
        for identity, (stream, seq, item) in self._made.items():
            answers = self._answers.get(identity, [])
            if len(answers) > 1:
                yield Disagreement(stream=stream, seq=seq, words=f"{item.command} was answered {len(answers)} times")
            for answered_in, at, _ in answers:
                if answered_in != stream:
                    words = f"the answer to {item.command} stands in another process than the one that handed it on"
                    yield Disagreement(stream=answered_in, seq=at, words=words)
            if not answers or item.to.split("/", 1)[0] not in self._namespaces:
                continue
            accepted = answers[0][2]
            received = self._received.get(identity)
            if accepted and received is None:
                words = f"{item.to} is said to have taken {item.command}, and its ledger knows nothing of it"
                yield Disagreement(stream=stream, seq=answers[0][1], words=words)
            elif not accepted and received is not None:
                words = f"{item.to} is said to have refused {item.command}, and its ledger holds it"
                yield Disagreement(stream=stream, seq=answers[0][1], words=words)
            elif received is not None and (received[0], received[2]) != (item.to, item.command):
                words = f"{item.command} for {item.to} was received as {received[2]} by {received[0]}"
                yield Disagreement(stream=stream, seq=seq, words=words)

    def _of_answers(self) -> Iterator[Disagreement]:
        for identity, answers in self._answers.items():
            if identity not in self._made:
                stream, seq, _ = answers[0]
                yield Disagreement(stream=stream, seq=seq, words="the answer is to nothing that was handed on")

    def _of_received(self) -> Iterator[Disagreement]:
        for identity, (stream, seq, command) in self._received.items():
            if identity not in self._made:
                words = f"{command} was received, and nobody handed it on"
                yield Disagreement(stream=stream, seq=seq, words=words)
