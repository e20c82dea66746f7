"""Who may give which command, and who may not follow whom: every row of both tables, put to the rules themselves."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from nom.contracts.actors import SYSTEM_ROLE, Actor, Agency
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal
from nom.contracts.events import CommandBase
from nom.contracts.every_process import Opening
from nom.contracts.ids import ProcessKind, parse_stream, stream_of
from nom.contracts.policy.loader import all_packs
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.policy.rules import Separation
from nom.workflows.model.process import Decision
from nom.workflows.operating_model import MODELS
from tests.workflows.model import (
    arrests,
    closure_acts,
    designation_acts,
    files,
    group_life_acts,
    inquiry_acts,
    kit,
    matter,
    panel_acts,
    two_forces,
)
from tests.workflows.model.kit import Request

PACKS = all_packs()

TO_THE_FILE = (
    files.submit("2026-04-20 10:00"),
    files.plan("2026-04-29 10:00", "2026-05-13"),
    files.complete("2026-05-12 10:00", 1),
    files.resubmit("2026-05-12 10:05"),
)
RUNS: tuple[tuple[Request, ...], ...] = (
    (
        designation_acts.nomination(),
        *designation_acts.GROUNDS,
        designation_acts.proposal(),
        designation_acts.approval(),
    ),
    group_life_acts.ARCHIVED_BY_ANOTHER,
    (designation_acts.nomination(), *group_life_acts.SCORED, group_life_acts.ASKED, group_life_acts.SETTLED),
    arrests.DETAINED,
    (*arrests.DETAINED, arrests.review("2026-03-17 13:00")),
    (*arrests.APPLIED, arrests.grant_warrant("2026-03-18 15:00")),
    (*arrests.APPLIED, arrests.refuse_warrant("2026-03-18 15:00")),
    (*TO_THE_FILE, files.full_code("2026-06-03 15:00"), files.authorise("2026-06-03 15:10")),
    (*TO_THE_FILE, files.full_code("2026-06-03 15:00", "not_met", None), files.decline("2026-06-03 15:10")),
    (
        inquiry_acts.opening(),
        inquiry_acts.APPOINTED,
        inquiry_acts.OPENED,
        inquiry_acts.CLOSED,
        inquiry_acts.supervisor("2026-04-03 10:00"),
    ),
    inquiry_acts.CRIME_CANCELLED,
    (*closure_acts.CLEARED, closure_acts.approve()),
    (*closure_acts.CLEARED, closure_acts.reject()),
    (*closure_acts.REVIEWED, closure_acts.decide("upheld")),
    (panel_acts.refers(), panel_acts.reviews(panel_acts.IMPOSSIBLE), panel_acts.upholds()),
    (two_forces.opened(), two_forces.asks(), two_forces.answered(accepted=True)),
    (two_forces.opened(), two_forces.asks(), two_forces.answered(accepted=False)),
    (two_forces.opened(), two_forces.hold(), two_forces.lift()),
)
"""Acts that go well, of which the last is one that somebody may not do who did one before it."""


def commands_of(kind: ProcessKind) -> tuple[str, ...]:
    """The commands that a process takes."""
    fields = MODELS[kind].commands.json_schema()["properties"]
    return tuple(sorted(fields["command"]["discriminator"]["mapping"]))


def classes() -> dict[str, type[CommandBase]]:
    """Every command class by the name that it travels under."""

    def below(kind: type[CommandBase]) -> Iterator[type[CommandBase]]:
        for sub in kind.__subclasses__():
            yield sub
            yield from below(sub)

    return {kind.__name__: kind for kind in below(CommandBase) if not kind.__name__.startswith("_")}


EVERY_COMMAND = frozenset(name for kind in MODELS for name in commands_of(kind))
CLASSES = classes()
every_pack = pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.version)
PAIRS = [(pack, pair) for pack in PACKS for pair in pack.separations]


def asked_by(role: str, kind: ProcessKind, name: str, pack: PolicyPack) -> Decision:
    """What a process says to a command without content by somebody in a role: whether they may is asked first."""
    command = CLASSES[name].model_construct()
    stream = stream_of("gmp/26-7k3f9q", kind)
    state = MODELS[kind].blank(stream)
    if not command.opens:
        opening = Opening.model_validate({"jurisdiction": pack.jurisdictions[0], "policy": pack.ref()})
        state = state.model_copy(update={"opening": opening})
    at = kit.london("2026-05-05 10:00")
    asked = CommandEnvelope[Any](
        command_id=UUID(int=1),
        stream=stream,
        actor=Actor(id="somebody-1", role=role, agency=Agency.POLICE),
        occurred_at=at,
        submitted_at=at,
        command=command,
    )
    return MODELS[kind].decide(state, asked, kit.facts_of(pack))


def decided(requests: tuple[Request, ...], pack: PolicyPack) -> Decision:
    """What becomes of the last request. The ones before it must all be taken."""
    facts, kind = kit.facts_of(pack), parse_stream(requests[-1].stream).kind
    if kind is ProcessKind.CLOSURE:
        held = matter.Matter(facts).give_all(*requests[:-1])
        return held.ask(requests[-1])
    state = kit.given(MODELS[kind], requests[-1].stream, *requests[:-1], facts=facts)
    return MODELS[kind].decide(state, requests[-1], facts)


def by_one_person(asked: Request, pair: Separation) -> Request:
    """The same request, given by the one person if it is either command of the pair."""
    if asked.command.type not in (pair.first_command, pair.then_command):
        return asked
    people = (role for role in kit.POLICY.roles_for(asked.command.type) if role != SYSTEM_ROLE)
    role = next(people) if asked.actor.role == SYSTEM_ROLE else asked.actor.role
    agency = kit.agency_of(role) if asked.actor.role == SYSTEM_ROLE else asked.actor.agency
    person = asked.actor.model_copy(update={"id": "somebody-1", "role": role, "agency": agency})
    return asked.model_copy(update={"actor": person})


@every_pack
def test_every_command_of_every_process_has_a_role(pack: PolicyPack) -> None:
    assert [name for name in sorted(EVERY_COMMAND) if not pack.roles_for(name)] == []


@every_pack
def test_every_command_that_a_pack_names_is_one_that_a_process_takes(pack: PolicyPack) -> None:
    named = {command for rule in pack.roles for command in rule.commands}
    assert named - EVERY_COMMAND == set()


@every_pack
@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.value)
def test_a_command_is_refused_to_every_role_that_may_not_give_it_and_says_who_may(
    pack: PolicyPack, kind: ProcessKind
) -> None:
    refused = 0
    for name in commands_of(kind):
        for role in (rule.role for rule in pack.roles if not pack.may(rule.role, name)):
            decision = asked_by(role, kind, name, pack)
            assert isinstance(decision, Refusal), f"{role} gave {name}"
            assert (decision.code, decision.unmet[0].supplied_by) == ("role", pack.roles_for(name))
            refused += 1
    assert refused > len(commands_of(kind))


@every_pack
def test_nobody_but_the_process_itself_does_what_a_process_does(pack: PolicyPack) -> None:
    given_by_itself = {"ClockRanOut", "EscalateBreach", "AcknowledgeHandOff"}
    assert {name: pack.roles_for(name) for name in given_by_itself} == dict.fromkeys(given_by_itself, (SYSTEM_ROLE,))


@pytest.mark.parametrize("number", range(len(RUNS)))
@every_pack
def test_the_acts_that_separation_is_tried_on_go_well_with_a_person_for_each(pack: PolicyPack, number: int) -> None:
    assert not isinstance(decided(RUNS[number], pack), Refusal)


@pytest.mark.parametrize(
    ("pack", "pair"), PAIRS, ids=[f"{pack.version}-{pair.first_command}-{pair.then_command}" for pack, pair in PAIRS]
)
def test_whoever_gave_the_first_command_of_a_pair_is_refused_the_second(pack: PolicyPack, pair: Separation) -> None:
    tried = [
        run
        for run in RUNS
        if run[-1].command.type == pair.then_command and any(act.command.type == pair.first_command for act in run)
    ]
    assert tried, "no run does both"
    for run in tried:
        decision = decided(tuple(by_one_person(asked, pair) for asked in run), pack)
        assert isinstance(decision, Refusal)
        separated = [label for label in kit.labels(decision) if label.startswith("separation")]
        assert separated == [f"separation:{pair.first_command}"]
