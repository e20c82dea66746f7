"""Who is who in one run: the ids that the cases, groups and reviews of a scenario have in it. Gives nothing.

A run has references of its own, so that a scenario can be run any number of times on the same ledgers.
"""

import base64
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue

from nom.console.closed_case_return import Row, read_return
from nom.console.scenario.model import REVIEW, Action, Scenario, group_of, stream_named
from nom.contracts.base import Contract
from nom.contracts.ids import CaseId, ProcessKind, StreamId, case_id, review_matter, stream_of, transferred_matter
from nom.contracts.services import NCA

_MENTION = re.compile(r"\$(?P<kind>case|group|stream):(?P<label>[A-Za-z][A-Za-z0-9-]*)(?:/(?P<process>[a-z0-9-]+))?")


class Cast(Contract):
    """The ids of one run by the names that the scenario uses. `reference` begins or ends each of them."""

    reference: str
    cases: dict[str, CaseId]
    groups: dict[str, CaseId]
    reviews: dict[str, CaseId]

    @property
    def matters(self) -> dict[str, CaseId]:
        """Everything that expectations are about: the cases and the reviews."""
        return {**self.cases, **self.reviews}

    def stream(self, label: str, process: str) -> StreamId:
        """The stream of a process of a case."""
        return stream_named(process, self.cases[label])

    def called(self, stream: StreamId) -> str:
        """What the scenario calls a stream: `MER-1/triage-1`, `group-1`; the stream itself where it has no name."""
        matter, process = stream.rsplit("/", 1)
        for label, identity in {**self.groups, **self.reviews}.items():
            if identity == matter:
                return label
        for label, identity in self.cases.items():
            if identity == matter:
                return process if len(self.cases) == 1 else f"{label}/{process}"
            if stream_of(group_of(identity), ProcessKind.DESIGNATION) == stream:
                return "group" if len(self.cases) == 1 else f"{label}/group"
        return stream


def fresh_reference(scenario: Scenario) -> str:
    """A reference that no run had before: the scenario's id, the time and chance. Says nothing about anybody."""
    stamp = int(datetime.now(UTC).timestamp()).to_bytes(5, "big") + secrets.token_bytes(5)
    return f"{scenario.id}-{base64.b32encode(stamp).decode('ascii').lower()}"


def cast_of(scenario: Scenario, reference: str) -> Cast:
    """The ids of a run with this reference. Raises `LookupError` for a review of a line that the return has not."""
    reviews = {label: _review(scenario, line, reference) for label, line in scenario.reviews.items()}
    cases: dict[str, CaseId] = {}
    for number, (label, facts) in enumerate(scenario.cases.items(), 1):
        if facts.ordered_by is not None:
            cases[label] = case_id(facts.force, reviews[facts.ordered_by].split("/", 1)[1])
        elif facts.transferred_from is not None:
            cases[label] = case_id(facts.force, transferred_matter(cases[facts.transferred_from], 1))
        else:
            cases[label] = case_id(facts.force, reference if number == 1 else f"{reference}-{number}")
    groups = {label: group_of(cases[nominating]) for label, nominating in scenario.groups.items()}
    return Cast(reference=reference, cases=cases, groups=groups, reviews=reviews)


def rows_of(scenario: Scenario, reference: str) -> tuple[Row, ...]:
    """The rows of the scenario's return, each reference of a force marked as this run's. Raises `IntakeUnreadable`."""
    if scenario.returned is None or scenario.returned.content is None:
        return ()
    return tuple(_marked(row, reference) for row in read_return(scenario.returned.content.encode()))


def _marked(row: Row, reference: str) -> Row:
    if row.closed_case is None:
        return row
    own = f"{row.closed_case.force_reference} {reference.rsplit('-', 1)[1]}"
    return row._replace(closed_case=row.closed_case.model_copy(update={"force_reference": own}))


def _review(scenario: Scenario, line: int, reference: str) -> CaseId:
    for row in rows_of(scenario, reference):
        if row.number == line and row.closed_case is not None:
            closed = row.closed_case
            return f"{NCA}/{review_matter(closed.force, closed.force_reference, closed.offence, closed.decided_on)}"
    msg = f"the return has no case in line {line}"
    raise LookupError(msg)


def stream_of_action(scenario: Scenario, cast: Cast, action: Action) -> StreamId:
    """The stream that an action is given to."""
    if action.review is not None:
        return f"{cast.reviews[action.review]}/{REVIEW}"
    label = scenario.case_of(action)
    if label is None:
        msg = f"{action.do} names no case"
        raise LookupError(msg)
    return cast.stream(label, action.process or "group")


def filled(fields: Mapping[str, JsonValue], scenario: Scenario, cast: Cast, label: str | None) -> dict[str, Any]:
    """Fields with their placeholders filled for an act in the case of that label."""
    whole: dict[str, JsonValue] = {}
    if label is not None:
        facts = scenario.cases[label]
        whole = {
            "$case": cast.cases[label],
            "$subjects": [subject.model_dump(mode="json") for subject in facts.subjects],
            "$victims": [victim.model_dump(mode="json") for victim in facts.victims],
        }
    return {name: _fill(value, whole, cast) for name, value in fields.items()}


def _fill(value: JsonValue, whole: Mapping[str, JsonValue], cast: Cast) -> JsonValue:
    match value:
        case str():
            return whole[value] if value in whole else _MENTION.sub(lambda found: _mentioned(found, cast), value)
        case list():
            return [_fill(item, whole, cast) for item in value]
        case dict():
            return {name: _fill(item, whole, cast) for name, item in value.items()}
        case _:
            return value


def _mentioned(found: re.Match[str], cast: Cast) -> str:
    """A mention of another case, group or process by its id; what names nothing stays as it is."""
    kind, label, process = found["kind"], found["label"], found["process"]
    tail = f"/{process}" if process and kind != "stream" else ""
    if kind == "case" and label in cast.cases:
        return cast.cases[label] + tail
    if kind == "group" and label in cast.groups:
        return cast.groups[label] + tail
    if kind == "stream" and label in cast.cases and process:
        return cast.stream(label, process)
    if kind == "stream" and label in cast.groups:
        return stream_of(cast.groups[label], ProcessKind.DESIGNATION)
    if kind == "stream" and label in cast.reviews:
        return stream_of(cast.reviews[label], ProcessKind.CLOSED_CASE_REVIEW)
    return found[0]
