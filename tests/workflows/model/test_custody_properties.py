"""Whatever is asked of an arrest, by whomever and in whatever order: invariants 19 and 20 of the operating model."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nom.contracts.actors import Rank
from nom.contracts.custody import (
    AuthoriseDetention,
    Bail,
    DetentionAuthorised,
    DetentionExtended,
    EndCustody,
    ExtendDetention,
    ReleaseUnderInvestigation,
    ReviewDetention,
    SuspectArrested,
    UnlawfulDetentionRecorded,
)
from nom.contracts.events import EventBase
from nom.contracts.stages import RecordSuspectOutcome
from nom.contracts.warrants import (
    ApplyForWarrant,
    EarlierDetentionCounted,
    GrantWarrant,
    HospitalStayRecorded,
    RecordHospital,
    RefuseWarrant,
    WarrantAppliedFor,
    WarrantGranted,
)
from nom.workflows.model.custody import MODEL
from nom.workflows.model.custody_state import CustodyState
from tests.workflows.model import arrests
from tests.workflows.model.kit import Request, Step, london, walk

RANKS = (None, Rank.CONSTABLE, Rank.SERGEANT, Rank.INSPECTOR, Rank.SUPERINTENDENT, Rank.CHIEF_CONSTABLE)
FROM_THE_ARREST_ON = st.integers(0, 280).map(lambda tens: london("2026-03-17 06:00") + timedelta(minutes=10 * tens))
UNDER_A_WARRANT = st.integers(0, 480).map(lambda tens: london("2026-03-18 06:00") + timedelta(minutes=10 * tens))
AFTER_A_LIMIT = st.integers(1, 60).map(lambda tens: london("2026-03-18 07:10") + timedelta(minutes=10 * tens))
LIMITS = ("2026-03-18 07:10", "2026-03-18 19:10", "2026-03-20 03:00", "2026-03-21 07:10")
AT_A_LIMIT = st.sampled_from(LIMITS).map(london)
MOMENTS = st.one_of(FROM_THE_ARREST_ON, UNDER_A_WARRANT, AFTER_A_LIMIT, AT_A_LIMIT)
ENTERED = london("2027-06-01 09:00")
IN_TIME = (
    *arrests.REVIEWED_TWICE,
    arrests.extend("2026-03-17 22:30"),
    arrests.review("2026-03-18 06:40"),
    arrests.bail("2026-03-18 17:00"),
)
BY_THE_COURT = (
    *arrests.REVIEWED_TWICE,
    arrests.extend("2026-03-17 22:30"),
    arrests.hospital("2026-03-18 02:00", "2026-03-18 04:00"),
    arrests.review("2026-03-18 06:40"),
    arrests.apply_for_warrant("2026-03-18 14:00"),
    arrests.grant_warrant("2026-03-18 15:00"),
    arrests.review("2026-03-18 15:30"),
    arrests.apply_for_warrant("2026-03-19 14:00"),
    arrests.grant_warrant("2026-03-19 19:10"),
    arrests.end("2026-03-21 07:00", "charged"),
)
DETAINED_ACTS = (
    AuthoriseDetention
    | ReviewDetention
    | ExtendDetention
    | ApplyForWarrant
    | GrantWarrant
    | RefuseWarrant
    | Bail
    | ReleaseUnderInvestigation
    | EndCustody
    | RecordSuspectOutcome
)
"""What shows that the suspect was still in detention, if nothing had ended it."""
LETS_OUT = EndCustody | ReleaseUnderInvestigation | RecordSuspectOutcome


@st.composite
def an_act(draw: st.DrawFn) -> Request:
    moment, rank = draw(MOMENTS), draw(st.sampled_from(RANKS))
    at = f"{moment:%Y-%m-%d %H:%M}"
    back = f"{moment + timedelta(minutes=10 * draw(st.integers(-2, 60))):%Y-%m-%d %H:%M}"
    asked = draw(
        st.sampled_from(
            (
                arrests.authorise(at, relevant=draw(st.sampled_from([at, "2026-03-17 07:10"])), rank=rank),
                arrests.review(at, rank),
                arrests.review(at),
                arrests.extend(at, draw(st.sampled_from((24, 36, 36, 96))), rank),
                arrests.extend(at),
                arrests.hospital(at, back),
                arrests.hospital(at, back),
                arrests.hospital(at),
                arrests.apply_for_warrant(at, new_evidence=draw(st.booleans())),
                arrests.grant_warrant(at, draw(st.sampled_from((6, 24, 35, 36, 36, 37, 96)))),
                arrests.refuse_warrant(at),
                arrests.bail(at, rank=rank),
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
    """A custody in time, of which acts may be missing, with others before, between and after; all typed in later. Who
    is in hospital may come back.
    """
    base = draw(st.sampled_from((IN_TIME, BY_THE_COURT)))
    kept = [asked for asked in base[1:] if draw(st.integers(0, 6))]
    for asked in draw(st.lists(an_act(), max_size=10)):
        place = draw(st.integers(0, len(kept)))
        kept.insert(place, asked)
        command = asked.command
        if isinstance(command, RecordHospital) and command.returned_at is None and draw(st.booleans()):
            left = f"{asked.occurred_at:%Y-%m-%d %H:%M}"
            back = f"{asked.occurred_at + timedelta(minutes=10 * draw(st.integers(1, 90))):%Y-%m-%d %H:%M}"
            kept.insert(draw(st.integers(place + 1, len(kept))), arrests.hospital(left, back))
    broken = draw(st.sampled_from((False, False, True)))
    if broken and draw(st.booleans()):
        counted = arrests.authorise("2026-03-17 07:10", detained_before=draw(st.sampled_from((1, 600, 1500, 5700))))
        kept.insert(0, counted)
    entered = (asked.model_copy(update={"submitted_at": ENTERED}) for asked in kept)
    return [arrests.arrest("2026-03-17 06:30", breach_of_bail=broken), *entered]


Stays = Sequence[tuple[datetime, datetime | None]]


def end_of(begun: datetime, hours: int, stays: Stays) -> datetime | None:
    """When so many hours outside hospital are over: put the end off by the stays before it until nothing moves. None
    while one of them lasts.
    """
    end = begun + timedelta(hours=hours)
    while True:
        within = [(max(left, begun), back) for left, back in stays if left <= end and (back is None or back > begun)]
        away = timedelta()
        for left, back in within:
            if back is None:
                return None
            away += back - left
        if begun + timedelta(hours=hours) + away == end:
            return end
        end = begun + timedelta(hours=hours) + away


class Watch:
    """What an onlooker knows who reckons for themselves until when the suspect may be detained."""

    def __init__(self) -> None:
        self.relevant: datetime | None = None
        self.broken, self.used = False, 0
        self.limits: list[tuple[datetime | None, int]] = []
        self.stays: dict[datetime, datetime | None] = {}
        self.known_detained: datetime | None = None
        self.reviews: list[datetime] = []
        self.asked: datetime | None = None
        self.standing = "arrested"

    def learn(self, step: Step[CustodyState]) -> None:
        """Take in one act that was accepted."""
        at, command = step.asked.occurred_at, step.asked.command
        for event in step.events:
            self.learn_of(event, at)
        left_already = isinstance(command, LETS_OUT) and self.standing != "detained"
        if isinstance(command, DETAINED_ACTS) and not left_already:
            self.known_detained = max(at, self.known_detained or at)
        if isinstance(command, RecordHospital):
            stay = command.returned_at or command.left_at
            self.known_detained = max(stay, self.known_detained or stay)
        if isinstance(command, ReviewDetention):
            self.reviews.append(at)
        self.standing = step.state.standing

    def learn_of(self, event: EventBase, at: datetime) -> None:
        """Take in one event, and hold it against what the law says must have been before it."""
        if isinstance(event, SuspectArrested):
            self.broken = event.breach_of_bail
        if isinstance(event, EarlierDetentionCounted):
            assert self.broken
            self.used = event.minutes
        if isinstance(event, DetentionAuthorised):
            self.relevant = event.relevant_time
            self.limits.append((None, 24))
        if isinstance(event, DetentionExtended):
            self.in_time(at)
            assert sum(held <= at for held in self.reviews) >= 2
            self.limits.append((None, event.hours))
        if isinstance(event, WarrantAppliedFor):
            self.in_time(at)
            assert len(self.limits) >= 2, "an officer extended detention first"
            self.asked = at
        if isinstance(event, WarrantGranted):
            self.granted(event, at)
        if isinstance(event, HospitalStayRecorded):
            self.stays[event.left_at] = event.returned_at

    def granted(self, event: WarrantGranted, at: datetime) -> None:
        """A warrant follows an application, in time, for at most 36 hours and within 96."""
        self.in_time(at)
        assert self.asked is not None
        assert self.asked <= at
        assert event.hours <= 36
        self.limits.append((at, event.hours))
        self.asked = None

    def in_time(self, at: datetime) -> None:
        """What gives more time was in force before the time was over."""
        until = self.authorised_until
        assert until is None or at <= until

    @property
    def authorised_until(self) -> datetime | None:
        """The end of the authority to detain. None before there is any, and while the suspect is in hospital."""
        ends = [self.end(begun, hours) for begun, hours in self.limits]
        return max((end for end in ends if end), default=None) if None not in ends else None

    @property
    def cap(self) -> datetime | None:
        """96 hours that count."""
        return self.end(None, 96)

    def end(self, issued: datetime | None, hours: int) -> datetime | None:
        """The end of a limit: from the issue of a warrant, or else from the relevant time, which what was used before
        the bail makes shorter by as much, and the breach of that bail longer by three hours.
        """
        stays = tuple(self.stays.items())
        if issued is not None or self.relevant is None:
            return issued and end_of(issued, hours, stays)
        used = timedelta(minutes=min(self.used, hours * 60))
        return end_of(self.relevant - used, hours + (3 if self.broken else 0), stays)


@settings(max_examples=200, deadline=None)
@given(runs())
def test_detention_beyond_its_authority_is_always_on_record_and_no_other_is(asked: list[Request]) -> None:
    watch = Watch()
    for step in walk(MODEL, arrests.CUSTODY, asked):
        watch.learn(step)
        until, known, cap = watch.authorised_until, watch.known_detained, watch.cap
        unlawful = until is not None and known is not None and known > until
        assert step.state.unlawful_until == (known if unlawful else None)
        assert until is None or cap is None or until <= cap
        for event in step.events:
            if isinstance(event, UnlawfulDetentionRecorded):
                assert event.authorised_until == until
                assert event.still_detained_at > event.authorised_until


@settings(max_examples=80, deadline=None)
@given(runs())
def test_the_open_limit_is_the_authorised_end_and_its_clock_keeps_what_it_stood_still_for(asked: list[Request]) -> None:
    watch = Watch()
    for step in walk(MODEL, arrests.CUSTODY, asked):
        watch.learn(step)
        in_hospital = any(back is None for back in watch.stays.values())
        for clock in step.state.clocks:
            if clock.rule in ("PC1", "PC2", "PC3") and clock.is_open:
                assert (clock.status == "paused") == (watch.authorised_until is None)
                assert clock.status == "paused" or clock.due_at == watch.authorised_until
            if clock.rule.startswith("PC") and clock.is_open:
                assert in_hospital or clock.status != "paused"
            for pause in clock.pauses:
                assert pause.paused_at >= clock.started_at
                assert any(left <= pause.paused_at for left in watch.stays)


@settings(max_examples=80, deadline=None)
@given(runs())
def test_a_review_is_late_where_it_was_held_after_its_time_outside_hospital_and_nowhere_else(
    asked: list[Request],
) -> None:
    watch = Watch()
    for step in walk(MODEL, arrests.CUSTODY, asked):
        watch.learn(step)
        for clock in step.state.clocks:
            held = min((moment for moment in watch.reviews if moment > clock.started_at), default=None)
            due = watch.end(clock.started_at, 6 if clock.rule == "PC4" else 9)
            if clock.rule in ("PC4", "PC4-later") and held is not None:
                assert clock.is_late == (due is not None and held > due)


@settings(max_examples=80, deadline=None)
@given(runs())
def test_one_limit_runs_at_a_time_and_none_once_custody_has_ended(asked: list[Request]) -> None:
    for step in walk(MODEL, arrests.CUSTODY, asked):
        clocks = step.state.clocks
        running = [clock.id for clock in clocks if clock.is_open]
        limits = sum(name.startswith(("pc1", "pc2", "pc3")) for name in running)
        assert len({clock.id for clock in clocks}) == len(clocks)
        assert limits == (step.state.standing == "detained" and bool(running))
        assert sum(name.startswith("pc4") for name in running) <= 1
        assert step.state.is_open or running == []


@settings(max_examples=80, deadline=None)
@given(runs())
def test_whoever_arrested_neither_authorises_nor_reviews_detention(asked: list[Request]) -> None:
    arrester = arrests.arrest("2026-03-17 06:30").actor.id
    applicants: set[str] = set()
    for step in walk(MODEL, arrests.CUSTODY, asked):
        who = step.asked.actor
        assert who.role != "cps_lawyer"
        if who.id == arrester:
            assert not isinstance(step.asked.command, AuthoriseDetention | ReviewDetention)
        if isinstance(step.asked.command, GrantWarrant | RefuseWarrant):
            assert who.id not in applicants
        if isinstance(step.asked.command, ApplyForWarrant):
            applicants.add(who.id)
