import re
from pathlib import Path

import pytest

from nom.console.scenario import expectations, model
from nom.console.scenario.cast import cast_of, fresh_reference
from nom.console.scenario.commands import command_of, first_opening
from nom.console.scenario.loading import NoSuchScenario, ScenarioMalformed, bundled, chosen, scenario_at, scenario_from
from nom.console.scenario.model import Scenario
from nom.contracts.base import Contract
from nom.contracts.ids import parse_stream
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
TWO = """
id: two
title: Two referrals
cases:
  GMP-1: {force: GMP, jurisdiction: ENG, subjects: [{id: child-1, age: 14}]}
  NWP-1: {force: NWP, jurisdiction: WAL, subjects: [{id: child-2, age: 13}]}
  GMP-2: {force: GMP, jurisdiction: ENG, transferred_from: NWP-1}
groups: {group-1: NWP-1}
actions:
  - at: 2026-03-02 09:20
    by: teacher-1
    case: NWP-1
    process: referral
    do: ReceiveReferral
    with: {source: education, subjects: $subjects, allegations: [{victim: child-2, offence: SX03025}]}
  - {at: 2026-03-02 11:05, by: analyst-1, group: group-1, do: LinkCase, with: {case: "$case:GMP-1", because: it is}}
expect:
  cases:
    GMP-1:
      breaches: []
      group: {status: nominated, members: 0, cases: [NWP-1]}
      hand_offs: [{process: case, to: NWP-1/case, command: TellNetworkOutcome}]
  readings: [{force: NWP, cannot_read: GMP-1}, {force: NCA, on_board: [NWP-1]}]
"""
RETURN = """
id: returned
title: A return
return:
  content: |
    force,force_reference,offence_code,decision_date,decided_by,outcome_code,suspects
    SYP,SYP/1,SX03001,2012-07-30,cps,15,3
  by: coordinator-1
  at: 2026-03-02 09:20
reviews: {review-1: 2}
cases: {SYP-1: {force: SYP, jurisdiction: ENG, ordered_by: review-1}}
actions:
  - at: 2026-03-03 09:20
    by: review-panel-1
    review: review-1
    do: OrderReinvestigation
    with: {force: SYP}
    reason: it was never investigated
expect: {return: {order: [2], refused: []}}
"""


def faults_of(text: str) -> dict[str, int | None]:
    with pytest.raises(ScenarioMalformed) as raised:
        scenario_from(text, "small.yaml")
    assert str(raised.value).startswith("small.yaml: ")
    return {fault.field: fault.line for fault in raised.value.faults}


@pytest.mark.parametrize(
    ("wrong", "right", "field", "line"),
    [
        ("force: GMP", "force: Manchester", "force", 4),
        ("jurisdiction: ENG\n", "", "jurisdiction", 2),
        ("subjects: [{id: child-1, age: 14}]\n", "", "subjects", 2),
        ("at: 2026-03-02 09:20", "at: 2026-03-29 01:30", "actions.0.at", 8),
        ("at: 2026-03-02 09:20", "at: yesterday", "actions.0.at", 8),
        ("by: teacher-1", "by: nobody-1", "actions.0.by", 9),
        ("process: referral, do", "process: referal, do", "actions.1.process", 13),
        ("process: referral, do", "do", "actions.1", 13),
        ("do: Acknowledge", "do: AcknowledgeIt", "actions.1.do", 13),
        ("source: education", "source: a friend", "actions.0.with.source", 12),
        ("subjects: $subjects, ", "", "actions.0.with.subjects", 12),
        ("do: Acknowledge}", "do: Acknowledge, expect: {}}", "actions.1.expect", 13),
        ("do: Acknowledge}", "do: Acknowledge, becuase: no}", "actions.1.becuase", 13),
        ("expect: {breaches: []}", "expect: {}", "expect.breaches", 14),
        ("expect: {breaches: []}", "", "expect", 2),
        ("{breaches: []}", "{breaches: [], deadlines: [{process: referral, clock: wt1, rule: WT1, due: soon}]}", "expect.deadlines.0.due", 14),  # noqa: E501 - one line for each fault
        ("{breaches: []}", "{breaches: [], hand_offs: [{process: case, to: NWP-1/case, command: It}]}", "expect.hand_offs.0.to", 14),  # noqa: E501
    ],
)  # fmt: skip
def test_a_malformed_scenario_is_refused_by_file_line_and_field(wrong: str, right: str, field: str, line: int) -> None:
    assert wrong in SMALL
    assert faults_of(SMALL.replace(wrong, right, 1)) == {field: line}


