"""What the book reads from the source of the rules, and whether the rules say the same when they run."""

import ast
import re
from collections.abc import Iterator

import pytest

from nom.console.model_book.bases import bases
from nom.console.model_book.clocks import rules_used
from nom.console.model_book.commands import own_commands
from nom.console.model_book.contracts_of import type_of
from nom.console.model_book.refusals import Saying, sayings_in, unreadable_in
from nom.console.model_book.sources import Reached, module_says, reached_by, reached_by_all
from nom.console.scenario.loading import bundled
from nom.console.synth.making import as_lines
from nom.console.synth.plan import ROUND, Order
from nom.contracts.errors import Refusal
from nom.contracts.ids import ProcessKind, parse_stream
from tests.console.office import Office
from tests.console.test_whole_matter import SCENARIOS


def reached(source: str) -> tuple[Reached, ...]:
    """Definitions as the book reads them, of a room that does not exist."""
    tree = ast.parse(source)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return tuple(Reached("referral", node.name, node) for node in functions)


def all_codes() -> set[str]:
    every = {saying.code for kind in ProcessKind for saying in sayings_in(reached_by(kind))}
    return every | {saying.code for saying in sayings_in(reached_by_all())}


def test_a_refusal_and_its_conditions_are_read_with_their_words() -> None:
    source = """
def f(d):
    words = f"{d.state.suspect} is not known"
    return refuse("unknown", "nobody of that name", unmet("stranger", words, "suspect-1"))
"""
    assert sayings_in(reached(source)) == (
        Saying("condition", "stranger", "{suspect} is not known"),
        Saying("refusal", "unknown", "nobody of that name"),
    )


def test_a_function_that_passes_code_and_words_on_is_seen_through() -> None:
    source = """
def f(d):
    return _unmet(d, "no_benefit", "no benefit is recorded", "RecordBenefit")

def _unmet(d, code, words, command):
    return unmet(code, words, None, d.roles_for(command))
"""
    assert sayings_in(reached(source)) == (Saying("condition", "no_benefit", "no benefit is recorded"),)
    assert unreadable_in(reached(source)) == ()


def test_moments_that_an_act_must_follow_are_conditions() -> None:
    source = """
def f(d):
    yield from contradictions(d.at, ("before_arrest", "the suspect was arrested", d.state.arrested_at))
"""
    assert sayings_in(reached(source)) == (Saying("contradiction", "before_arrest", "the suspect was arrested"),)


def test_a_code_that_is_put_together_shows_its_parts_and_one_of_two_is_both() -> None:
    source = """
def f(line):
    yield unmet(f"already_{line.decision}", "it is decided")
    yield unmet("test_met" if line.met else "test_not_met", "the test")
"""
    assert [saying.code for saying in sayings_in(reached(source))] == ["already_{decision}", "test_met", "test_not_met"]


def test_a_code_that_can_not_be_read_is_named_by_its_place() -> None:
    assert unreadable_in(reached("def f(d):\n    return refuse(d.code, 'who knows')\n")) == ("referral.py:2",)


@pytest.mark.parametrize("kind", ProcessKind)
def test_every_code_of_a_process_can_be_read_and_its_rules_say_what_they_are(kind: ProcessKind) -> None:
    assert unreadable_in(reached_by(kind)) == ()
    assert sayings_in(reached_by(kind))
    assert module_says(kind)


def test_every_code_that_all_processes_share_can_be_read() -> None:
    assert unreadable_in(reached_by_all()) == ()
    assert {"role", "reason_missing", "separation", "outside_calendar"} <= {
        saying.code for saying in sayings_in(reached_by_all())
    }


def test_every_code_has_a_basis_in_the_file_and_the_file_has_no_other() -> None:
    codes = all_codes()
    assert bases().without_basis(codes) == (), "say in bases.yaml on what these rest"
    assert bases().unused(codes) == (), "no rule says these any more: take them out of bases.yaml"
    assert bases().repeated() == ()


def test_a_code_without_a_basis_is_found() -> None:
    assert bases().without_basis(("made_up_today", "role")) == ("made_up_today",)
    assert bases().unused(all_codes() - {"legal_hold"}) == ("legal_hold",)


def test_the_file_of_bases_names_events_that_are_there() -> None:
    from nom.console.model_book.contracts_of import common_events, own_events  # noqa: PLC0415

    known = {type_of(event).rpartition(".")[0] for kind in ProcessKind for event in own_events(kind)}
    assert set(bases().events) <= known | {type_of(event).rpartition(".")[0] for event in common_events()}


def refused() -> Iterator[tuple[ProcessKind, Refusal]]:
    """Every refusal of the worked matters and of some synthetic cases."""
    for scenario in bundled():
        office = Office(scenario)
        office.load()
        for _, action in scenario.in_order():
            request, refusal = office.act(action)
            if refusal is not None:
                yield parse_stream(request.stream).kind, refusal
    office = Office(next(iter(SCENARIOS.values())))
    for line in as_lines(Order(1), 1, ROUND):
        request = line.envelope()
        answer = office.give(request)
        if answer is not None:
            yield parse_stream(request.stream).kind, answer


def test_whatever_the_rules_refuse_with_when_they_run_is_in_the_book() -> None:
    said = {kind: codes_said(kind) for kind in ProcessKind}
    seen = 0
    for kind, refusal in refused():
        for code in (refusal.code, *(item.code for item in refusal.unmet)):
            # What a closure was told comes from the investigation and the case.
            known = (said[kind], said[ProcessKind.INVESTIGATION], said[ProcessKind.CASE])
            assert any(pattern.fullmatch(code) for patterns in known for pattern in patterns), (kind, code)
            seen += 1
    assert seen > 20


def codes_said(kind: ProcessKind) -> tuple[re.Pattern[str], ...]:
    codes = {saying.code for saying in (*sayings_in(reached_by(kind)), *sayings_in(reached_by_all()))}
    return tuple(re.compile(re.sub(r"\\\{.*?\\\}", "[a-z_]+", re.escape(code))) for code in codes)


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_every_clock_that_runs_in_a_worked_matter_is_one_that_the_rules_name(scenario: object) -> None:
    office = Office(scenario)  # pyright: ignore[reportArgumentType] - parametrize knows no types
    office.run()
    shared = set(rules_used(reached_by_all(), (), ()))
    for stream, state in office.states.items():
        kind = parse_stream(stream).kind
        names = tuple(type_of(command) for command in own_commands(kind))
        assert {clock.rule for clock in state.clocks} <= shared | set(rules_used(reached_by(kind), names, ())), stream
