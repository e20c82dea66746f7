"""What a comparison tells: that a run agrees, and of everything that differs, what was expected and what was found."""

from typing import Any

import pytest

from nom.console.access import Access
from nom.console.closed_cases import Loaded
from nom.console.intake import Problem
from nom.console.scenario.compare import Answered, Outcome, Read, Seen, compare
from nom.console.scenario.expectations import ExpectedReading
from nom.console.scenario.loading import chosen, scenario_from
from nom.console.scenario.model import Scenario
from nom.console.scenario.runner import ForceNotServed, run_scenario
from tests.console.office import Office
from tests.console.test_scenario_format import SMALL


class Told:
    """A scenario that was run in memory once, to be compared with what is expected as often as one likes."""

    def __init__(self, number: str) -> None:
        (self.scenario,) = chosen((number,))
        self.office = Office(self.scenario)
        self.answers = self.office.run()
        self.plain: dict[str, Any] = self.scenario.model_dump(mode="json", by_alias=True)

    def judged(self, seen: Seen | None = None, answers: tuple[Answered, ...] | None = None) -> Outcome:
        """How it compares with what `plain` expects now."""
        scenario = Scenario.model_validate(self.plain)
        seen = seen or Seen(loaded=self.office.loaded)
        return compare(scenario, self.office.cast, answers or self.answers, self.office.all_records(), seen)

    def expecting(self, label: str, **changed: object) -> Outcome:
        """How it compares when something else is expected of a case."""
        case = self.plain["expect"]["cases"][label]
        self.plain["expect"]["cases"][label] = {**case, **changed}
        outcome = self.judged()
        self.plain["expect"]["cases"][label] = case
        return outcome


@pytest.fixture(scope="module")
def one() -> Told:
    """Scenario 05: one case."""
    return Told("05")


@pytest.fixture(scope="module")
def two() -> Told:
    """Scenario 03: two forces and a group."""
    return Told("03")


@pytest.fixture(scope="module")
def returned() -> Told:
    """Scenario 06: a return and its reviews."""
    return Told("06")


def test_a_run_that_agrees_has_no_differences(one: Told) -> None:
    outcome = one.judged()
    assert outcome.differences == ()
    assert outcome.findings.is_open
    assert [breach.rule for breach in outcome.breaches] == []


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"breaches": [{"process": "triage-1", "clock": "tr1", "rule": "TR1"}]}, "breach tr1 of triage-1"),
        ({"network_test": {"computed": "met", "judged": "met"}}, "network test"),
        ({"group": {"status": "designated", "members": 0, "tier": None}}, "group"),
        ({"group": {"status": "nominated", "members": 3, "tier": None}}, "group"),
        ({"group": {"status": "nominated", "members": 0, "cases": []}}, "cases of the group"),
        ({"suspects": {"suspect-1": "charged"}}, "outcomes of suspects"),
        ({"case_open_because": {"suspects": [], "stages": None}}, "case open: suspects without outcome"),
        ({"case_open_because": {"suspects": ["suspect-1"], "stages": []}}, "case open: stages without outcome"),
        ({"ended": {"case": "closed"}}, "outcome of case"),
        ({"ended": {"custody": "released"}}, "outcome of custody-1"),
    ],
)
def test_a_wrong_expectation_of_a_case_is_reported(changed: dict[str, Any], what: str, one: Told) -> None:
    (difference,) = one.expecting("case", **changed).differences
    assert difference.what == what
    assert difference.expected != difference.got


DG1 = {"process": "group", "clock": "dg1", "rule": "DG1", "due": "end of 2026-05-29"}


@pytest.mark.parametrize(
    "changed",
    [
        {"due": "end of 2026-05-28"},
        {"rule": "DG2"},
        {"due": "2026-05-30 00:00"},
        {"clock": "dg9"},
        {"process": "custody"},
        {"about": "suspect-1"},
        {"status": "met"},
    ],
)
def test_a_clock_that_differs_in_anything_is_reported(changed: dict[str, str], one: Told) -> None:
    assert one.expecting("case", deadlines=[DG1]).differences == ()
    (difference,) = one.expecting("case", deadlines=[{**DG1, **changed}]).differences
    assert difference.what.startswith("deadline ")
    assert difference.expected != difference.got


TESTED = {"process": "triage", "event": "network_test_recorded.v1"}


@pytest.mark.parametrize(
    ("changed", "got"),
    [
        ({"with": {"number": 3}}, "not recorded; there: number: 1; number: 2"),
        ({"with": {"nothing": None}}, "not recorded"),
        ({"event": "network_test_recorded.v9"}, "not recorded; there: none"),
        ({"times": 1}, "2 times"),
        ({"process": "custody"}, "not recorded; there: none"),
    ],
)
def test_an_event_that_was_not_recorded_is_reported(changed: dict[str, Any], got: str, one: Told) -> None:
    assert one.expecting("case", recorded=[{**TESTED, "times": 2}]).differences == ()
    (difference,) = one.expecting("case", recorded=[{**TESTED, **changed}]).differences
    assert difference.got.startswith(got)


TOLD = {"process": "group", "to": "MER-1/case", "command": "TellNetworkLink"}


