import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from nom.console.access import Access
from nom.console.scenario.compare import Outcome, compare
from nom.console.scenario.loading import NoSuchScenario, ScenarioMalformed, bundled, chosen, scenario_at, scenario_from
from nom.console.scenario.model import (
    Action,
    ActionExpectation,
    Expectations,
    ExpectedBreach,
    ExpectedClosure,
    ExpectedDeadline,
    ExpectedGroup,
    ExpectedInvestigation,
    ExpectedNetworkTest,
    ExpectedRefusal,
    OpenBecause,
    Scenario,
)
from nom.console.scenario.runner import ForceNotServed, Ran, fresh_matter, give_scenario, run_scenario
from nom.contracts.base import Contract
from nom.contracts.ids import case_id, parse_stream
from nom.workflows.operating_model import MODELS

GUIDE = Path(__file__).parents[2] / "docs" / "scenario-format.md"
SMALL = """
id: small
title: One referral
force: GMP
jurisdiction: ENG
subjects: [{id: child-1, age: 14}]
actions:
  - at: 2026-03-02 09:20
    by: teacher-1
    process: referral
    do: ReceiveReferral
    with: {source: education, subjects: $subjects, allegations: [{victim: child-1, offence: SX03025}]}
  - {at: 2026-03-02 11:05, by: duty-officer-1, process: referral, do: Acknowledge}
expect: {breaches: []}
"""


def problems_of(text: str) -> dict[str, str]:
    with pytest.raises(ScenarioMalformed) as raised:
        scenario_from(text, "small.yaml")
    assert str(raised.value).startswith("small.yaml: ")
    return dict(raised.value.problems)


@pytest.mark.parametrize(
    ("wrong", "right", "field"),
    [
        ("force: GMP", "force: Manchester", "force"),
        ("at: 2026-03-02 09:20", "at: 2026-03-29 01:30", "actions.0.at"),
        ("at: 2026-03-02 09:20", "at: yesterday", "actions.0.at"),
        ("by: teacher-1", "by: nobody-1", "actions.0.by"),
        ("process: referral, do", "process: referal, do", "actions.1.process"),
        ("do: Acknowledge", "do: AcknowledgeIt", "actions.1.do"),
        ("source: education", "source: a friend", "actions.0.with.source"),
        ("subjects: $subjects, ", "", "actions.0.with.subjects"),
        ("do: Acknowledge}", "do: Acknowledge, expect: {}}", "actions.1.expect"),
        ("do: Acknowledge}", "do: Acknowledge, becuase: no}", "actions.1.becuase"),
        ("expect: {breaches: []}", "expect: {}", "expect.breaches"),
        ("{breaches: []}", "{breaches: [], deadlines: [{process: referral, clock: wt1, rule: WT1, due: soon}]}", "expect.deadlines.0.due"),  # noqa: E501 - one line for each fault
    ],
)  # fmt: skip
def test_a_malformed_scenario_is_refused_by_file_and_field(wrong: str, right: str, field: str) -> None:
    assert wrong in SMALL
    assert field in problems_of(SMALL.replace(wrong, right, 1))


def test_what_is_not_yaml_is_refused_by_line() -> None:
    assert "line 3" in problems_of("id: small\ntitle: a\n  force: GMP\n")


def test_a_key_that_stands_twice_is_refused_not_overwritten() -> None:
    assert "line 5" in problems_of(SMALL.replace("force: GMP", "force: GMP\nforce: WYP", 1))


def test_every_problem_of_a_file_is_named_at_once() -> None:
    text = SMALL.replace("teacher-1", "nobody-1").replace("do: Acknowledge", "do: AcknowledgeIt")
    assert problems_of(text).keys() == {"actions.0.by", "actions.1.do"}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioMalformed, match=r"missing\.yaml: file: can't be read"):
        scenario_at(tmp_path / "missing.yaml")


@pytest.mark.parametrize(
    "model",
    [
        Scenario,
        Action,
        ActionExpectation,
        ExpectedRefusal,
        Expectations,
        ExpectedDeadline,
        ExpectedBreach,
        ExpectedNetworkTest,
        ExpectedGroup,
        ExpectedClosure,
        ExpectedInvestigation,
        OpenBecause,
    ],
)
def test_every_field_of_the_format_is_documented(model: type[Contract]) -> None:
    documented = set(re.findall(r"`([a-z_]+)`", GUIDE.read_text(encoding="utf-8")))
    fields = {field.alias or name for name, field in model.model_fields.items()}
    assert fields - documented == set()


@pytest.mark.engine
async def test_the_example_of_the_guide_is_a_scenario_that_agrees(access: Access) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    outcome = await run_scenario(scenario_from(example, "example.yaml"), access)
    assert outcome.differences == ()


def test_a_scenario_is_found_by_id_by_number_and_by_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(SMALL, encoding="utf-8")
    assert [scenario.id for scenario in chosen(("04-late", "01", str(file)))] == ["04-late", "01-network", "small"]
    with pytest.raises(NoSuchScenario, match=r"01-network, 02-closed-too-soon, .*04-late, 05-not-a-network"):
        chosen(("99",))


