"""From an action of a scenario to the command that the engine takes: placeholders filled, the opening added."""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from nom.console.drafts import draft
from nom.console.people import actor
from nom.console.scenario.model import Action, Scenario, stream_named
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.every_process import Opening
from nom.contracts.ids import CaseId

OPENING_COMMANDS = ("ReceiveReferral", "Arrest", "SubmitFile", "SeekEarlyAdvice", "ProposeClosure")
"""Commands that a person gives and that carry what the new process is opened under."""


def command_of(scenario: Scenario, action: Action, case: CaseId, opening: Opening) -> CommandEnvelope[Any]:
    """The command, ready to be given. Raises `CommandMalformed` and `NobodyOfThatName`."""
    fields = _filled(action.fields, _placeholders(scenario, case))
    command: dict[str, Any] = {"type": action.do, **fields}
    if action.do in OPENING_COMMANDS:
        command["opening"] = opening.model_dump(mode="json")
    return draft(
        stream_named(action.process, case),
        command,
        actor(action.by, scenario.force),
        occurred_at=action.at,
        reason=action.reason,
    )


def _placeholders(scenario: Scenario, case: CaseId) -> dict[str, JsonValue]:
    return {
        "$case": case,
        "$subjects": [subject.model_dump(mode="json") for subject in scenario.subjects],
        "$victims": [victim.model_dump(mode="json") for victim in scenario.victims],
    }


def _filled(fields: Mapping[str, JsonValue], placeholders: Mapping[str, JsonValue]) -> dict[str, Any]:
    return {name: _fill(value, placeholders) for name, value in fields.items()}


def _fill(value: JsonValue, placeholders: Mapping[str, JsonValue]) -> JsonValue:
    match value:
        case str():
            return placeholders.get(value, value)
        case list():
            return [_fill(item, placeholders) for item in value]
        case dict():
            return _filled(value, placeholders)
        case _:
            return value