@pytest.mark.parametrize(
    ("wrong", "right", "field", "line"),
    [
        ("force: NWP, jur", "force: Gwynedd, jur", "cases.NWP-1.force", 6),
        (", subjects: [{id: child-2, age: 13}]", "", "cases.NWP-1", 6),
        ("transferred_from: NWP-1", "transferred_from: NWP-9", "cases.GMP-2.transferred_from", 7),
        ("transferred_from: NWP-1", "ordered_by: review-1", "cases.GMP-2.ordered_by", 7),
        ("group-1: NWP-1", "group-1: NWP-9", "groups.group-1", 8),
        ("group-1: NWP-1", "GMP-1: NWP-1, group-1: NWP-1", "cases.GMP-1", 5),
        ("    case: NWP-1\n", "", "actions.0.case", 10),
        ("case: NWP-1\n", "case: NWP-9\n", "actions.0.case", 12),
        ("group: group-1, do", "group: group-9, do", "actions.1.group", 16),
        ("group: group-1, do", "group: group-1, process: case, do", "actions.1", 16),
        ("group: group-1, do", "group: group-1, case: GMP-1, do", "actions.1", 16),
        ("group: group-1, do", "review: review-1, do", "actions.1.review", 16),
        ("    GMP-1:\n      br", "    GMP-9:\n      br", "expect.cases.GMP-9", 19),
        ("cases: [NWP-1]}", "cases: [NWP-9]}", "expect.cases.GMP-1.group.cases", 21),
        ("to: NWP-1/case", "to: NWP-9/case", "expect.cases.GMP-1.hand_offs.0.to", 22),
        ("cannot_read: GMP-1", "cannot_read: GMP-9", "expect.readings.0.cannot_read", 23),
        ("cannot_read: GMP-1", "cannot_read: GMP-1, can_read: NWP-1", "expect.readings.0", 23),
        ("on_board: [NWP-1]", "on_board: [NWP-9]", "expect.readings.1.on_board", 23),
        ("  readings:", "  return: {order: [], refused: []}\n  readings:", "expect.return", 23),
    ],
)
def test_a_name_that_nothing_has_is_refused_by_line_and_field(wrong: str, right: str, field: str, line: int) -> None:
    assert wrong in TWO
    assert faults_of(TWO.replace(wrong, right, 1)) == {field: line}


@pytest.mark.parametrize(
    ("wrong", "right", "field", "line"),
    [
        ("  by: coordinator-1", "  by: nobody-1", "return.by", 8),
        ("review-1: 2", "review-1: 3", "reviews", 10),
        ("suspects\n", "suspects,name\n", "reviews", 10),
        ("content: |", "file: ../elsewhere.csv\n  content: |", "return.file", 5),
        ("content: |", "file: nowhere.csv\n  content: |", "return.file", 5),
    ],
)
def test_a_return_that_cannot_be_used_is_refused_by_line_and_field(
    wrong: str, right: str, field: str, line: int
) -> None:
    assert wrong in RETURN
    assert faults_of(RETURN.replace(wrong, right, 1)) == {field: line}


def test_a_return_without_a_content_is_refused() -> None:
    without = re.sub(r"  content: \|\n    .*\n    .*\n", "", RETURN)
    assert without != RETURN
    assert faults_of(without) == {"return": 4}


