"""Moving the processes of a case to another pack, or asking what that would change. Decides nothing by itself."""

from typing import Any, NamedTuple

from nom.console.access import Access
from nom.console.client import Refused
from nom.console.drafts import draft
from nom.console.people import actor
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal
from nom.contracts.events import EventBase
from nom.contracts.ids import namespace_of, parse_stream
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.run import StateView
from nom.workers.local.folder import DataFolder
from nom.workflows.model.process import ProcessState
from nom.workflows.operating_model import MODELS
from nom.workflows.turn import facts_for


class Adoption(NamedTuple):
    """What one process answered: the events that follow, or the refusal."""

    stream: str
    answer: tuple[EventBase, ...] | Refusal


class NothingThere(LookupError):
    """The ledger has nothing about that case."""

    code = "unknown_case"
    exit_code = 1


async def adopt_in_case(
    folder: DataFolder, case: str, pack: PolicyPack, person: str, reason: str, *, dry_run: bool
) -> tuple[Adoption, ...]:
    """Every open process of the case moves to the pack; the ended ones stay as they were decided. Raises
    `NothingThere` and whatever the client raises.
    """
    somebody = actor(person, namespace_of(case))
    async with Access(folder) as access:
        reader = await access.reader(namespace_of(case))
        streams = await reader.streams_of(case)
        if not streams:
            msg = f"the ledger has nothing about {case}"
            raise NothingThere(msg)
        answers: list[Adoption] = []
        for stream in streams:
            view = await access.client.state(stream)
            if not state_of(view).is_open:
                continue
            command = {"type": "AdoptPolicy", "to": pack.ref().model_dump()}
            request = draft(stream, command, somebody, reason=reason)
            answers.append(what_would_follow(view, request) if dry_run else await _give(access, request))
        return tuple(answers)


def state_of(view: StateView) -> ProcessState:
    """The state that a process shows."""
    return MODELS[parse_stream(view.stream).kind].state.model_validate_json(view.state)


def what_would_follow(view: StateView, request: CommandEnvelope[Any]) -> Adoption:
    """The answer that the rules give on the state that the process shows. Gives no command."""
    model, state = MODELS[parse_stream(view.stream).kind], state_of(view)
    if state.opening is None:
        msg = f"{view.stream} has not been opened"
        raise NothingThere(msg)
    return Adoption(view.stream, model.decide(state, request, facts_for(request, state.opening.policy)))


async def _give(access: Access, request: CommandEnvelope[Any]) -> Adoption:
    model = MODELS[parse_stream(request.stream).kind]
    try:
        receipt = await access.client.submit(request)
    except Refused as refused:
        return Adoption(request.stream, refused.refusal)
    reader = await access.reader(namespace_of(request.stream))
    stored = [item.record async for item in reader.stream(receipt.stream, receipt.first_seq - 1)]
    return Adoption(
        request.stream, tuple(model.event_of(record) for record in stored if record.seq <= receipt.last_seq)
    )
