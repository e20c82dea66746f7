"""Another pack, the same records: every decision that it would have made otherwise is found, with the rule that did."""

from collections.abc import Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from nom.audit.single_rules import swaps
from nom.audit.whatif import SEVERAL, Judged, Question, WhatIf, by_rule, together
from nom.console.access import Access
from nom.console.whatif import TwoPacks, pack_named, packs_with_calendars
from nom.contracts.clocks import Unit
from nom.contracts.envelope import StoredRecord
from nom.contracts.every_process import Jurisdiction
from nom.contracts.policy.loader import pack_of_version
from nom.contracts.policy.pack import PolicyPack
from nom.contracts.policy.rules import Separation
from nom.workers.local.stack import Stack
from nom.workflows.model import designation, referral, triage
from tests.audit.kept import kept, place_of, with_payload
from tests.console.command_line import nom
from tests.matters import a_matter, acknowledge, ago, handed_on, receive
from tests.workflows.model import designation_acts
from tests.workflows.model.kit import POLICY, facts_of
from tests.workflows.model.test_referral import STREAM as REFERRAL
from tests.workflows.model.test_referral import receive as received
from tests.workflows.model.triage_acts import COMPLETE, DECIDED, STREAM, opening

WHOLE = kept(triage.MODEL, (opening(), *COMPLETE, DECIDED))
RECEIVED = kept(referral.MODEL, (received(),))
OVERSEEN = kept(designation.MODEL, (designation_acts.nomination(), *designation_acts.OVERSEEN))
APART = Separation(
    first_command="AssessThrive",
    then_command="DecideTriage",
    because="whoever assessed should not decide",
    basis="made up for a test",
    confidence="ours",
)


def another(**changes: Any) -> PolicyPack:  # noqa: ANN401 - any section of a pack
    """The pack that held, with these sections otherwise."""
    return POLICY.model_copy(update={"version": "eng-police-2026.9", **changes})


def with_clock(rule: str, **changes: Any) -> PolicyPack:  # noqa: ANN401 - any field of a rule
    changed = POLICY.clock(rule).model_copy(update=changes)
    return another(clocks=tuple(changed if item.id == rule else item for item in POLICY.clocks))


def without_command(role: str, command: str) -> PolicyPack:
    """The pack in which a role may no longer give a command."""
    rule = POLICY.role(role)
    less = rule.model_copy(update={"commands": tuple(name for name in rule.commands if name != command)})
    return another(roles=tuple(less if item.role == role else item for item in POLICY.roles))


def judged(
    pack: PolicyPack,
    stream: str = STREAM,
    stored: Sequence[StoredRecord] = WHOLE,
    **asked: Any,  # noqa: ANN401
) -> Judged:
    return WhatIf(Question((facts_of(pack),), **asked)).judge(stream, stored)


def test_under_the_pack_that_held_there_is_nothing_to_judge() -> None:
    found = judged(POLICY)
    assert (found.under_it, found.decided_again, found.otherwise) == (1, 0, ())


def test_a_pack_with_the_same_rules_changes_nothing() -> None:
    found = judged(another(), every_command=True)
    # The opening is the system's, who decides nothing.
    assert (found.decided_again, found.otherwise) == (len(COMPLETE) + 1, ())


def test_a_separation_that_did_not_hold_would_have_refused_the_decision() -> None:
    found = judged(another(separations=(*POLICY.separations, APART)))
    (item,) = found.otherwise
    assert (item.stream, item.command, item.rules) == (
        STREAM,
        "DecideTriage",
        ("separations[AssessThrive DecideTriage]",),
    )
    assert item.seq == next(one.record.seq for one in WHOLE if one.record.command == "DecideTriage")
    (difference,) = item.differences
    assert (difference.kind, difference.code, difference.unmet) == ("refused", "separation", ("separation",))
    assert (item.policy, item.under, item.code_differs) == (POLICY.version, "eng-police-2026.9", False)


def test_a_role_that_may_no_longer_decide_is_named_by_its_rule() -> None:
    (item,) = judged(without_command("triage_sergeant", "DecideTriage")).otherwise
    assert (item.rules, item.differences[0].code) == (("roles[triage_sergeant]",), "role")


def test_two_rules_that_each_make_the_difference_are_both_named() -> None:
    roles = tuple(
        rule.model_copy(update={"commands": (*rule.commands, "DecideTriage")}) if rule.role == "duty_officer" else rule
        for rule in without_command("triage_sergeant", "DecideTriage").roles
    )
    (item,) = judged(another(roles=roles, separations=(*POLICY.separations, APART))).otherwise
    assert set(item.rules) == {"roles[triage_sergeant]", "separations[AssessThrive DecideTriage]"}
    assert set(by_rule([item])) == set(item.rules)


