"""Compares what a scenario expects with what happened: every point, whether it agrees, what was expected and found.

Pure: the answers to the actions and the records of the ledgers come in, a typed outcome goes out.
"""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from pydantic import JsonValue, TypeAdapter

from nom.console.scenario.findings import Findings, findings_of
from nom.console.scenario.model import Action, ActionExpectation, DueAt, ExpectedDeadline, Scenario, is_due
from nom.console.times import local
from nom.contracts.base import Contract
from nom.contracts.clocks import Clock
from nom.contracts.envelope import Record
from nom.contracts.errors import Refusal
from nom.contracts.ids import CaseId

_FIELDS: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


class Answered(Contract):
    """What one action met with: it was taken under this id, or refused."""

    number: int
    command_id: UUID | None = None
    refusal: Refusal | None = None


class Point(Contract):
    """One thing that was compared, in words."""

    what: str
    expected: str
    got: str
    agrees: bool


class Outcome(Contract):
    """How a run of a scenario compares with what the scenario expects."""

    scenario: str
    case: CaseId
    points: tuple[Point, ...]
    findings: Findings

    @property
    def agrees(self) -> bool:
        """Whether every point does."""
        return not self.differences

    @property
    def agreements(self) -> tuple[Point, ...]:
        """The points that agree."""
        return tuple(point for point in self.points if point.agrees)

    @property
    def differences(self) -> tuple[Point, ...]:
        """The points that do not."""
        return tuple(point for point in self.points if not point.agrees)


def compare(scenario: Scenario, case: CaseId, answers: tuple[Answered, ...], records: tuple[Record, ...]) -> Outcome:
    """Every point of a scenario, action by action and then the end."""
    findings = findings_of(case, records)
    points = (
        *_actions(scenario, answers, records),
        *_deadlines(scenario, findings),
        *_breaches(scenario, findings),
        *_matter(scenario, findings),
        *_refused_hand_offs(findings),
    )
    return Outcome(scenario=scenario.id, case=case, points=points, findings=findings)


def _actions(scenario: Scenario, answers: tuple[Answered, ...], records: tuple[Record, ...]) -> Iterator[Point]:
    by_number = {answer.number: answer for answer in answers}
    for number, action in enumerate(scenario.actions, 1):
        what = f"action {number}: {action.do} on {action.process}, {local(action.at)}"
        answer = by_number.get(number)
        if answer is None:
            yield _point(what, "given to the engine", "not given")
            continue
        yield _point(what, _expected_answer(action.expect), _got_answer(answer))
        if answer.refusal is None:
            given = tuple(record for record in records if record.command_id == answer.command_id)
            yield from _given(what, action, given)


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


def _given(what: str, action: Action, records: tuple[Record, ...]) -> Iterator[Point]:
    expected = action.expect.gives if action.expect else {}
    for kind, fields in expected.items():
        found = next((_FIELDS.validate_json(record.payload) for record in records if record.type == kind), None)
        if found is None:
            yield _point(f"{what} gives", kind, ", ".join(record.type for record in records) or "no event")
            continue
        for name, value in fields.items():
            yield _point(f"{what} gives {kind}: {name}", _plain(value), _plain(found.get(name, "no such field")))


def _deadlines(scenario: Scenario, findings: Findings) -> Iterator[Point]:
    for deadline in scenario.expect.deadlines:
        process = findings.process(deadline.process)
        clocks = process.clocks if process else ()
        clock = next((item for item in clocks if item.id == deadline.clock), None)
        what = f"deadline {deadline.clock} of {deadline.process}"
        expected = _clock_in_words(deadline.rule, _due_in_words(deadline.due), deadline.about)
        if clock is None:
            there = ", ".join(item.id for item in clocks) or "none"
            yield Point(what=what, expected=expected, got=f"no such clock; there: {there}", agrees=False)
        else:
            yield Point(
                what=what, expected=expected, got=_found_clock(clock, deadline), agrees=_is_that_clock(clock, deadline)
            )