def test_actions_are_given_in_the_order_of_entry_and_those_at_one_moment_as_they_stand() -> None:
    (late,) = chosen(("04",))
    order = [action for _, action in late.in_order()]
    moments = [action.entered or action.at for action in order]
    assert moments == sorted(moments)
    earlier_arrest = next(action for action in order if action.process == "custody-2")
    assert earlier_arrest.at < order[0].at
    same_moment = [action.do for action in order if action.at == order[5].at]
    assert same_moment == ["Convene", "RecordAttendance", "DecideSection47"]


def test_an_hour_of_the_clock_change_is_read_as_the_clocks_showed_it() -> None:
    (late,) = chosen(("04",))
    review = next(a for a in late.actions if a.process == "custody-2" and a.do == "ReviewDetention")
    authorised = next(a for a in late.actions if a.process == "custody-2" and a.do == "AuthoriseDetention")
    assert (review.at - authorised.at).total_seconds() == (5 * 60 + 50) * 60


@pytest.mark.parametrize(
    ("number", "force", "actions", "added", "deadlines", "breaches", "refused"),
    [
        ("01", "GMP", 69, 0, 12, (), ("quorum", "separation", "action_items_open", "role")),
        ("02", "SYP", 31, 17, 6, (), ("closure_gate", "closure_gate", "took_part")),
        ("04", "WYP", 23, 2, 13, ("WT1", "CR1", "WT5", "WT7", "PC4", "PC4-later", "TR1"), ("rank", "rank", "rank")),
        ("05", "NFK", 13, 5, 2, (), ("network_test_met_obliges", "triage_gate")),
    ],
)
def test_the_scenarios_that_come_with_nom_are_whole(
    number: str,
    force: str,
    actions: int,
    added: int,
    deadlines: int,
    breaches: tuple[str, ...],
    refused: tuple[str, ...],
) -> None:
    (scenario,) = chosen((number,))
    assert scenario.force == force
    assert len(scenario.actions) == actions
    assert sum(action.added for action in scenario.actions) == added
    assert len(scenario.expect.deadlines) == deadlines
    assert tuple(item.rule for item in scenario.expect.breaches) == breaches
    expected = [action.expect.refused for action in scenario.actions if action.expect and action.expect.refused]
    assert tuple(item.code for item in expected) == refused
    assert all(item.unmet for item in expected)


def test_the_reference_of_a_run_is_new_each_time_and_makes_good_ids() -> None:
    references = {fresh_matter(scenario) for scenario in bundled() for _ in range(5)}
    assert len(references) == 5 * len(bundled())
    for reference in references:
        assert parse_stream(f"{case_id('GMP', reference)}/case").matter == reference


def test_every_action_of_the_scenarios_that_come_with_nom_names_a_command_of_its_process() -> None:
    kinds = {kind.value for kind in MODELS}
    for scenario in bundled():
        for action in scenario.actions:
            name = action.process.rstrip("0123456789").rstrip("-")
            assert (name if name != "group" else "designation") in kinds


@pytest.fixture(scope="session")
async def ran(access: Access) -> Ran:
    """Scenario 05, given to the engine once; compared as often as one likes."""
    return await give_scenario(not_a_network(), access)


def not_a_network(**changed: object) -> Scenario:
    """Scenario 05, with something else expected in the end."""
    plain = yaml.safe_load(yaml.safe_dump(chosen(("05",))[0].model_dump(mode="json", by_alias=True)))
    plain["expect"] = {**plain["expect"], **changed}
    return Scenario.model_validate(plain)


def judged(scenario: Scenario, ran: Ran) -> Outcome:
    return compare(scenario, ran.case, ran.answers, ran.records)


@pytest.mark.engine
async def test_the_engine_says_what_the_scenario_expects(access: Access) -> None:
    (network,) = chosen(("01",))
    outcome = await run_scenario(network, access)
    assert outcome.differences == ()
    assert len(outcome.agreements) > len(network.actions)


@pytest.mark.engine
async def test_a_matter_that_was_closed_too_soon_agrees_and_another_expectation_of_it_does_not(access: Access) -> None:
    (closed_too_soon,) = chosen(("02",))
    here = closed_too_soon.model_copy(update={"force": "GMP"})
    ran = await give_scenario(here, access)
    assert judged(here, ran).differences == ()
    closure = here.expect.closures[0].model_copy(update={"scheme": "CSARP"})
    investigation = ExpectedInvestigation(reopened=False, lines=("telephones",))
    wrong = here.expect.model_copy(update={"closures": (closure,), "investigation": investigation})
    differences = judged(here.model_copy(update={"expect": wrong}), ran).differences
    assert [point.what for point in differences] == ["closure-1", "investigation reopened", "lines of inquiry open"]


@pytest.mark.engine
def test_a_run_that_agrees_has_no_differences(ran: Ran) -> None:
    outcome = judged(not_a_network(), ran)
    assert outcome.differences == ()
    assert outcome.findings.is_open
    assert [breach.rule for breach in outcome.findings.breaches] == []