@pytest.mark.parametrize(
    "changed", [{"to": "MER-1/triage"}, {"command": "Nominate"}, {"process": "triage"}, {"answer": "refused"}]
)
def test_a_hand_off_that_was_not_made_or_answered_otherwise_is_reported(changed: dict[str, str], two: Told) -> None:
    assert two.expecting("NWP-1", hand_offs=[TOLD]).differences == ()
    differences = two.expecting("NWP-1", hand_offs=[{**TOLD, **changed}]).differences
    assert differences
    assert all(point.what.startswith("NWP-1: ") for point in differences)


def test_a_hand_off_without_an_answer_is_reported_and_stands_on_the_board(two: Told) -> None:
    records = [record for record in two.office.all_records() if not record.type.startswith("hand_off_acknow")]
    outcome = compare(two.scenario, two.office.cast, two.answers, tuple(records))
    told = {point.what: point for point in outcome.points if "TellNetworkLink" in point.what}
    assert not told["NWP-1: group told MER-1/case: TellNetworkLink"].agrees
    assert told["NWP-1: group told MER-1/case: TellNetworkLink: waiting on the board until it was answered"].agrees


def test_a_hand_off_that_was_refused_is_reported_unless_it_is_expected(two: Told) -> None:
    records = two.office.all_records()
    answer = next(record for record in records if record.type == "hand_off_acknowledged.v1")
    said = '{"code":"role","command":"It","hand_off_id":"%s","message":"no","to":"mer/x/case","type":"%s"}'
    payload = (said % (answer.event_id, "hand_off_refused.v1")).encode()
    refused = answer.model_copy(update={"type": "hand_off_refused.v1", "payload": payload})
    changed = tuple(refused if record == answer else record for record in records)
    outcome = compare(two.scenario, two.office.cast, two.answers, changed)
    assert any(point.what.endswith("hand-offs refused") and "role" in point.got for point in outcome.differences)


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
    number: int, expect: dict[str, Any] | None, what: str, one: Told
) -> None:
    action = one.plain["actions"][number - 1]
    one.plain["actions"][number - 1] = {**action, "expect": expect}
    differences = one.judged().differences
    one.plain["actions"][number - 1] = action
    assert len(differences) == 1
    assert what in differences[0].what


def test_an_action_that_was_not_given_is_reported(one: Told) -> None:
    outcome = one.judged(answers=one.answers[:-1])
    assert [point.got for point in outcome.differences] == ["not given"]


def test_breaches_that_nobody_expected_are_each_reported_with_the_reason() -> None:
    late = Told("04")
    assert late.judged().differences == ()
    differences = late.expecting("case", breaches=[]).differences
    assert len(differences) == 7
    assert all(point.expected == "no breach" for point in differences)
    assert "WT1 breached: Acknowledge the referral and decide the next steps: due end of 2026-04-07" in {
        point.got for point in differences
    }


def test_another_end_of_a_closure_is_reported() -> None:
    closed = Told("02")
    closure = {"process": "closure-1", "scheme": "CSARP", "authority": "police", "outcome": "overturned"}
    investigation = {"reopened": False, "lines": ["telephones"]}
    differences = closed.expecting("case", closures=[closure], investigation=investigation).differences
    assert [point.what for point in differences] == ["closure-1", "investigation reopened", "lines of inquiry open"]


def test_of_several_cases_each_is_compared_with_its_own(two: Told) -> None:
    assert two.judged().differences == ()
    met = {"computed": "not_met", "judged": "not_met"}
    (difference,) = two.expecting("MER-1", network_test=met).differences
    assert difference.what == "MER-1: network test"


def test_a_return_that_comes_out_otherwise_is_reported(returned: Told) -> None:
    assert returned.judged().differences == ()
    loaded = returned.office.loaded
    swapped = (loaded[1], loaded[0], *loaded[2:])
    assert len(returned.judged(Seen(loaded=swapped)).differences) == 1
    problem = Problem("force", "unknown_force", "no such force", "ask")
    refused = (*loaded[:-1], Loaded(line=20, outcome="refused", problems=(problem,)))
    assert [point.what for point in returned.judged(Seen(loaded=refused)).differences] == ["line 20 refused"]
    lost = returned.judged(Seen(loaded=loaded[:-1])).differences
    assert [(point.what, point.got) for point in lost] == [("line 20 refused", "not refused")]
    twice = (*loaded, Loaded(line=30, outcome="again"))
    assert [point.what for point in returned.judged(Seen(loaded=twice)).differences] == ["line 30"]


def test_a_reading_that_should_not_have_been_possible_is_reported(two: Told) -> None:
    reading = ExpectedReading(force="NWP", cannot_read="MER-1")
    opened = Read(reading=reading, got="nom_nwp_reader opens nom_mer", agrees=False)
    (difference,) = two.judged(Seen(readings=(opened,))).differences
    assert (difference.what, difference.got) == ("NWP reads MER-1", "nom_nwp_reader opens nom_mer")


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
    with pytest.raises(ForceNotServed, match="the stack runs GMP, NCA, NFK, WYP, not NWP; add with"):
        await run_scenario(scenario_from(SMALL.replace("GMP", "NWP"), "small.yaml"), access)
