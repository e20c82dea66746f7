"""What synthetic cases are: possible histories, of a mix that stays within what is said of it, in neutral words."""

from collections import Counter

import pytest

from nom.console.catalogue import commands_of
from nom.console.synth.lines import Line
from nom.console.synth.making import Written, made_round, rounds, written
from nom.console.synth.mix import the_mix
from nom.console.synth.plan import ROUND, Order, plan_of
from nom.console.synth.tally import Tally, tally_of
from nom.contracts.ids import ProcessKind
from nom.contracts.policy.loader import all_packs
from tests.console.synth.replaying import Replay

ORDER = Order(seed=4)
CASES = 700
PLANS = 2400
"""Of which only the plan is drawn, without the case."""
REPLAYED = 40
"""Cases that are replayed event by event."""

BY_WALL_TIME = "given by a process to itself when a clock of a live matter comes due: a file has no wall time"
NO_SUCH_CLOCK = "no rule of the pack lets a clock of this process be paused or extended"
NEUTRAL = "no text meets the lexicon, so none is held"
TWO_GROUPS = "needs two groups that turn out to be one: every thread has one group"
ROUTED_AWAY = "needs a referral that is routed to another force, which no move does yet"
RARE_ADOPTION = "these processes are over, or stay with their pack, before another pack is there"

NOT_REACHED = {
    **{f"{kind.value} {name}": BY_WALL_TIME for kind in ProcessKind for name in ("ClockRanOut", "EscalateBreach")},
    **{
        f"{kind.value} {name}": NEUTRAL for kind in ProcessKind for name in ("ReleaseText", "ReturnText", "RewriteText")
    },
    **{
        f"{kind.value} {name}": NO_SUCH_CLOCK
        for kind in ProcessKind
        for name in ("PauseClock", "ResumeClock", "ExtendClock")
    },
    "triage NotifyVictim": "every triage here leads to an investigation, which tells the victims",
    **{
        f"{kind.value} {name}": "this process is not part of a case that another force takes over"
        for kind in (ProcessKind.DESIGNATION, ProcessKind.CLOSED_CASE_REVIEW)
        for name in ("TransferStage", "ContinueStage")
    },
    **{
        f"{kind.value} AdoptPolicy": RARE_ADOPTION
        for kind in (
            ProcessKind.REFERRAL,
            ProcessKind.TRIAGE,
            ProcessKind.STRATEGY_MEETING,
            ProcessKind.CLOSED_CASE_REVIEW,
        )
    },
    **{
        f"{kind.value} {name}": "a referral is over at the transfer, and a case is handed over by another command"
        for kind in (ProcessKind.CASE, ProcessKind.REFERRAL)
        for name in ("TransferStage", "ContinueStage")
    },
    "closed-case-review MarkUpToDate": "a review is not part of the case that is marked",
    "designation Merge": TWO_GROUPS,
    "designation YieldToGroup": TWO_GROUPS,
    "designation AbsorbGroup": TWO_GROUPS,
    "referral RefuseTransfer": ROUTED_AWAY,
    "investigation LinkSubject": "whoever is linked by hand is neither a victim nor a suspect here",
    "case PassOn": "needs a stage that reports after the transfer, which is the last thing that happens here",
}
"""Commands that need not be reached by the cases of the fixture, and why. Everything else must be."""


@pytest.fixture(scope="module")
def all_tallies() -> Tally:
    """The counts of all cases."""
    whole = Tally()
    part: Written
    for part in written(ORDER, CASES, processes=1):
        whole.add(part.tally)
    return whole


@pytest.fixture(scope="module")
def replayed() -> tuple[tuple[Line, ...], Replay]:
    lines = tuple(line for part in rounds(ORDER, REPLAYED) for line in part)
    return lines, Replay().give(lines)


def test_nothing_is_given_to_cases_of_a_group_once_its_clocks_run_by_wall_time(
    replayed: tuple[tuple[Line, ...], Replay],
) -> None:
    """By then what the engine does by itself would stand between, and the answers would depend on the day."""
    last: dict[int, str] = {}
    marked = 0
    for line in replayed[0]:
        assert last.get(line.thread) != "MarkUpToDate", f"case {line.number}, step {line.step}"
        last[line.thread] = line.envelope().command.type
        marked += last[line.thread] == "MarkUpToDate"
    assert marked > 0


def test_every_answer_is_what_the_models_say_again(replayed: tuple[tuple[Line, ...], Replay]) -> None:
    lines, replay = replayed
    assert replay.differences == []
    refusals = [line for line in lines if line.expect.refused is not None]
    assert len(refusals) > REPLAYED / 2
    assert all((line.expect.refused is None) != (line.expect.events == ()) for line in lines)


def test_every_record_folds_and_every_chain_is_whole(replayed: tuple[tuple[Line, ...], Replay]) -> None:
    _, replay = replayed
    for records in replay.records.values():
        for earlier, later in zip([None, *records], records, strict=False):
            assert later.previous == (earlier.digest if earlier else None)
            assert later.digest == later.computed_digest()
            assert later.occurred_at <= later.submitted_at


