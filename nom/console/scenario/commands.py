"""From an action of a scenario to the command that the engine takes: placeholders filled, the opening added."""

from typing import Any

from nom.console.drafts import draft, opening_for
from nom.console.forces import jurisdiction_of
from nom.console.people import actor
from nom.console.scenario.cast import Cast, filled, stream_of_action
from nom.console.scenario.model import Action, CaseFacts, Scenario
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.every_process import Opening
from nom.contracts.services import NCA

OPENING_COMMANDS = ("ReceiveReferral", "Arrest", "SubmitFile", "SeekEarlyAdvice", "ProposeClosure")
"""Commands that a person gives and that carry what the new process is opened under."""

FIRST_COMMANDS = ("ReceiveReferral", "OrderReinvestigation", "RequestTransfer")
"""Commands with which a case begins, here or in another force: there is nothing yet that it was opened under."""


def takes_opening_of_case(action: Action) -> bool:
    """Whether the command opens a process under what its case was opened under."""
    return action.do in OPENING_COMMANDS and action.do not in FIRST_COMMANDS


def first_opening(scenario: Scenario, action: Action) -> Opening | None:
    """What a case is opened under with which this action begins; None for an action that begins none. Raises
    `PolicyNotFound`, and `UnknownForce` for an order to a force that does not settle whose law applies.
    """
    if action.do not in FIRST_COMMANDS:
        return None
    begun = _begun(scenario, action)
    if begun is None:
        law = jurisdiction_of(str(action.fields.get("force") or action.fields.get("to") or ""), None)
    else:
        law = begun.jurisdiction
    return opening_for(law, action.at, brought_in=True)


def _begun(scenario: Scenario, action: Action) -> CaseFacts | None:
    """The case of the scenario that begins with an action, if it has that."""
    own = scenario.case_of(action)
    match action.do:
        case "OrderReinvestigation":
            fitting = (facts for facts in scenario.cases.values() if facts.ordered_by == action.review)
        case "RequestTransfer":
            fitting = (facts for facts in scenario.cases.values() if facts.transferred_from == own)
        case _:
            return None if own is None else scenario.cases[own]
    return next(fitting, None)


def command_of(scenario: Scenario, cast: Cast, action: Action, opening: Opening | None) -> CommandEnvelope[Any]:
    """The command, ready to be given. Raises `CommandMalformed` and `NobodyOfThatName`."""
    label = scenario.case_of(action)
    command: dict[str, Any] = {"type": action.do, **filled(action.fields, scenario, cast, label)}
    if opening is not None:
        command["opening"] = opening.model_dump(mode="json")
    return draft(
        stream_of_action(scenario, cast, action),
        command,
        actor(action.by, NCA if label is None else scenario.cases[label].force),
        occurred_at=action.at,
        reason=action.reason,
    )
