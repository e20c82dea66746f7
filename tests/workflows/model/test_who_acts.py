from typing import Any
from uuid import UUID

import pytest

from nom.contracts.actors import SYSTEM, SYSTEM_ROLE, Actor, Agency
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.errors import Refusal
from nom.contracts.events import CommandBase
from nom.contracts.every_process import AcknowledgeHandOff, HandOffAnswer, RecordNote
from nom.workflows.model import charge
from nom.workflows.model.process import Decision
from tests.workflows.model import files
from tests.workflows.model.kit import FACTS, POLICY, given, london, refused

HELD_BY_SOME = [
    (rule.role, agency)
    for rule in POLICY.roles
    for agency in Agency
    if rule.agencies and agency not in rule.agencies and "RecordNote" in rule.commands
]
BEFORE_THE_DECISION = given(
    charge.MODEL, files.CHARGE, files.submit("2026-04-20 10:00"), files.full_code("2026-06-03 15:00")
)


def asked_by(actor: Actor, command: CommandBase) -> Decision:
    moment = london("2026-06-03 16:00")
    asked = CommandEnvelope[Any](
        command_id=UUID(int=7),
        stream=files.CHARGE,
        actor=actor,
        occurred_at=moment,
        submitted_at=moment,
        reason="as was decided",
        command=command,
    )
    return charge.MODEL.decide(BEFORE_THE_DECISION, asked, FACTS)


def test_the_police_can_not_authorise_a_charge_in_the_role_of_a_prosecutor() -> None:
    asked = files.authorise("2026-06-03 15:10")
    as_police = asked.model_copy(update={"actor": asked.actor.model_copy(update={"agency": Agency.POLICE})})
    refusal = refused(charge.MODEL, BEFORE_THE_DECISION, as_police)
    assert (refusal.code, [item.label() for item in refusal.unmet]) == ("agency", ["agency:cps_lawyer"])
    assert refusal.message == "the role cps_lawyer is for people of these agencies: cps; not police"
    assert not isinstance(charge.MODEL.decide(BEFORE_THE_DECISION, asked, FACTS), Refusal)


@pytest.mark.parametrize(("role", "agency"), HELD_BY_SOME)
def test_nobody_acts_in_a_role_that_their_agency_does_not_hold(role: str, agency: Agency) -> None:
    note = RecordNote(text="seen", basis="fact")
    decision = asked_by(Actor(id="somebody-1", role=role, agency=agency), note)
    assert isinstance(decision, Refusal)
    assert decision.code == "agency"


def test_no_person_holds_the_role_of_the_process_itself() -> None:
    answer = AcknowledgeHandOff(hand_off_id=UUID(int=1), answer=HandOffAnswer(accepted=True))
    person = Actor(id="officer-1", role=SYSTEM_ROLE, agency=Agency.POLICE)
    decision = asked_by(person, answer)
    assert isinstance(decision, Refusal)
    assert (decision.code, decision.message) == (
        "role",
        "no person may hold the role system: the process gives AcknowledgeHandOff by itself",
    )
    by_itself = asked_by(SYSTEM, answer)
    assert isinstance(by_itself, Refusal)
    assert by_itself.code == "no_such_hand_off"
