"""Whatever is asked of an arrest, by whomever and in whatever order: invariants 19 and 20 of the operating model."""

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nom.contracts.actors import Actor, Rank
from nom.contracts.custody import (
    AuthoriseDetention,
    Bail,
    BailExtended,
    BailGranted,
    DetentionAuthorised,
    DetentionExtended,
    EndCustody,
    ExtendDetention,
    ReleaseUnderInvestigation,
    ReviewDetention,
    UnlawfulDetentionRecorded,
)
from nom.contracts.events import EventBase
from nom.workflows.model.custody import MODEL
from nom.workflows.model.custody_state import CustodyState
from tests.workflows.model import arrests
from tests.workflows.model.kit import LONDON, Request, Step, london, walk

RANKS = (None, Rank.CONSTABLE, Rank.SERGEANT, Rank.INSPECTOR, Rank.SUPERINTENDENT, Rank.CHIEF_CONSTABLE)
FROM_THE_ARREST_ON = st.integers(0, 280).map(lambda tens: london("2026-03-17 06:00") + timedelta(minutes=10 * tens))
AFTER_A_LIMIT = st.integers(1, 60).map(lambda tens: london("2026-03-18 07:10") + timedelta(minutes=10 * tens))
AT_A_LIMIT = st.sampled_from(
    ["2026-03-18 07:10", "2026-03-18 19:10", "2026-06-17 23:59", "2026-06-18 00:00", "2026-09-17 23:59"]
).map(london)
MOMENTS = st.one_of(FROM_THE_ARREST_ON, AFTER_A_LIMIT, AT_A_LIMIT)
ENTERED = london("2027-06-01 09:00")
LAST_DAYS = {3: date(2026, 6, 17), 6: date(2026, 9, 17), 9: date(2026, 12, 17)}
"""Of bail after an arrest on 17 March, reckoned by hand: the period begins on the 18th."""
IN_TIME = (
    *arrests.REVIEWED_TWICE,
    arrests.extend("2026-03-17 22:30"),
    arrests.review("2026-03-18 06:40"),
    arrests.bail("2026-03-18 17:00"),
    arrests.extend_bail("2026-06-17 10:00", 6, Rank.INSPECTOR),
    arrests.extend_bail("2026-09-17 10:00", 9, Rank.SUPERINTENDENT),
)
DETAINED_ACTS = AuthoriseDetention | ReviewDetention | ExtendDetention | Bail | ReleaseUnderInvestigation | EndCustody


@st.composite
def an_act(draw: st.DrawFn) -> Request:
    at, rank = f"{draw(MOMENTS):%Y-%m-%d %H:%M}", draw(st.sampled_from(RANKS))
    asked = draw(
        st.sampled_from(
            (
                arrests.authorise(at, relevant=draw(st.sampled_from([at, "2026-03-17 07:10"])), rank=rank),
                arrests.review(at, rank),
                arrests.review(at),
                arrests.extend(at, draw(st.sampled_from((24, 36, 36, 96))), rank),
                arrests.extend(at),
                arrests.bail(at, rank=rank),
                arrests.extend_bail(at, draw(st.sampled_from((3, 6, 9, 12))), rank),
                arrests.under_investigation(at),
                arrests.end(at, draw(st.sampled_from(("released", "charged", "refused_charge")))),
                arrests.outcome(at, draw(st.sampled_from(("suspect-1", "suspect-2")))),
            )
        )
    )
    return by_somebody(asked, draw(st.sampled_from([None, None, None, "arresting-officer-1", "cps_lawyer"])))


def by_somebody(asked: Request, who: str | None) -> Request:
    """The same request by whoever made the arrest, or by somebody in a role that has no part in custody."""
    if who is None or asked.actor.role == "system":
        return asked
    change = {"role": who} if who == "cps_lawyer" else {"id": who}
    return asked.model_copy(update={"actor": asked.actor.model_copy(update=change)})


@st.composite
def runs(draw: st.DrawFn) -> list[Request]:
    """A custody in time, of which acts may be missing, with others before, between and after; all typed in later."""
    kept = [asked for asked in IN_TIME[1:] if draw(st.integers(0, 6))]
    for asked in draw(st.lists(an_act(), max_size=10)):
        kept.insert(draw(st.integers(0, len(kept))), asked)
    entered = (asked.model_copy(update={"submitted_at": ENTERED}) for asked in kept)
    return [arrests.arrest("2026-03-17 06:30"), *entered]


