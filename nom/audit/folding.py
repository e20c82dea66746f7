"""Folds a process again from the ledger alone: is its state what its records give, and are they what the rules give?

Reads what it is given and writes nothing. What is in agreement here says nothing about who wrote the ledger: digests,
chains and checkpoints speak to that.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from pydantic import ValidationError

from nom.audit.deciding import decide_again
from nom.audit.reconcile import Disagreement
from nom.contracts.base import Contract
from nom.contracts.envelope import StoredRecord
from nom.contracts.ids import StreamId, parse_stream
from nom.contracts.run import StateView
from nom.workflows.model.process import ProcessState
from nom.workflows.operating_model import MODELS

StateVerdict = Literal["same", "differs", "gone"]
"""`gone`: the engine no longer has the process, so that there is nothing to compare with."""


class FoldedAgain(Contract):
    """What came of one process. `records` is what the ledger holds of it, `compared_at` the number of the record up to
    which the process has come. Of its `commands`, `again` gave what was recorded; of `not_kept` an older version of the
    ledger did not keep what was asked.
    """

    stream: StreamId
    records: int
    compared_at: int | None
    state: StateVerdict
    commands: int
    again: int
    not_kept: int
    differences: tuple[Disagreement, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def fold_again(stream: StreamId, view: StateView | None, stored: Sequence[StoredRecord]) -> FoldedAgain:
    """Compare what a process says that it holds, read first, with its records, all of them and read after that. `view`
    is None for a process that the engine no longer has.
    """
    of_state = () if view is None else tuple(_of_state(stream, view, stored))
    verdicts, of_commands = _decided(stream, stored)
    return FoldedAgain(
        stream=stream,
        records=len(stored),
        compared_at=None if view is None else view.seq,
        state="gone" if view is None else "differs" if of_state else "same",
        commands=len(verdicts),
        again=verdicts.count("same"),
        not_kept=verdicts.count("not_kept"),
        differences=(*of_state, *of_commands),
    )


def not_folded(stream: StreamId, seq: int) -> FoldedAgain:
    """What is said of a process with a record that does not even fit its contract."""
    words = "the record does not fit its contract; nothing of the process was folded"
    found = Disagreement(stream=stream, seq=seq, words=words)
    return FoldedAgain(
        stream=stream,
        records=0,
        compared_at=None,
        state="differs",
        commands=0,
        again=0,
        not_kept=0,
        differences=(found,),
    )


def _decided(stream: StreamId, stored: Sequence[StoredRecord]) -> tuple[list[str], list[Disagreement]]:
    """What became of each command, and what differs. A command that can't be put to the rules is no agreement."""
    verdicts: list[str] = []
    found: list[Disagreement] = []
    try:
        for item in decide_again(stream, stored):
            verdicts.append(item.verdict)
            if item.verdict not in ("same", "not_kept"):
                words = f"{item.command}, decided again: {item.words}"
                found.append(Disagreement(stream=stream, seq=item.seq, words=words))
    except ValidationError:
        words = "an event was recorded that this code can't read; commands from there on were not decided again"
        found.append(Disagreement(stream=stream, seq=_first_unreadable(stream, stored), words=words))
    return verdicts, found


def _of_state(stream: StreamId, view: StateView, stored: Sequence[StoredRecord]) -> Iterator[Disagreement]:
    def differs(words: str, seq: int | None = None) -> Disagreement:
        return Disagreement(stream=stream, seq=seq or view.seq or None, words=words)

    held = [item.record for item in stored if item.record.seq <= view.seq]
    last = held[-1].seq if held else 0
    if last != view.seq:
        yield differs(f"the process has come to record {view.seq}; the ledger ends with record {last}")
        return
    if held and held[-1].digest != view.head:
        yield differs("the process knows this record with another digest")
    model = MODELS[parse_stream(stream).kind]
    state: ProcessState = model.blank(stream)
    for record in held:
        try:
            state = model.fold(state, record)
        except ValidationError:
            yield differs(f"this code can't read the event ({record.type})", record.seq)
            return
    if state.canonical().decode() != view.state:
        yield differs(f"the process holds another state than its records give, in {_parts(state, view)}")


def _parts(state: ProcessState, view: StateView) -> str:
    """The fields in which two states differ; not what stands there, which may be about a person."""
    ours: dict[str, Any] = state.model_dump(mode="json")
    theirs: dict[str, Any] = json.loads(view.state)
    names = [name for name in dict.fromkeys((*ours, *theirs)) if ours.get(name) != theirs.get(name)]
    return ", ".join(names) or "the way in which it is written"


def _first_unreadable(stream: StreamId, stored: Sequence[StoredRecord]) -> int | None:
    model = MODELS[parse_stream(stream).kind]
    for item in stored:
        try:
            model.event_of(item.record)
        except ValidationError:
            return item.record.seq
    return None