def _is_that_clock(clock: Clock, expected: ExpectedDeadline) -> bool:
    about = expected.about is None or expected.about == clock.about
    return clock.rule == expected.rule and about and is_due(expected.due, clock.due_at, clock.last_day)


def _found_clock(clock: Clock, expected: ExpectedDeadline) -> str:
    about = None if expected.about is None else clock.about
    return _clock_in_words(clock.rule, _moment_in_words(clock.due_at, clock.last_day), about)


def _clock_in_words(rule: str, due: str, about: str | None) -> str:
    return f"{rule}, {due}{f', about {about}' if about else ''}"


def _due_in_words(due: DueAt) -> str:
    if due.due_at is not None:
        return _moment_in_words(due.due_at, None)
    return f"end of {due.last_day}"


def _moment_in_words(due_at: datetime, last_day: date | None) -> str:
    return f"end of {last_day}" if last_day else local(due_at)


def _breaches(scenario: Scenario, findings: Findings) -> Iterator[Point]:
    wanted = {(item.process, item.clock): item.rule for item in scenario.expect.breaches}
    found = {(item.process, item.clock): item for item in findings.breaches}
    if not wanted and not found:
        yield _point("breaches", "none", "none")
    for (process, clock), rule in wanted.items():
        there = found.get((process, clock))
        got = f"{there.rule} breached" if there else "no breach"
        yield _point(f"breach {clock} of {process}", f"{rule} breached", got)
    for (process, clock), breach in found.items():
        if (process, clock) not in wanted:
            yield _point(f"breach {clock} of {process}", "no breach", f"{breach.rule} breached: {breach.why}")


def _matter(scenario: Scenario, findings: Findings) -> Iterator[Point]:
    expect = scenario.expect
    if expect.network_test is not None:
        yield _point("network test", _fields(expect.network_test), _fields(findings.network_test))
    if expect.group is not None:
        found = findings.group
        got = _fields(found, "stream") if found else "no group"
        yield _point("group", _fields(expect.group), got)
    yield from _closures(scenario, findings)
    if expect.suspects is not None:
        yield _point("outcomes of suspects", _plain(dict(expect.suspects)), _plain(dict(findings.suspects)))
    if expect.case_open_because is not None:
        because = expect.case_open_because
        undecided = findings.undecided if findings.is_open else ("the case is closed",)
        yield _point("case open: suspects without outcome", _listed(because.suspects), _listed(undecided))
        if because.stages is not None:
            yield _point("case open: stages without outcome", _listed(because.stages), _listed(findings.open_stages))


def _closures(scenario: Scenario, findings: Findings) -> Iterator[Point]:
    for closure in scenario.expect.closures:
        found = next((item for item in findings.closures if item.process == closure.process), None)
        yield _point(closure.process, _fields(closure, "process"), _fields(found, "process"))
    if scenario.expect.investigation is not None:
        expected = scenario.expect.investigation
        found = findings.investigation
        yield _point("investigation reopened", _plain(expected.reopened), _plain(found is not None and found.reopened))
        yield _point("lines of inquiry open", _listed(expected.lines), _listed(found.lines if found else ()))


def _refused_hand_offs(findings: Findings) -> Iterator[Point]:
    refused = findings.hand_offs_refused
    got = "; ".join(f"{item.command} from {item.process} to {item.to}: {item.code}" for item in refused)
    yield _point("hand-offs refused", "none", got or "none")


def _fields(value: Contract | None, *without: str) -> str:
    return "none" if value is None else _plain(value.model_dump(mode="json", exclude=set(without)))


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(sorted(names)) or "none"


def _plain(value: JsonValue) -> str:
    match value:
        case dict():
            return ", ".join(f"{name}: {_plain(item)}" for name, item in sorted(value.items())) or "none"
        case list():
            return f"[{', '.join(_plain(item) for item in value)}]"
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def _point(what: str, expected: str, got: str) -> Point:
    return Point(what=what, expected=expected, got=got, agrees=expected == got)