def test_a_rule_that_can_not_stand_without_another_of_its_pack_is_not_named_alone() -> None:
    watcher = POLICY.role("duty_officer").model_copy(update={"role": "night_watch"})
    slower = POLICY.clock("WT1").model_copy(update={"value": 3, "escalation": ("night_watch",)})
    clocks = tuple(slower if rule.id == "WT1" else rule for rule in POLICY.clocks)
    pack = another(roles=(*POLICY.roles, watcher), clocks=clocks)
    (item,) = judged(pack, REFERRAL, RECEIVED, every_command=True).otherwise
    assert item.rules == (SEVERAL,)


def test_a_deadline_is_told_with_its_rule_and_when_it_was_and_would_be_due() -> None:
    (item,) = judged(with_clock("WT1", value=3), REFERRAL, RECEIVED, every_command=True).otherwise
    (difference,) = item.differences
    assert (item.rules, difference.kind, difference.clock) == (("clocks[WT1]",), "deadline", "WT1")
    assert difference.words == "deadline WT1: due end of 2026-03-03, would be due end of 2026-03-05"
    assert difference.due_then is not None
    assert difference.due_now is not None
    assert difference.due_then < difference.due_now


def test_a_rule_that_counts_otherwise_and_comes_to_the_same_day_is_no_difference() -> None:
    found = judged(with_clock("WT1", unit=Unit.CALENDAR_DAY), REFERRAL, RECEIVED, every_command=True)
    assert (found.decided_again, found.otherwise) == (1, ())


def test_a_later_pack_is_not_told_of_every_matter_that_began_before_it() -> None:
    later = another(effective_from=date(2026, 9, 1), effective_to=None)
    assert judged(later, REFERRAL, RECEIVED, every_command=True).otherwise == ()


def test_a_pack_that_lacks_the_rule_of_a_decision_can_not_decide_it() -> None:
    lacking = another(clocks=tuple(rule for rule in POLICY.clocks if rule.id != "WT1"))
    (item,) = judged(lacking, REFERRAL, RECEIVED, every_command=True).otherwise
    assert (item.rules, item.differences[0].kind) == (("clocks[WT1]",), "undecidable")
    assert "WT1" in item.differences[0].words


def test_other_events_are_told_by_their_types() -> None:
    indicator = with_clock("WT1", value=1, indicator=True, escalation=())
    (item,) = judged(indicator, REFERRAL, RECEIVED, every_command=True).otherwise
    assert item.differences[0].kind == "content"
    assert item.differences[0].fields == ("indicator",)


def test_a_superseded_event_is_compared_as_it_is_read_today() -> None:
    place = place_of(OVERSEEN, "tier_assigned.v2")
    old = with_payload(OVERSEEN, place, '{"tier":"region","type":"tier_assigned.v1"}', "tier_assigned.v1")
    found = judged(with_clock("WT1", value=3), designation_acts.STREAM, old, every_command=True)
    assert found.decided_again > 1
    assert (found.otherwise, found.code_differs) == ((), 0)


def test_what_the_code_itself_decides_otherwise_now_is_not_laid_at_the_packs_door() -> None:
    place = place_of(WHOLE, "exploitation_risk_scored.v1")
    forged = with_payload(WHOLE, place, WHOLE[place].record.payload.replace('"score":', '"score":1'))
    found = judged(another(), stored=forged, every_command=True)
    assert (found.code_differs, found.otherwise) == (1, ())


def test_processes_of_other_law_are_counted_and_not_judged() -> None:
    for changes in ({"jurisdictions": (Jurisdiction.WALES,)}, {"agency": "nca"}, {"force": "WYP"}):
        found = judged(another(**changes))
        assert (found.processes, found.other_law, found.decided_again) == (1, 1, 0)


def test_only_the_days_that_are_asked_about_are_judged() -> None:
    apart = another(separations=(*POLICY.separations, APART))
    day = date(2026, 3, 2)
    assert judged(apart, first=day, last=day).decided_again == 1
    assert judged(apart, first=date(2026, 3, 3)).decided_again == 0
    assert judged(apart, last=date(2026, 3, 1)).decided_again == 0