@pytest.mark.engine
@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"breaches": [{"process": "triage-1", "clock": "tr1", "rule": "TR1"}]}, "breach tr1 of triage-1"),
        ({"network_test": {"computed": "met", "judged": "met"}}, "network test"),
        ({"group": {"status": "designated", "members": 0, "tier": None}}, "group"),
        ({"group": {"status": "nominated", "members": 3, "tier": None}}, "group"),
        ({"suspects": {"suspect-1": "charged"}}, "outcomes of suspects"),
        ({"case_open_because": {"suspects": [], "stages": None}}, "case open: suspects without outcome"),
        ({"case_open_because": {"suspects": ["suspect-1"], "stages": []}}, "case open: stages without outcome"),
        (
            {"deadlines": [{"process": "group", "clock": "dg1", "rule": "DG1", "due": "end of 2026-05-28"}]},
            "deadline dg1 of group",
        ),
        (
            {"deadlines": [{"process": "group", "clock": "dg1", "rule": "DG2", "due": "end of 2026-05-29"}]},
            "deadline dg1 of group",
        ),
        (
            {"deadlines": [{"process": "group", "clock": "dg1", "rule": "DG1", "due": "2026-05-30 00:00"}]},
            "deadline dg1 of group",
        ),
        (
            {"deadlines": [{"process": "custody-1", "clock": "pc1", "rule": "PC1", "due": "2026-05-30 00:00"}]},
            "deadline pc1 of custody-1",
        ),
    ],
)
def test_a_wrong_expectation_is_reported(changed: dict[str, Any], what: str, ran: Ran) -> None:
    (difference,) = judged(not_a_network(**changed), ran).differences
    assert difference.what == what
    assert difference.expected != difference.got


@pytest.mark.engine
@pytest.mark.parametrize(
    ("number", "expect", "what"),
    [
        (5, {"gives": {"network_test_recorded.v1": {"judged": True}}}, "judged"),
        (5, {"gives": {"network_test_recorded.v2": {"judged": False}}}, "gives"),
        (5, {"refused": {"code": "triage_gate"}}, "action 5"),
        (7, None, "action 7"),
        (8, {"refused": {"code": "triage_gate", "unmet": ["thrive_incomplete"]}}, "action 8"),
        (8, {"refused": {"code": "reason_missing", "unmet": ["thrive_incomplete"]}}, "action 8"),
    ],
)
def test_an_action_that_meets_with_something_else_is_reported(
    number: int, expect: dict[str, Any] | None, what: str, ran: Ran
) -> None:
    plain = not_a_network().model_dump(mode="json", by_alias=True)
    plain["actions"][number - 1]["expect"] = expect
    differences = judged(Scenario.model_validate(plain), ran).differences
    assert len(differences) == 1
    assert what in differences[0].what


@pytest.mark.engine
def test_an_action_that_was_not_given_is_reported(ran: Ran) -> None:
    (scenario,) = chosen(("05",))
    outcome = compare(scenario, ran.case, ran.answers[:-1], ran.records)
    assert [point.got for point in outcome.differences] == ["not given"]


@pytest.mark.engine
async def test_breaches_that_nobody_expected_are_each_reported_with_the_reason(access: Access) -> None:
    (late,) = chosen(("04",))
    ran = await give_scenario(late, access)
    assert judged(late, ran).differences == ()
    in_time = late.model_copy(update={"expect": late.expect.model_copy(update={"breaches": ()})})
    differences = judged(in_time, ran).differences
    assert len(differences) == len(late.expect.breaches) == 7
    assert all(point.expected == "no breach" for point in differences)
    assert "WT1 breached: Acknowledge the referral and decide the next steps: due end of 2026-04-07" in {
        point.got for point in differences
    }


@pytest.mark.engine
async def test_a_refusal_that_nobody_expected_is_reported_and_the_run_goes_on(access: Access) -> None:
    early = SMALL.replace("id: small", "id: out-of-turn").replace("do: Acknowledge}", "do: Route, with: {to: triage}}")
    outcome = await run_scenario(scenario_from(early, "early.yaml"), access)
    (difference,) = outcome.differences
    assert difference.expected == "accepted"
    assert difference.got == "refused: referral_gate (crime_not_recorded:child-1, not_acknowledged)"


@pytest.mark.engine
async def test_an_arrest_in_a_matter_that_was_never_opened_is_refused_and_leaves_nothing(access: Access) -> None:
    arrest = (
        "  - {at: 2026-03-02 09:00, by: officer-arrest-1, process: custody-1, do: Arrest, with: {suspect: suspect-1}}\n"
    )
    text = SMALL.replace("actions:\n", f"actions:\n{arrest}", 1)
    outcome = await run_scenario(scenario_from(text, "early.yaml"), access)
    assert [point.got for point in outcome.differences] == ["refused: process_not_open (no condition named)"]
    assert outcome.findings.process("custody-1") is None


@pytest.mark.engine
async def test_a_scenario_of_a_force_that_is_not_served_says_which_are(access: Access) -> None:
    with pytest.raises(ForceNotServed, match="GMP"):
        await run_scenario(scenario_from(SMALL.replace("GMP", "NWP"), "small.yaml"), access)