class Watch:
    """What an onlooker knows who reckons for themselves until when the suspect may be detained."""

    def __init__(self) -> None:
        self.relevant: datetime | None = None
        self.hours = 24
        self.known_detained: datetime | None = None
        self.reviews: list[datetime] = []
        self.standing = "arrested"

    def learn(self, step: Step[CustodyState]) -> None:
        """Take in one act that was accepted."""
        at = step.asked.occurred_at
        for event in step.events:
            self.learn_of(event, at)
        command = step.asked.command
        left_already = isinstance(command, EndCustody | ReleaseUnderInvestigation) and self.standing != "detained"
        if isinstance(command, DETAINED_ACTS) and not left_already:
            self.known_detained = max(at, self.known_detained or at)
        if isinstance(command, ReviewDetention):
            self.reviews.append(at)
        self.standing = step.state.standing

    def learn_of(self, event: EventBase, at: datetime) -> None:
        """Take in one event."""
        if isinstance(event, DetentionAuthorised):
            self.relevant = event.relevant_time
        if isinstance(event, DetentionExtended):
            assert self.relevant is not None
            assert at <= self.relevant + timedelta(hours=24)
            assert sum(held <= at for held in self.reviews) >= 2
            self.hours = event.hours

    @property
    def authorised_until(self) -> datetime | None:
        """The end of the authority to detain."""
        return self.relevant and self.relevant + timedelta(hours=self.hours)


@settings(max_examples=300, deadline=None)
@given(runs())
def test_detention_beyond_its_authority_is_always_on_record_and_no_other_is(asked: list[Request]) -> None:
    watch = Watch()
    for step in walk(MODEL, arrests.CUSTODY, asked):
        watch.learn(step)
        until, known = watch.authorised_until, watch.known_detained
        unlawful = until is not None and known is not None and known > until
        assert step.state.unlawful_until == (known if unlawful else None)
        for event in step.events:
            if isinstance(event, UnlawfulDetentionRecorded):
                assert event.authorised_until == until
                assert event.still_detained_at > event.authorised_until


@settings(max_examples=300, deadline=None)
@given(runs())
def test_bail_runs_no_longer_than_a_rank_allowed_before_it_ended(asked: list[Request]) -> None:
    months: int | None = None
    for step in walk(MODEL, arrests.CUSTODY, asked):
        day = step.asked.occurred_at.astimezone(LONDON).date()
        for event in step.events:
            if isinstance(event, BailGranted):
                assert step.asked.actor.rank is not None
                months = 3
            if isinstance(event, BailExtended):
                assert months is not None
                assert day <= LAST_DAYS[months]
                assert event.months == months + 3
                assert_rank_for(event.months, step.asked.actor)
                months = event.months
        running = [clock.last_day for clock in step.state.clocks if clock.rule.startswith("PB") and clock.is_open]
        on_bail = step.state.standing == "on_bail" and step.state.is_open
        assert running == ([LAST_DAYS[months]] if on_bail and months else [])


def assert_rank_for(months: int, actor: Actor) -> None:
    needed = Rank.INSPECTOR if months == 6 else Rank.SUPERINTENDENT
    assert actor.rank is not None
    assert actor.rank.at_least(needed)


@settings(max_examples=200, deadline=None)
@given(runs())
def test_one_limit_runs_at_a_time_and_none_once_custody_has_ended(asked: list[Request]) -> None:
    for step in walk(MODEL, arrests.CUSTODY, asked):
        clocks = step.state.clocks
        running = [clock.id for clock in clocks if clock.is_open]
        assert len({clock.id for clock in clocks}) == len(clocks)
        assert sum(name in ("pc1", "pc2") for name in running) == (step.state.standing == "detained" and bool(running))
        assert sum(name.startswith("pc4") for name in running) <= 1
        assert step.state.is_open or running == []


@settings(max_examples=200, deadline=None)
@given(runs())
def test_whoever_arrested_neither_authorises_nor_reviews_detention(asked: list[Request]) -> None:
    arrester = arrests.arrest("2026-03-17 06:30").actor.id
    for step in walk(MODEL, arrests.CUSTODY, asked):
        assert step.asked.actor.role != "cps_lawyer"
        if step.asked.actor.id == arrester:
            assert not isinstance(step.asked.command, AuthoriseDetention | ReviewDetention)
