"""One example of every event type, from matters that the rules alone decide: `python -m tests.golden_examples`.

Writes an example where there is none, and never touches one that is there: it stands for what was published.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from nom.console.scenario.loading import bundled
from nom.contracts.case import LinkReferral, LinkSubject
from nom.contracts.events import EventBase
from nom.contracts.every_process import AcknowledgeHandOff, CorrectRecord, HandOffAnswer, MarkUpToDate, RecordNote
from nom.contracts.ids import ProcessKind, parse_stream, stream_of
from nom.contracts.subjects import Subject
from nom.workflows.model import triage
from nom.workflows.operating_model import MODELS
from tests.console.office import Office
from tests.workflows.model.group_examples import later_lives
from tests.workflows.model.kit import Request, outcome_of, request
from tests.workflows.model.transfer_examples import moved_matters
from tests.workflows.model.triage_acts import COMPLETE, DECIDED, STREAM, opening

GOLDEN = Path(__file__).parent / "golden"


def event_types_of(kind: ProcessKind) -> frozenset[str]:
    """The names of every event that a process can record, those that all processes share among them."""
    return frozenset(MODELS[kind].events.json_schema()["discriminator"]["mapping"])


def event_types() -> frozenset[str]:
    """The names of every event of every process."""
    return frozenset(name for kind in MODELS for name in event_types_of(kind))


def golden(name: str) -> bytes:
    """The example of an event type as it was first published."""
    return (GOLDEN / f"{name}.json").read_bytes()


def golden_names() -> frozenset[str]:
    """The event types of which there is an example."""
    return frozenset(file.name.removesuffix(".json") for file in GOLDEN.iterdir())


def examples() -> dict[str, EventBase]:
    """The first event of each type that the examples reach, by name."""
    found: dict[str, EventBase] = {}
    for event in (*_a_triage(), *_worked_matters(), *later_lives(), *moved_matters()):
        found.setdefault(event.type, event)
    return found


def _a_triage() -> Iterator[EventBase]:
    """What any process can record: a triage that is brought in, noted on, corrected, and refused by its case."""
    first = opening()
    brought_in = first.command.brief.opening.model_copy(update={"brought_in": True})
    brief = first.command.brief.model_copy(update={"opening": brought_in})
    begun = first.model_copy(update={"command": first.command.model_copy(update={"brief": brief})})
    state = triage.MODEL.blank(STREAM)
    for asked in (begun, *COMPLETE, DECIDED, *_paperwork()):
        state, events = outcome_of(triage.MODEL, state, asked)
        yield from events
    refused = HandOffAnswer(accepted=False, code="process_ended", message="the case has ended (closed)")
    answer = AcknowledgeHandOff(hand_off_id=state.outbox[0].id, answer=refused)
    yield from outcome_of(triage.MODEL, state, request(STREAM, "system", answer, "2026-03-02 17:41"))[1]


def _paperwork() -> tuple[Request, ...]:
    wrong = CorrectRecord(wrong_seq=5, correction="the score is 42")
    return (
        request(STREAM, "triage_sergeant", RecordNote(text="the school was told", basis="fact"), "2026-03-03 09:00"),
        request(STREAM, "triage_sergeant", wrong, "2026-03-03 09:10", reason="misread"),
        request(STREAM, "triage_sergeant", MarkUpToDate(), "2026-03-03 09:20"),
    )


def _worked_matters() -> Iterator[EventBase]:
    for scenario in bundled():
        office = Office(scenario)
        office.run()
        for asked in _linked_later(office.case):
            office.give(asked)
        for record in office.all_records():
            yield MODELS[parse_stream(record.stream).kind].event_of(record)


def _linked_later(case: str) -> tuple[Request, ...]:
    """What may still join a case. A case that has closed refuses it."""
    spine, somebody = stream_of(case, ProcessKind.CASE), Subject(id="victim-9", age=19)
    later = LinkReferral(referral=stream_of(case, ProcessKind.REFERRAL, 9))
    return (
        request(spine, "triage_sergeant", later, "2026-08-03 09:00", reason="the same vehicle"),
        request(spine, "triage_sergeant", LinkSubject(subject=somebody), "2026-08-03 09:10", reason="named since"),
    )


def write_missing(folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Write the examples that a folder lacks. The names of those written, and of those that nothing here reaches."""
    found = examples()
    lacking = sorted(name for name in event_types() if not (folder / f"{name}.json").exists())
    written = tuple(name for name in lacking if name in found)
    for name in written:
        with (folder / f"{name}.json").open("xb") as file:
            file.write(found[name].canonical())
    return written, tuple(name for name in lacking if name not in found)


def main() -> int:
    """Write what is missing, and say what was written and what could not be. 1 if an example is still missing."""
    written, unreached = write_missing(GOLDEN)
    for name in written:
        sys.stdout.write(f"written: {name}\n")
    for name in unreached:
        sys.stdout.write(f"no example is reached: {name}\n")
    return 1 if unreached else 0


if __name__ == "__main__":
    sys.exit(main())