def test_what_can_not_be_put_to_the_rules_is_counted() -> None:
    not_kept = [item.model_copy(update={"asked": None}) for item in WHOLE]
    assert judged(another(), stored=not_kept).not_kept == 1
    assert judged(another(), stored=not_kept, every_command=True).not_kept == len(COMPLETE) + 1
    place = place_of(WHOLE, "exploitation_risk_scored.v1")
    strange = with_payload(WHOLE, place, '{"type":"exploitation_risk_scored.v9"}')
    assert judged(another(), stored=strange).unread == (STREAM,)


def test_what_was_found_before_an_event_that_this_code_can_not_read_stays_found() -> None:
    note = WHOLE[-1].record
    update = {"seq": note.seq + 1, "command_id": uuid4(), "payload": '{"type":"unheard_of.v9"}'}
    strange = note.model_copy(update=update)
    later = WHOLE[-1].model_copy(update={"record": strange, "asked": None})
    found = judged(another(separations=(*POLICY.separations, APART)), stored=[*WHOLE, later])
    assert (found.unread, found.decided_again, len(found.otherwise)) == ((STREAM,), 1, 1)


def test_counts_and_lists_of_many_processes_add_up() -> None:
    apart = judged(another(separations=(*POLICY.separations, APART)))
    total = together([apart, judged(POLICY), apart])
    assert (total.processes, total.decided_again, total.under_it, len(total.otherwise)) == (3, 2, 1, 2)
    assert {rule: len(items) for rule, items in by_rule(total.otherwise).items()} == {
        "separations[AssessThrive DecideTriage]": 2
    }


def test_a_swap_changes_one_rule_and_leaves_the_rest() -> None:
    before, after = facts_of(POLICY), facts_of(pack_of_version("eng-police-2026.2"))
    found = {swap.rule: swap.facts.policy for swap in swaps(before, after)}
    assert "clocks[MR1]" in found
    assert found["clocks[MR1]"].clock("MR1") == after.policy.clock("MR1")
    assert found["clocks[MR1]"].clock("VC1") == before.policy.clock("VC1")
    assert swaps(before, facts_of(another())) == ()


def test_two_packs_for_the_same_law_are_one_too_many() -> None:
    with pytest.raises(TwoPacks):
        packs_with_calendars([POLICY, another()])
    welsh = pack_of_version("wal-police-2026.1")
    assert len(packs_with_calendars([POLICY, welsh])) == 2


def made_up(folder: Path) -> Path:
    """A pack that nobody published: the newest with three working days for the acknowledgement of a referral."""
    text = files("nom.contracts.policy").joinpath("packs/eng-police-2026.2.yaml").read_text(encoding="utf-8")
    slower = (
        "clocks:\n  - {id: WT1, title: Acknowledge the referral, value: 3, unit: working_day, "
        "starts: referral received, basis: made up, confidence: ours, escalation: [triage_sergeant]}\n"
    )
    file = folder / "eng-police-2026.9.yaml"
    file.write_text(
        text.replace("eng-police-2026.2", "eng-police-2026.9").replace("clocks:\n", slower), encoding="utf-8"
    )
    return file


def test_a_pack_may_come_out_of_a_file(tmp_path: Path) -> None:
    assert pack_named(str(made_up(tmp_path))).clock("WT1").value == 3
    assert pack_named("eng-police-2026.1") == POLICY


@pytest.mark.engine
async def test_a_real_ledger_is_asked_in_processes_of_its_own_and_nothing_is_written(
    stack: Stack, access: Access, tmp_path: Path
) -> None:
    case = a_matter("NFK")
    await access.client.submit(receive(case, ago(hours=3), brought_in=True))
    await access.client.submit(acknowledge(case, ago(hours=2)))
    reader = await access.reader("nfk")
    await handed_on(reader, case)
    before = [item.record async for item in reader.case_records(case)]
    asked = ("audit", "whatif", "--policy", made_up(tmp_path), "--force", "NFK", "--data", stack.folder.path)
    ended = await nom(*asked, "--every-command", "--processes", "2", "--json")
    assert ended.code == 0, ended.err
    (item,) = [item for item in ended.json["otherwise"] if item["stream"] == f"{case}/referral-1"]
    assert (item["seq"], item["command"], item["rules"]) == (1, "ReceiveReferral", ["clocks[WT1]"])
    assert ended.json["rules"]["clocks[WT1]"] >= 1
    assert ended.json["counts"]["processes"] >= 2
    people = await nom(*asked, "--every-command")
    assert "clocks[WT1]: " in people.out
    assert "What was refused at the time left no record" in people.out
    assert [item.record async for item in reader.case_records(case)] == before
