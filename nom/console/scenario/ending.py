"""Compares what a scenario expects of one case in the end with what its records say. Pure."""

from collections.abc import Iterator, Sequence

from pydantic import JsonValue, TypeAdapter

from nom.activities.standing import StandingFold, common_event
from nom.console.scenario.cast import Cast, filled
from nom.console.scenario.expectations import CaseExpectations, ExpectedDeadline, ExpectedEvent, ExpectedHandOff
from nom.console.scenario.findings import Findings
from nom.console.scenario.model import Scenario, stream_named
from nom.console.scenario.points import Point, fields_of, listed, moment, plain, point
from nom.console.scenario.words import DueAt, is_due
from nom.contracts.clocks import Clock
from nom.contracts.envelope import Record, StoredRecord
from nom.contracts.every_process import HandOffAcknowledged, HandOffMade, HandOffRefused
from nom.contracts.ids import namespace_of

FIELDS: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


class CaseEnding:
    """One case (or review) of a run in the end: its records, and everything that is expected of it."""

    def __init__(
        self, scenario: Scenario, cast: Cast, label: str, findings: Findings, records: Sequence[Record]
    ) -> None:
        self._scenario = scenario
        self._cast = cast
        self._label = label
        self._findings = findings
        self._records = records
        self._expect: CaseExpectations | None = scenario.expect.cases.get(label)

    def points(self) -> Iterator[Point]:
        """Every point. Of a case that nothing is expected of, only that none of its hand-offs was refused."""
        expect = self._expect
        if expect is not None:
            yield from self._deadlines(expect)
            yield from self._breaches(expect)
            yield from self._matter(expect)
            yield from self._closures(expect)
            for item in expect.recorded:
                yield from self._recorded(item)
            for told in expect.hand_offs:
                yield from self._told(told)
        yield from self._refused_hand_offs(expect)

    def _deadlines(self, expect: CaseExpectations) -> Iterator[Point]:
        for deadline in expect.deadlines:
            process = self._findings.process(deadline.process)
            clocks = process.clocks if process else ()
            clock = next((item for item in clocks if item.id == deadline.clock), None)
            what = f"deadline {deadline.clock} of {deadline.process}"
            expected = _clock_in_words(deadline, deadline.rule, _due_in_words(deadline.due), deadline.about, None)
            if clock is None:
                there = ", ".join(item.id for item in clocks) or "none"
                yield Point(what=what, expected=expected, got=f"no such clock; there: {there}", agrees=False)
            else:
                due = moment(clock.due_at, clock.last_day)
                got = _clock_in_words(deadline, clock.rule, due, clock.about, clock)
                yield Point(what=what, expected=expected, got=got, agrees=_is_that_clock(clock, deadline))

    def _breaches(self, expect: CaseExpectations) -> Iterator[Point]:
        wanted = {(item.process, item.clock): item.rule for item in expect.breaches}
        found = {(item.process, item.clock): item for item in self._findings.breaches}
        if not wanted and not found:
            yield point("breaches", "none", "none")
        for (process, clock), rule in wanted.items():
            there = found.get((process, clock))
            got = f"{there.rule} breached" if there else "no breach"
            yield point(f"breach {clock} of {process}", f"{rule} breached", got)
        for (process, clock), breach in found.items():
            if (process, clock) not in wanted:
                yield point(f"breach {clock} of {process}", "no breach", f"{breach.rule} breached: {breach.why}")

    def _matter(self, expect: CaseExpectations) -> Iterator[Point]:
        findings = self._findings
        if expect.network_test is not None:
            yield point("network test", fields_of(expect.network_test), fields_of(findings.network_test))
        yield from self._group(expect)
        if expect.suspects is not None:
            yield point("outcomes of suspects", plain(dict(expect.suspects)), plain(dict(findings.suspects)))
        if expect.case_open_because is not None:
            because = expect.case_open_because
            undecided = findings.undecided if findings.is_open else ("the case is closed",)
            yield point("case open: suspects without outcome", listed(because.suspects), listed(undecided))
            if because.stages is not None:
                yield point("case open: stages without outcome", listed(because.stages), listed(findings.open_stages))
        for process, outcome in expect.ended.items():
            found = findings.process(process)
            got = (found.outcome or "open") if found else "no such process"
            yield point(f"outcome of {process}", outcome, got)

    def _group(self, expect: CaseExpectations) -> Iterator[Point]:
        if expect.group is None:
            return
        found = self._findings.group
        got = fields_of(found, "stream", "cases") if found else "no group"
        yield point("group", fields_of(expect.group, "cases"), got)
        if expect.group.cases is not None:
            called = {identity: label for label, identity in self._cast.cases.items()}
            there = tuple(called.get(case, case) for case in (found.cases if found else ()))
            yield point("cases of the group", listed(expect.group.cases), listed(there))

    def _closures(self, expect: CaseExpectations) -> Iterator[Point]:
        for closure in expect.closures:
            found = next((item for item in self._findings.closures if item.process == closure.process), None)
            yield point(closure.process, fields_of(closure, "process"), fields_of(found, "process"))
        if expect.investigation is not None:
            expected, found = expect.investigation, self._findings.investigation
            yield point("investigation reopened", plain(expected.reopened), plain(found is not None and found.reopened))
            yield point("lines of inquiry open", listed(expected.lines), listed(found.lines if found else ()))

    def _recorded(self, item: ExpectedEvent) -> Iterator[Point]:
        label = self._label if self._label in self._cast.cases else None
        wanted = filled(item.fields, self._scenario, self._cast, label)
        there = [FIELDS.validate_json(record.payload) for record in self._of(item.process) if record.type == item.event]
        fitting = [
            fields for fields in there if all(name in fields and fields[name] == wanted[name] for name in wanted)
        ]
        what = f"{item.process} recorded {item.event}" + (f" with {plain(wanted)}" if wanted else "")
        if item.times is not None:
            yield point(what, f"{item.times} times", f"{len(fitting)} times")
            return
        others = "; ".join(plain({name: fields.get(name) for name in wanted}) for fields in there)
        yield point(what, "recorded", "recorded" if fitting else f"not recorded; there: {others or 'none'}")

    def _told(self, told: ExpectedHandOff) -> Iterator[Point]:
        """A hand-off was made, answered so, and counted as waiting on the board for as long as it was not."""
        what = f"{told.process} told {told.to}: {told.command}"
        fold, namespace = StandingFold(), namespace_of(self._stream(told.process))
        waiting, answers = False, list[str]()
        for position, record in enumerate(self._of(told.process)):
            fold.take(StoredRecord(record=record, recorded_at=record.submitted_at, position=position))
            match self._about(told, record):
                case HandOffMade():
                    waiting = fold.status(namespace, record.submitted_at).hand_offs_waiting > 0
                case HandOffAcknowledged():
                    answers.append("acknowledged")
                case HandOffRefused():
                    answers.append("refused")
                case None:
                    continue
        yield point(what, told.answer, ", ".join(sorted(set(answers))) or "no answer")
        yield point(f"{what}: waiting on the board until it was answered", "yes", plain(waiting))

    def _about(
        self, told: ExpectedHandOff, record: Record
    ) -> HandOffMade | HandOffAcknowledged | HandOffRefused | None:
        """The record's event, if it is of this hand-off."""
        event = common_event(record)
        if not isinstance(event, (HandOffMade, HandOffAcknowledged, HandOffRefused)):
            return None
        return event if event.command == told.command and event.to == self._stream(told.to) else None

    def _stream(self, named: str) -> str:
        label, _, process = named.rpartition("/")
        identity = self._cast.matters[label or self._label]
        return stream_named(process, identity)

    def _of(self, process: str) -> list[Record]:
        stream = self._stream(process)
        return [record for record in self._records if record.stream == stream]

    def _refused_hand_offs(self, expect: CaseExpectations | None) -> Iterator[Point]:
        expected = {
            (told.process, self._stream(told.to), told.command)
            for told in (expect.hand_offs if expect else ())
            if told.answer == "refused"
        }
        refused = [
            item for item in self._findings.hand_offs_refused if (item.process, item.to, item.command) not in expected
        ]
        called = self._cast.called
        got = "; ".join(f"{item.command} from {item.process} to {called(item.to)}: {item.code}" for item in refused)
        yield point("hand-offs refused", "none", got or "none")


def _is_that_clock(clock: Clock, expected: ExpectedDeadline) -> bool:
    about = expected.about is None or expected.about == clock.about
    status = expected.status is None or expected.status is clock.status
    return clock.rule == expected.rule and about and status and is_due(expected.due, clock.due_at, clock.last_day)


def _clock_in_words(expected: ExpectedDeadline, rule: str, due: str, about: str | None, clock: Clock | None) -> str:
    """A clock by what is expected of it: about what it is and how it stands only where that is expected."""
    words = [rule, due]
    if expected.about is not None:
        words.append(f"about {about}")
    if expected.status is not None:
        words.append((clock.status if clock else expected.status).value)
    return ", ".join(words)


def _due_in_words(due: DueAt) -> str:
    return f"end of {due.last_day}" if due.due_at is None else moment(due.due_at, None)
