"""Compares what a scenario expects with what happened: every point, whether it agrees, what was expected and found.

Pure: the answers to the actions, the records of the ledgers and what was seen besides come in, an outcome goes out.
"""

from collections.abc import Iterator
from uuid import UUID

from nom.console.closed_cases import Loaded
from nom.console.scenario.cast import Cast, filled
from nom.console.scenario.ending import FIELDS, CaseEnding
from nom.console.scenario.expectations import ActionExpectation, ExpectedReading
from nom.console.scenario.findings import Findings, FoundBreach, FoundProcess, findings_of
from nom.console.scenario.model import Action, Scenario, group_of
from nom.console.scenario.points import Point, plain, point
from nom.console.times import local
from nom.contracts.base import Contract
from nom.contracts.envelope import Record
from nom.contracts.errors import Refusal
from nom.contracts.ids import CaseId


class Answered(Contract):
    """What one action met with: it was taken under this id, or refused."""

    number: int
    command_id: UUID | None = None
    refusal: Refusal | None = None


class Read(Contract):
    """What came of an attempt to read: in words, and whether that is what was expected."""

    reading: ExpectedReading
    got: str
    agrees: bool


class Seen(Contract):
    """What a run saw beside answers and records: what became of a return's rows, and who could read what. Where nobody
    tried to read (`readings` None: there are no databases), nothing of that is compared.
    """

    loaded: tuple[Loaded, ...] = ()
    readings: tuple[Read, ...] | None = None


class Outcome(Contract):
    """How a run of a scenario compares with what the scenario expects. `matters`: its cases and reviews by name."""

    scenario: str
    cast: Cast
    points: tuple[Point, ...]
    matters: dict[str, Findings]

    @property
    def agrees(self) -> bool:
        """Whether every point does."""
        return not self.differences

    @property
    def agreements(self) -> tuple[Point, ...]:
        """The points that agree."""
        return tuple(item for item in self.points if item.agrees)

    @property
    def differences(self) -> tuple[Point, ...]:
        """The points that do not."""
        return tuple(item for item in self.points if not item.agrees)

    @property
    def findings(self) -> Findings:
        """What was found of the first case."""
        return next(iter(self.matters.values()))

    @property
    def case(self) -> CaseId:
        """The first case."""
        return self.findings.case

    @property
    def processes(self) -> tuple[FoundProcess, ...]:
        """The processes of all cases and reviews."""
        return tuple(process for findings in self.matters.values() for process in findings.processes)

    @property
    def breaches(self) -> tuple[FoundBreach, ...]:
        """The breaches that stand, of all cases and reviews."""
        return tuple(breach for findings in self.matters.values() for breach in findings.breaches)


def compare(
    scenario: Scenario,
    cast: Cast,
    answers: tuple[Answered, ...],
    records: tuple[Record, ...],
    seen: Seen | None = None,
) -> Outcome:
    """Every point of a scenario: the return, action by action, the end of each case, and who could read what."""
    matters = {label: findings_of(matter, within(matter, records)) for label, matter in cast.matters.items()}
    points = [*_loaded(scenario, seen), *_actions(scenario, cast, answers, records)]
    for label, findings in matters.items():
        for item in CaseEnding(scenario, cast, label, findings, records).points():
            named = item if len(matters) == 1 else item.model_copy(update={"what": f"{label}: {item.what}"})
            points.append(named)
    points.extend(_read(seen))
    return Outcome(scenario=scenario.id, cast=cast, points=tuple(points), matters=matters)


def within(matter: CaseId, records: tuple[Record, ...]) -> tuple[Record, ...]:
    """The records of a case (or review) and of the group that it nominated, if it did."""
    belonging = (matter, group_of(matter))
    return tuple(record for record in records if record.stream.rsplit("/", 1)[0] in belonging)


def _loaded(scenario: Scenario, seen: Seen | None) -> Iterator[Point]:
    expected = scenario.expect.returned
    if expected is None:
        return
    rows = seen.loaded if seen else ()
    order = [str(row.line) for row in rows if row.outcome == "accepted"]
    yield point("lines taken, in the order of their reviews", ", ".join(map(str, expected.order)), ", ".join(order))
    refused = {row.line: row for row in rows if row.outcome != "accepted"}
    for row in expected.refused:
        there = refused.pop(row.line, None)
        first = there.problems[0] if there and there.problems else None
        got = f"{first.field}: {first.code}" if first else (there.outcome if there else "not refused")
        yield point(f"line {row.line} refused", f"{row.field}: {row.code}", got)
    for line, row in refused.items():
        yield point(f"line {line}", "accepted", f"{row.outcome}: {row.problems[0].code if row.problems else ''}")


def _actions(
    scenario: Scenario, cast: Cast, answers: tuple[Answered, ...], records: tuple[Record, ...]
) -> Iterator[Point]:
    by_number = {answer.number: answer for answer in answers}
    for number, action in enumerate(scenario.actions, 1):
        what = f"action {number}: {action.do} on {action.place}, {local(action.at)}"
        answer = by_number.get(number)
        if answer is None:
            yield point(what, "given to the engine", "not given")
            continue
        yield point(what, _expected_answer(action.expect), _got_answer(answer))
        if answer.refusal is None:
            given = tuple(record for record in records if record.command_id == answer.command_id)
            yield from _given(what, scenario, cast, action, given)


def _expected_answer(expect: ActionExpectation | None) -> str:
    if expect is None or expect.refused is None:
        return "accepted"
    return _refusal_in_words(expect.refused.code, expect.refused.unmet)


def _got_answer(answer: Answered) -> str:
    if answer.refusal is None:
        return "accepted"
    return _refusal_in_words(answer.refusal.code, tuple(item.label() for item in answer.refusal.unmet))


def _refusal_in_words(code: str, labels: tuple[str, ...]) -> str:
    return f"refused: {code} ({', '.join(sorted(labels)) or 'no condition named'})"


def _given(what: str, scenario: Scenario, cast: Cast, action: Action, records: tuple[Record, ...]) -> Iterator[Point]:
    label = scenario.case_of(action)
    for kind, written in (action.expect.gives if action.expect else {}).items():
        found = next((FIELDS.validate_json(record.payload) for record in records if record.type == kind), None)
        if found is None:
            yield point(f"{what} gives", kind, ", ".join(record.type for record in records) or "no event")
            continue
        for name, value in filled(written, scenario, cast, label).items():
            yield point(f"{what} gives {kind}: {name}", plain(value), plain(found.get(name, "no such field")))


def _read(seen: Seen | None) -> Iterator[Point]:
    for read in (seen.readings or ()) if seen else ():
        reading = read.reading
        if reading.on_board:
            what, expected = "sees on the board", f"counts and clocks of {', '.join(reading.on_board)}, no content"
        elif reading.can_read is not None:
            what, expected = f"reads {reading.can_read}", "its events"
        else:
            what, expected = f"reads {reading.cannot_read}", "refused by the database, and nothing in its own"
        yield Point(what=f"{reading.force} {what}", expected=expected, got=read.got, agrees=read.agrees)
