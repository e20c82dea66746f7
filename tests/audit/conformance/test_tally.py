"""Durations, variants and late clocks, counted by hand and by the tally."""

from datetime import timedelta

import pytest

from nom.audit.conformance.events import event_types
from nom.audit.conformance.milestones import STEPS, steps_of
from nom.audit.conformance.ocel import read
from nom.audit.conformance.tally import Conformance, Durations, Tally
from nom.console.scenario.loading import bundled
from nom.contracts.ids import ProcessKind
from tests.audit.known.records_then import worked
from tests.console.recorded import CASE, RECEIVED, a_referral
from tests.matters import acknowledge, record_crime


def tallied(*names: str) -> dict[str, Tally]:
    found = Conformance()
    for name in names:
        for matter in worked(name).values():
            for stored in matter:
                found.take(stored, read(stored.record))
    found.end()
    return found.forces


def a_slow_referral() -> Tally:
    referral = a_referral().take(record_crime(CASE, RECEIVED + timedelta(hours=25, seconds=59)))
    referral.take(acknowledge(CASE, RECEIVED + timedelta(hours=2)))
    found = Conformance()
    for stored in referral.stored:
        found.take(stored, read(stored.record))
    found.end()
    return found.forces["GMP"]


@pytest.mark.parametrize(
    ("minutes", "median", "ninety"),
    [([5], 5, 5), ([1, 2], 1, 2), ([3, 1, 2], 2, 3), (range(1, 11), 5, 9), ([7] * 9 + [100], 7, 7)],
)
def test_the_median_and_ninety_per_cent_are_the_nearest_rank(minutes: list[int], median: int, ninety: int) -> None:
    lengths = Durations()
    for each in minutes:
        lengths.take(timedelta(minutes=each, seconds=30))
    assert (lengths.at(0.5), lengths.at(0.9)) == (timedelta(minutes=median), timedelta(minutes=ninety))


def test_what_runs_backwards_is_counted_apart() -> None:
    lengths = Durations()
    lengths.take(timedelta(minutes=-1))
    assert (len(lengths), lengths.backwards, lengths.at(0.5)) == (0, 1, None)


def test_a_referral_is_measured_from_one_act_to_the_other() -> None:
    tally = a_slow_referral()
    lengths = {
        step.name: each.at(0.5) for (kind, step), each in tally.durations.items() if kind is ProcessKind.REFERRAL
    }
    assert lengths["received to acknowledged"] == timedelta(hours=2)
    assert lengths["received to crime recorded"] == timedelta(hours=25)
    assert "received to routed" not in lengths


def test_clocks_are_counted_by_rule_with_those_that_are_late() -> None:
    clocks = a_slow_referral().clocks()
    assert (clocks["CR1"].started, clocks["CR1"].late, clocks["CR1"].open) == (1, 1, 0)
    assert (clocks["WT1"].started, clocks["WT1"].late, clocks["WT1"].open) == (1, 0, 1)


def test_events_by_people_that_were_recorded_late_are_counted_by_the_pack_that_each_pins() -> None:
    referral = a_referral().take(record_crime(CASE, RECEIVED + timedelta(hours=1)), recorded_after=timedelta(minutes=6))
    lacking = referral.stored[-1].record.policy.model_copy(update={"version": "eng-police-1999.1"})
    found = Conformance()
    for stored in referral.stored:
        record = stored.record
        pinned = lacking if record.type == "referral_received.v1" else record.policy
        under = stored.model_copy(update={"record": record.model_copy(update={"policy": pinned})})
        found.take(under, read(record))
    found.end()
    recording = found.forces["GMP"].recording
    after_an_outage = sum(stored.record.command == "RecordCrime" for stored in referral.stored)
    assert vars(recording) == {"by_people": len(referral.stored), "late": after_an_outage, "not_judged": 1}
    assert after_an_outage > 0


def test_a_variant_is_the_order_of_outcomes_and_then_what_is_open() -> None:
    assert a_slow_referral().variants == {("referral: open",): 1}
    (variant,) = next(tally for force, tally in tallied("05-not-a-network").items() if force != "NCA").variants
    assert variant[0] == "referral: triage"
    assert all(": " in stage for stage in variant)


def test_the_same_way_through_counts_twice_and_forces_apart() -> None:
    once, twice = tallied("03-two-forces"), tallied("03-two-forces", "03-two-forces")
    assert set(once) > {"NCA"}
    for force, tally in once.items():
        assert sum(tally.variants.values()) == tally.matters
        assert twice[force].variants == {variant: 2 * count for variant, count in tally.variants.items()}
        assert set(twice[force].outcomes) == set(tally.outcomes)


def test_every_step_is_between_events_that_there_are() -> None:
    known = {kind["name"] for kind in event_types()}
    assert set(STEPS) == set(ProcessKind)
    for kind in ProcessKind:
        for step in steps_of(kind):
            assert {step.start, step.end} <= known, step


def test_every_step_is_taken_in_some_worked_matter() -> None:
    taken: set[str] = set()
    for name in (scenario.id for scenario in bundled()):
        taken |= {step.name for tally in tallied(name).values() for _, step in tally.durations}
    missing = {step.name for kind in ProcessKind for step in steps_of(kind)} - taken
    assert missing == set()
