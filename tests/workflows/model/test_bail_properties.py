"""Whatever is asked of bail, under whatever regime and in whatever order: invariant 20 of the operating model."""

from datetime import date, timedelta
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from nom.contracts.actors import Actor, Agency, Rank
from nom.contracts.bail_regime import BailAuthorityRecorded, BailRegimeChanged
from nom.contracts.custody import BailExtended, BailGranted, ExtendBail
from nom.contracts.policy.rules import BailCondition, BailRegime
from nom.workflows.model.custody import MODEL
from nom.workflows.model.custody_state import CustodyState
from tests.workflows.model import arrests
from tests.workflows.model.kit import LONDON, Request, Step, london, walk
from tests.workflows.model.slow_custody import last_day_of_bail

ARRESTED = date(2026, 3, 17)
FIRST: dict[BailRegime, int] = {"standard": 3, "designated": 3, "nca": 6}
NEEDS: dict[BailRegime, dict[int, tuple[Rank | None, BailCondition | None]]] = {
    "standard": {
        6: (Rank.INSPECTOR, None),
        9: (Rank.SUPERINTENDENT, None),
        12: (None, None),
        18: (None, "within_s47zf_7"),
    },
    "designated": {
        6: (Rank.INSPECTOR, None),
        9: (Rank.SUPERINTENDENT, None),
        12: (Rank.ASSISTANT_CHIEF_CONSTABLE, "director_consulted"),
        18: (None, None),
        24: (None, "within_s47zf_7"),
    },
    "nca": {12: (Rank.SUPERINTENDENT, None), 18: (None, None), 24: (None, "within_s47zf_7")},
}
"""What a period needs under each regime: a rank, or the court where there is none, and what must be confirmed."""
ENTERED = london("2029-06-01 09:00")
DAYS = st.one_of(
    st.integers(0, 800).map(lambda days: ARRESTED + timedelta(days=days)),
    st.sampled_from((3, 6, 9, 12, 18)).map(lambda months: last_day_of_bail(ARRESTED, months)),
    st.sampled_from((3, 6, 9, 12, 18)).map(lambda months: last_day_of_bail(ARRESTED, months) + timedelta(days=1)),
)
REGIMES: st.SearchStrategy[BailRegime] = st.sampled_from(tuple(FIRST))
RANKS = st.sampled_from(
    (None, Rank.SERGEANT, Rank.INSPECTOR, Rank.SUPERINTENDENT, Rank.ASSISTANT_CHIEF_CONSTABLE, Rank.CHIEF_CONSTABLE)
)


@cache
def last_day(months: int) -> date:
    return last_day_of_bail(ARRESTED, months)


def step_by_step(regime: BailRegime) -> list[Request]:
    """Bail under one regime that keeps every rule, up to its longest period."""
    before = FIRST[regime]
    asked = [arrests.bail("2026-03-17 23:00")]
    if regime != "standard":
        asked.insert(0, arrests.change_regime("2026-03-17 22:00", regime))
    for months, (rank, condition) in NEEDS[regime].items():
        court = arrests.COURT if rank is None else None
        confirms = (condition,) if condition else ()
        asked.append(arrests.extend_bail(f"{last_day(before)} 10:00", months, rank, court=court, confirms=confirms))
        before = months
    return asked


@st.composite
def runs(draw: st.DrawFn) -> list[Request]:
    """Bail by the book, of which acts may be missing, with others between; all typed in later."""
    kept = [asked for asked in step_by_step(draw(REGIMES)) if draw(st.integers(0, 7))]
    for _ in range(draw(st.integers(0, 8))):
        at = f"{draw(DAYS)} {draw(st.sampled_from(('00:00', '10:00', '23:59')))}"
        confirms = draw(st.lists(st.sampled_from(("director_consulted", "within_s47zf_7")), unique=True))
        extension = arrests.extend_bail(
            at,
            draw(st.sampled_from((3, 6, 9, 12, 18, 24))),
            draw(RANKS),
            court=draw(st.sampled_from((None, arrests.COURT))),
            confirms=tuple(confirms),
        )
        change = arrests.change_regime(at, draw(REGIMES), by_case=draw(st.booleans()))
        asked = draw(st.sampled_from((extension, extension, change, arrests.bail(at), arrests.under_investigation(at))))
        kept.insert(draw(st.integers(0, len(kept))), asked)
    entered = (asked.model_copy(update={"submitted_at": ENTERED}) for asked in kept)
    return [*arrests.REVIEWED_TWICE, *entered]


class Watch:
    """What an onlooker knows who keeps the table of bail beside them."""

    def __init__(self) -> None:
        self.regime: BailRegime = "standard"
        self.months: int | None = None
        self.extended = False

    def learn(self, step: Step[CustodyState]) -> None:
        """Take in one act that was accepted, and hold it against the table."""
        day = step.asked.occurred_at.astimezone(LONDON).date()
        for event in step.events:
            if isinstance(event, BailGranted):
                self.months = FIRST[self.regime]
            if isinstance(event, BailExtended):
                self.check(step, event, day)
                self.months, self.extended = event.months, True
            if isinstance(event, BailRegimeChanged):
                assert (event.before, event.after) == (self.regime, step.asked.command.regime)
                self.regime = event.after
                self.change(day)

    def check(self, step: Step[CustodyState], event: BailExtended, day: date) -> None:
        """Before the end, one period after another, by whoever the table names."""
        command = step.asked.command
        assert isinstance(command, ExtendBail)
        assert self.months is not None
        assert day <= last_day(self.months)
        assert event.months == min(months for months in NEEDS[self.regime] if months > self.months)
        rank, condition = NEEDS[self.regime][event.months]
        rests = [item for item in step.events if isinstance(item, BailAuthorityRecorded)]
        if condition is not None:
            assert [item.confirmed for item in rests] == [(condition,)]
        if rank is None:
            assert [item.court for item in rests] == [arrests.COURT]
        else:
            assert_rank(step.asked.actor, rank)

    def change(self, day: date) -> None:
        """A first period gives way to that of the new regime: not after its end, and not to one that is over."""
        if self.months is not None and not self.extended and day <= last_day(self.months):
            first = FIRST[self.regime]
            self.months = first if day <= last_day(first) else self.months


def assert_rank(actor: Actor, rank: Rank) -> None:
    assert actor.agency is Agency.POLICE
    assert actor.rank is not None
    assert actor.rank.at_least(rank)


@settings(max_examples=150, deadline=None)
@given(runs())
def test_bail_runs_no_longer_than_a_rank_or_a_court_allowed_before_it_ended(asked: list[Request]) -> None:
    watch = Watch()
    for step in walk(MODEL, arrests.CUSTODY, asked):
        watch.learn(step)
        running = [clock.last_day for clock in step.state.clocks if clock.rule.startswith("PB") and clock.is_open]
        on_bail = step.state.standing == "on_bail" and step.state.is_open
        assert running == ([last_day(watch.months)] if on_bail and watch.months else [])


@settings(max_examples=60, deadline=None)
@given(runs())
def test_an_expired_period_is_on_record_as_a_breach_and_is_never_revived(asked: list[Request]) -> None:
    for step in walk(MODEL, arrests.CUSTODY, asked):
        day = step.asked.occurred_at.astimezone(LONDON).date()
        for clock in step.state.clocks:
            if clock.rule.startswith("PB") and clock.is_open and clock.last_day and clock.last_day < day:
                assert clock.status == "breached"
        assert len({clock.id for clock in step.state.clocks}) == len(step.state.clocks)
