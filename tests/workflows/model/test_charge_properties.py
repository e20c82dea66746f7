"""Whatever is asked of a file, by whomever and in whatever order: invariants 21, 22 and 23 of the operating model."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from nom.contracts.charge import (
    ActionItemCompleted,
    ActionPlanIssued,
    ApplyThresholdTest,
    AuthoriseCharge,
    Charge,
    ChargeAuthorised,
    DeclineProsecution,
    FileResubmitted,
    FileSubmitted,
    Finding,
    FullCodeTestApplied,
    ProsecutionDeclined,
    Resubmit,
    SubmitFile,
    SuspectCharged,
    SuspectCharges,
    ThresholdCondition,
    ThresholdTestApplied,
)
from nom.contracts.events import EventBase
from nom.contracts.every_process import StageEnded
from nom.workflows.model.charge import MODEL
from tests.workflows.model import files
from tests.workflows.model.kit import LONDON, Request, london, walk

CONDITIONS: tuple[ThresholdCondition, ...] = get_args(ThresholdCondition)
ENTERED = london("2027-06-01 09:00")
SUSPECTS = ((), (), ("suspect-1",), ("suspect-2",), ("suspect-1", "suspect-2"), ("suspect-3",))
OFFENCES = ((), (), ("SX03025",), ("SX03238",), ("SX03238", "SX03025"), ("SX03017",))
UNEQUAL = (
    SuspectCharges(suspect="suspect-1", offences=("SX03025", "SX03238")),
    SuspectCharges(suspect="suspect-2", offences=("SX03238",)),
)
FIRST = files.submit("2026-04-20 10:00", UNEQUAL, ("suspect-1", "suspect-2"), (files.CHILD, files.ADULT))
WHOLE = (
    files.plan("2026-04-29 10:00", "2026-05-13", "2026-05-20"),
    files.complete("2026-05-12 10:00", 1),
    files.complete("2026-05-19 10:00", 2),
    files.resubmit("2026-05-19 10:05"),
    files.full_code("2026-06-03 15:00"),
    files.authorise("2026-06-03 15:10"),
    files.charge("2026-06-04 11:00"),
    files.notify("2026-06-05 10:00"),
)
DAYS = [f"2026-{day}" for day in ("04-19", "04-21", "04-29", "05-12", "05-19", "06-03", "06-04", "06-08")]


def threshold(at: str, findings: tuple[Finding, ...], review: date, suspects: tuple[str, ...] = ()) -> Request:
    command = ApplyThresholdTest(findings=findings, full_code_review=review, suspects=suspects)
    return files.by_lawyer(command, at)


@st.composite
def findings(draw: st.DrawFn) -> tuple[Finding, ...]:
    conditions: tuple[ThresholdCondition, ...] = draw(
        st.sampled_from([CONDITIONS, CONDITIONS, CONDITIONS[1:], (*CONDITIONS, CONDITIONS[0])])
    )
    met = draw(st.sampled_from([True, True, False]))
    return tuple(Finding(condition=condition, met=met or condition != "seriousness") for condition in conditions)


@st.composite
def an_act(draw: st.DrawFn) -> Request:
    at = f"{draw(st.sampled_from(DAYS))} {draw(st.integers(8, 18)):02}:00"
    suspects, offences = draw(st.sampled_from(SUSPECTS)), draw(st.sampled_from(OFFENCES))
    review = draw(st.sampled_from([date(2026, 5, 1), date(2026, 7, 1)]))
    asked = draw(
        st.sampled_from(
            (
                FIRST,
                files.plan(at, "2026-06-20"),
                files.complete(at, draw(st.integers(1, 4))),
                files.resubmit(at),
                threshold(at, draw(findings()), review, suspects),
                threshold(at, draw(findings()), review),
                files.full_code(at, suspects=suspects, charges=offences),
                files.full_code(at, "not_met", None, suspects, offences),
                files.authorise(at, suspects, offences),
                files.decline(at, suspects, offences, draw(st.sampled_from(["no prospect", None]))),
                files.charge(
                    at, draw(st.sampled_from((files.URN, files.URN, "13CA0012326", "06"))), suspects, offences
                ),
                files.notify(at, draw(st.sampled_from(("charge", "no_prosecution")))),
                files.notify(at, "charge", draw(st.sampled_from((("child-1",), ("victim-2",))))),
            )
        )
    )
    who = draw(st.sampled_from([None, None, None, FIRST.actor.id, "swapped"]))
    if who is None:
        return asked
    change = {"role": "custody_officer"} if who == "swapped" else {"id": who}
    return asked.model_copy(update={"actor": asked.actor.model_copy(update=change)})


@st.composite
def runs(draw: st.DrawFn) -> list[Request]:
    """A file that would go well, of which acts may be missing, with others in between; all typed in later."""
    kept = [asked for asked in WHOLE[: draw(st.integers(0, len(WHOLE)))] if draw(st.integers(0, 6))]
    for asked in draw(st.lists(an_act(), max_size=12)):
        kept.insert(draw(st.integers(0, len(kept))), asked)
    return [asked.model_copy(update={"submitted_at": ENTERED}) for asked in (FIRST, *kept)]


class Onlooker:
    """What the events of a file say, kept apart from what its state makes of them."""

    def __init__(self) -> None:
        self.on_file: tuple[Charge, ...] = ()
        self.tests: list[tuple[datetime, int, ThresholdTestApplied | FullCodeTestApplied]] = []
        self.decided: dict[Charge, str] = {}
        self.items: dict[int, datetime] = {}
        self.done: dict[int, datetime] = {}

    def latest(self, charge: Charge) -> ThresholdTestApplied | FullCodeTestApplied | None:
        """The test of a charge that was applied last, by when it was applied."""
        mine = [entry for entry in self.tests if charge in entry[2].charges]
        return max(mine, key=lambda entry: entry[:2])[2] if mine else None

    def learn(self, event: EventBase) -> None:
        """Take in one event, and judge it by those before it."""
        match event:
            case FileSubmitted():
                self.on_file = event.charges
            case ThresholdTestApplied():
                # Invariant 21.
                assert sorted(finding.condition for finding in event.findings) == sorted(CONDITIONS)
                assert event.met == all(finding.met for finding in event.findings)
                assert event.full_code_review >= event.applied_at.astimezone(LONDON).date()
                self.tests.append((event.applied_at, len(self.tests), event))
            case FullCodeTestApplied():
                assert event.met == (event.evidential == event.public_interest == "met")
                self.tests.append((event.applied_at, len(self.tests), event))
            case ActionPlanIssued():
                self.items |= {item.number: event.issued_at for item in event.items}
            case ActionItemCompleted():
                self.done[event.item] = event.completed_at
            case FileResubmitted():
                # Invariant 23.
                asked_for = [number for number, issued in self.items.items() if issued <= event.resubmitted_at]
                assert asked_for
                assert all(self.done[number] <= event.resubmitted_at for number in asked_for)
            case EventBase():
                self.learn_of_decisions(event)

    def learn_of_decisions(self, event: EventBase) -> None:
        """As `learn`, for what is decided and done."""
        match event:
            case ChargeAuthorised():
                for charge in event.charges:
                    self.tested(charge, event.authorised_at, met=True)
                    self.decided[charge] = "authorised"
            case ProsecutionDeclined():
                for charge in event.charges:
                    self.tested(charge, event.declined_at, met=False)
                    self.decided[charge] = "declined"
            case SuspectCharged():
                # Invariant 22.
                assert re.fullmatch(r"06[A-Z0-9]{2}\d{3,7}", event.urn)
                for charge in event.charges:
                    assert self.decided[charge] == "authorised"
                    self.tested(charge, event.charged_at, met=True)
                    self.decided[charge] = "charged"
            case EventBase():
                pass

    def tested(self, charge: Charge, at: datetime, *, met: bool) -> None:
        """A test by the prosecutor went before, and came out so."""
        test = self.latest(charge)
        assert test is not None
        assert test.met == met
        assert test.applied_at <= at

    def unreviewed(self) -> Iterator[Charge]:
        """What was charged on the Threshold Test and awaits its Full Code review."""
        for charge, decision in self.decided.items():
            if decision == "charged" and isinstance(self.latest(charge), ThresholdTestApplied):
                yield charge


@settings(max_examples=300, deadline=None)
@given(runs())
def test_nobody_is_charged_but_on_a_prosecutors_test_and_under_the_forces_number(asked: list[Request]) -> None:
    onlooker = Onlooker()
    for step in walk(MODEL, files.CHARGE, asked):
        for event in step.events:
            onlooker.learn(event)
            charges: tuple[Charge, ...] | None = getattr(event, "charges", None)
            assert charges is None or (charges and set(charges) <= set(onlooker.on_file))
            if isinstance(event, StageEnded):
                assert set(onlooker.decided) == set(onlooker.on_file)
                assert set(onlooker.decided.values()) <= {"charged", "declined"}
                assert list(onlooker.unreviewed()) == []
        assert {str(line.charge): line.decision for line in step.state.lines if line.decision} == {
            str(charge): decision for charge, decision in onlooker.decided.items()
        }


@settings(max_examples=200, deadline=None)
@given(runs())
def test_whoever_submitted_decides_nothing_and_only_the_prosecutor_decides(asked: list[Request]) -> None:
    submitters = set[str]()
    for step in walk(MODEL, files.CHARGE, asked):
        command, actor = step.asked.command, step.asked.actor
        if isinstance(command, SubmitFile | Resubmit):
            submitters.add(actor.id)
        if isinstance(command, AuthoriseCharge | DeclineProsecution):
            assert actor.role == "cps_lawyer"
            assert actor.id not in submitters


@settings(max_examples=200, deadline=None)
@given(runs())
def test_a_file_ends_only_when_every_victim_was_told_and_leaves_no_clock_running(asked: list[Request]) -> None:
    for step in walk(MODEL, files.CHARGE, asked):
        clocks = step.state.clocks
        assert len({clock.id for clock in clocks}) == len(clocks)
        if step.state.outcome is None:
            continue
        assert not [clock for clock in clocks if clock.is_open]
        assert {clock.status.value for clock in clocks if clock.id.startswith(("vc1", "vc3"))} <= {"met", "met_late"}
        decisions = {line.decision for line in step.state.lines}
        assert step.state.outcome == ("charged" if "charged" in decisions else "declined")