def test_what_is_not_yaml_is_refused_by_line() -> None:
    assert "line 3" in faults_of("id: small\ntitle: a\n  force: GMP\n")


@pytest.mark.parametrize("text", ["", "[]", "small", "- 1"])
def test_what_is_no_page_of_fields_is_refused(text: str) -> None:
    assert len(faults_of(text)) == 1


def test_a_key_that_stands_twice_is_refused_not_overwritten() -> None:
    assert "line 5" in faults_of(SMALL.replace("force: GMP", "force: GMP\nforce: WYP", 1))


def test_every_problem_of_a_file_is_named_at_once() -> None:
    text = SMALL.replace("teacher-1", "nobody-1").replace("do: Acknowledge", "do: AcknowledgeIt")
    assert faults_of(text) == {"actions.0.by": 9, "actions.1.do": 13}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioMalformed, match=r"missing\.yaml: file: can't be read"):
        scenario_at(tmp_path / "missing.yaml")


def test_a_return_lies_beside_its_scenario(tmp_path: Path) -> None:
    content = "force,force_reference,offence_code,decision_date,decided_by,outcome_code,suspects\n"
    (tmp_path / "cases.csv").write_text(f"{content}SYP,SYP/1,SX03001,2012-07-30,cps,15,3\n", encoding="utf-8")
    file = tmp_path / "returned.yaml"
    file.write_text(re.sub(r"content: \|\n    .*\n    .*\n", "file: cases.csv\n", RETURN), encoding="utf-8")
    returned = scenario_at(file).returned
    assert returned is not None
    assert returned.content is not None
    assert "SYP/1" in returned.content


def models_of_the_format() -> list[type[Contract]]:
    found = [*vars(model).values(), *vars(expectations).values()]
    kinds = (item for item in found if isinstance(item, type) and issubclass(item, Contract))
    return [kind for kind in kinds if kind.__module__.startswith("nom.console.scenario")]


@pytest.mark.parametrize("kind", models_of_the_format())
def test_every_field_of_the_format_is_documented(kind: type[Contract]) -> None:
    documented = set(re.findall(r"`([a-z_]+)`", GUIDE.read_text(encoding="utf-8")))
    fields = {field.alias or name for name, field in kind.model_fields.items()}
    assert fields - documented == set()


def test_the_example_of_the_guide_is_a_scenario() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert scenario_from(example, "example.yaml").only_case == "case"


def test_a_scenario_is_found_by_id_by_number_and_by_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(SMALL, encoding="utf-8")
    assert [scenario.id for scenario in chosen(("04-late", "01", str(file)))] == ["04-late", "01-network", "small"]
    with pytest.raises(NoSuchScenario, match=r"01-network, 02-closed-too-soon, .*04-late, 05-not-a-network"):
        chosen(("99",))


def test_a_bundled_scenario_is_called_after_its_file() -> None:
    for scenario in bundled():
        assert chosen((scenario.id,)) == (scenario,)


def test_a_page_about_one_case_and_one_that_names_it_say_the_same() -> None:
    one = scenario_from(SMALL, "small.yaml")
    assert one.only_case == "case"
    assert Scenario.model_validate(one.model_dump(mode="json", by_alias=True)) == one


def test_every_case_of_a_run_has_a_reference_of_its_own_and_a_new_one_each_time() -> None:
    for scenario in bundled():
        references = {fresh_reference(scenario) for _ in range(5)}
        assert len(references) == 5
        for reference in references:
            cast = cast_of(scenario, reference)
            matters = list(cast.matters.values())
            assert len(set(matters)) == len(matters)
            assert all(parse_stream(f"{matter}/case-1").case == matter for matter in matters)


def test_a_force_that_tries_to_read_must_be_served_as_well() -> None:
    assert chosen(("06",))[0].forces == ("SYP", "WYP")
    assert chosen(("03",))[0].forces == ("MER", "NWP")