def test_every_state_survives_json_and_nothing_waits_to_be_delivered(
    replayed: tuple[tuple[Line, ...], Replay],
) -> None:
    for state in replayed[1].states.values():
        assert type(state).model_validate_json(state.model_dump_json()) == state
        assert state.outbox == ()


def test_no_hand_off_between_processes_is_refused_and_hardly_a_move_is_surprised() -> None:
    surprises: Counter[tuple[str, str]] = Counter()
    given = 0
    for first in range(1, 20 * ROUND, ROUND):
        matters = made_round(ORDER, first, first + ROUND - 1)
        assert matters[0].office.refused_inside == []
        surprises.update(surprise for matter in matters for surprise in matter.surprises)
        given += sum(len(matter.lines) for matter in matters)
    assert surprises.total() < given / 100, surprises


def test_shares_lie_within_what_is_said_of_them(all_tallies: Tally) -> None:
    cases, commands = all_tallies.forces.total(), all_tallies.commands.total()
    assert cases == CASES
    true_of = {name: count / cases for name, count in all_tallies.cases.items()}
    expected = {
        "closed with no further action": (0.25, 0.55),
        "with a review of the decision": (0.05, 0.20),
        "with a charge": (0.12, 0.35),
        "with an arrest": (0.35, 0.60),
        "with bail": (0.20, 0.50),
        "with a late clock": (0.50, 0.90),
        "with a refusal": (0.50, 0.90),
        "marked up to date": (0.50, 0.80),
        "closed cases reviewed": (0.06, 0.13),
        "with a designated group": (0.06, 0.20),
        "in a network across forces": (0.10, 0.30),
    }
    outside = {
        name: true_of.get(name, 0) for name, (low, high) in expected.items() if not low <= true_of.get(name, 0) <= high
    }
    assert outside == {}
    assert 0.02 < all_tallies.refusals.total() / commands < 0.06
    assert 0.06 < all_tallies.events["deadline_breached.v1"] / all_tallies.events["clock_started.v1"] < 0.16
    assert all_tallies.cases["with a breach withdrawn by a late entry"] > 0
    assert all(count > CASES / 16 for count in all_tallies.forces.values())
    assert len(all_tallies.refusals) > 25


def test_kinds_and_countries_are_drawn_as_often_as_the_mix_says() -> None:
    plans = [plan_of(ORDER, number) for number in range(1, PLANS + 1)]
    kinds = Counter(plan.kind for plan in plans)
    weights = the_mix().weights["kind"].of
    for kind, count in kinds.items():
        assert abs(count / PLANS - weights[kind] / sum(weights.values())) < 0.03
    wales = sum(plan.jurisdiction == "WAL" for plan in plans) / PLANS
    assert 0.2 < wales < 0.3
    assert 0.02 < sum(plan.begins.year < 2022 for plan in plans) / PLANS < 0.15


def test_every_command_of_the_catalogue_is_reached_or_it_is_said_why_not(all_tallies: Tally) -> None:
    every = {f"{kind.value} {name}" for kind in ProcessKind for name in commands_of(kind)}
    reached = {name for name, count in all_tallies.taken.items() if count}
    assert reached <= every
    assert every - reached - set(NOT_REACHED) == set()
    # What is said never to happen does not.
    never = {name for name, why in NOT_REACHED.items() if why in (BY_WALL_TIME, NEUTRAL, TWO_GROUPS, ROUTED_AWAY)}
    assert reached & never == set()


def test_no_phrase_meets_a_lexicon() -> None:
    phrases = [phrase for phrases in the_mix().phrases.values() for phrase in phrases]
    assert len(phrases) > 100
    met = [(pack.version, phrase) for pack in all_packs() for phrase in phrases if pack.lexicon.found_in(phrase)]
    assert met == []


def test_every_number_of_the_mix_says_on_what_it_rests() -> None:
    mix = the_mix()
    bases = [item.basis for part in (mix.shares, mix.delays, mix.weights) for item in part.values()]
    assert len(bases) > 200
    assert all("ours" in basis or "rule" in basis or "review" in basis for basis in bases)


def test_a_tally_counts_networks_across_forces_and_adds_up() -> None:
    parts = [tally_of(part) for part in rounds(ORDER, REPLAYED)]
    whole = Tally()
    for part in parts:
        whole.add(part)
    assert whole.plain()["cases"] == REPLAYED
    lines = [line for part in rounds(ORDER, REPLAYED) for line in part]
    forces = {line.number: line.case[:3] for line in lines}
    threads = {line.number: line.thread for line in lines}
    across = [
        number
        for number in threads
        if len({forces[other] for other, thread in threads.items() if thread == threads[number]}) > 1
    ]
    assert whole.cases["in a network across forces"] == len(across) > 0