def test_the_same_return_is_another_one_in_another_run() -> None:
    scenario = scenario_from(RETURN, "returned.yaml")
    one, other = (cast_of(scenario, fresh_reference(scenario)) for _ in range(2))
    assert one.reviews["review-1"] != other.reviews["review-1"]
    assert one.cases["SYP-1"].split("/")[1] == one.reviews["review-1"].split("/")[1]


def test_placeholders_stand_for_what_only_the_run_knows() -> None:
    scenario = scenario_from(TWO, "two.yaml")
    cast = cast_of(scenario, "two-run")
    _, link = scenario.actions
    command = command_of(scenario, cast, link, first_opening(scenario, link))
    assert command.command.case == cast.cases["GMP-1"] == "gmp/two-run"
    assert command.stream == f"{cast.groups['group-1']}/designation-1"
    assert cast.cases["GMP-2"].startswith("gmp/from-nwp-")
    assert cast.called(command.stream) == "group-1"


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
    ("number", "forces", "actions", "added", "deadlines", "breaches", "refused"),
    [
        ("01", "GMP", 70, 0, 14, (), ("quorum", "separation", "action_items_open", "role")),
        ("02", "SYP", 31, 17, 6, (), ("closure_gate", "closure_gate", "took_part")),
        ("04", "WYP", 23, 2, 13, ("WT1", "CR1", "WT5", "WT7", "PC4", "PC4-later", "TR1"), ("rank", "rank", "rank")),
        ("05", "NFK", 13, 5, 2, (), ("network_test_met_obliges", "triage_gate")),
    ],
)
def test_the_scenarios_of_one_case_are_whole(
    number: str,
    forces: str,
    actions: int,
    added: int,
    deadlines: int,
    breaches: tuple[str, ...],
    refused: tuple[str, ...],
) -> None:
    (scenario,) = chosen((number,))
    expect = scenario.expect.cases["case"]
    assert scenario.forces == (forces,)
    assert len(scenario.actions) == actions
    assert sum(action.added for action in scenario.actions) == added
    assert len(expect.deadlines) == deadlines
    assert tuple(item.rule for item in expect.breaches) == breaches
    expected = [action.expect.refused for action in scenario.actions if action.expect and action.expect.refused]
    assert tuple(item.code for item in expected) == refused
    assert all(item.unmet for item in expected)


def test_the_scenario_of_two_forces_checks_every_line_of_its_facts() -> None:
    (scenario,) = chosen(("03",))
    assert scenario.forces == ("MER", "NWP")
    facts = [action.do for action in scenario.actions if not action.added]
    assert facts == [
        *("RecordNetworkTest", "RecordNetworkLink", "RecordNetworkTest", "DecideTriage", "RecordAttendance"),
        *("DecideSection47", "ScoreThreat", "Propose", "Approve", "LinkCase", "Propose", "Propose"),
        *("RequestTransfer", "AcceptTransfer"),
    ]
    told = {(label, item.to, item.command) for label, case in scenario.expect.cases.items() for item in case.hand_offs}
    assert {("NWP-1", f"{case}/case", "TellNetworkLink") for case in ("MER-1", "NWP-1")} <= told
    cannot = {(reading.force, reading.cannot_read) for reading in scenario.expect.readings if reading.cannot_read}
    assert {("NWP", "MER-1"), ("MER", "NWP-1")} <= cannot
    assert [reading.on_board for reading in scenario.expect.readings if reading.on_board] == [("MER-1", "NWP-1")]


def test_every_action_of_the_scenarios_that_come_with_nom_names_a_command_of_its_process() -> None:
    kinds = {kind.value for kind in MODELS}
    for scenario in bundled():
        for action in scenario.actions:
            name = (action.process or "closed-case-review").rstrip("0123456789").rstrip("-")
            assert (name if name != "group" else "designation") in kinds
