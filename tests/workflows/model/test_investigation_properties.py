from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from nom.contracts.characteristics import (
    EthnicityUnavailableRecorded,
    NationalityUnavailableRecorded,
    RecordEthnicityUnavailable,
    RecordNationalityUnavailable,
)
from nom.contracts.crime import (
    CancelCrime,
    CrimeCancelled,
    CrimeReclassified,
    CrimeRecorded,
    ReclassifyCrime,
    RecordCrime,
)
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.every_process import StageEnded
from nom.contracts.inquiry import (
    CloseLineOfInquiry,
    InterviewSuspect,
    LineOfInquiryClosed,
    LineOfInquiryOpened,
    NameSuspect,
    OpenLineOfInquiry,
    RecordAccountDeclined,
    RecordAccountNotSought,
    RecordNotInterviewed,
    SuspectInterviewed,
    SuspectNamed,
    SuspectNotInterviewed,
    TakeVictimAccount,
    VictimAccountDeclined,
    VictimAccountNotSought,
    VictimAccountTaken,
)
from nom.contracts.investigation import (
    AppointSio,
    CaseHandedOver,
    Conclude,
    HandOver,
    NotifiableEventRecorded,
    ReviewAsSupervisor,
    SuspectConcluded,
)
from nom.contracts.notices import NotifyVictim
from nom.contracts.stages import NotifiableEvent, RecordNotifiableEvent
from nom.contracts.subjects import Subject
from tests.workflows.model.chance import disturbed, run
from tests.workflows.model.inquiry_acts import (
    COMPLETE,
    CUSTODY,
    LINES,
    MODEL,
    PEOPLE,
    STREAM,
    concluded,
    happened,
    opening,
    told,
)
from tests.workflows.model.kit import FACTS, Request, london, request

START = london("2026-03-03 00:00")
WHOLE = (
    *COMPLETE,
    happened("bail", "2026-03-18 17:00"),
    told("bail", "2026-03-19 10:00"),
    concluded("suspect-1", "2026-04-03 10:00"),
    concluded("suspect-2", "2026-04-03 11:00", "propose_closure"),
)
SUSPECTS = ("suspect-1", "suspect-2", "suspect-3")
ROLES: dict[type[CommandBase], str] = {
    AppointSio: "detective_superintendent",
    ReviewAsSupervisor: "supervising_officer",
    RecordNotifiableEvent: "system",
    ReclassifyCrime: "force_crime_registrar",
    CancelCrime: "force_crime_registrar",
}
KINDS: tuple[NotifiableEvent, ...] = (
    "arrest",
    "interview",
    "release",
    "bail",
    "released_under_investigation",
    "bail_change",
)
TOLD_BY_THEMSELVES = KINDS[2:]


def commands() -> st.SearchStrategy[CommandBase]:
    """Any command of an investigation."""
    some = st.lists(st.sampled_from(LINES), min_size=1, max_size=3, unique=True).map(tuple)
    who, kinds = st.sampled_from(SUSPECTS), st.sampled_from(KINDS)
    moment = st.integers(0, 24 * 40).map(lambda hours: START + timedelta(hours=hours))
    fixed: list[CommandBase] = [
        AppointSio(officer="officer-1"),
        HandOver(from_officer="officer-1", to_officer="officer-2"),
        HandOver(from_officer="officer-2", to_officer="officer-1"),
        ReviewAsSupervisor(),
        RecordCrime(victim="child-1", offence="SX03025"),
        RecordCrime(victim="child-1", offence="SX03238"),
        ReclassifyCrime(victim="child-1", offence="SX03025", to="SX03001"),
        ReclassifyCrime(victim="child-1", offence="SX03001", to="SX03025"),
        ReclassifyCrime(victim="child-1", offence="SX03238", to="SX03001"),
        CancelCrime(victim="child-1", offence="SX03025"),
        CancelCrime(victim="child-1", offence="SX03238"),
        TakeVictimAccount(victim="child-1"),
        RecordAccountDeclined(victim="child-1"),
        RecordAccountNotSought(victim="child-1"),
        NameSuspect(subject=Subject(id="suspect-3")),
        RecordEthnicityUnavailable(subjects=SUSPECTS[:2], reason="no_contact"),
        RecordNationalityUnavailable(subjects=SUSPECTS[:2], reason="no_contact"),
    ]
    return st.one_of(
        st.sampled_from(fixed),
        some.map(lambda lines: OpenLineOfInquiry(lines=lines)),
        some.map(lambda lines: CloseLineOfInquiry(lines=lines, result="nothing of relevance")),
        st.just(CloseLineOfInquiry(lines=LINES, result="nothing of relevance")),
        who.map(lambda suspect: InterviewSuspect(suspect=suspect, setting="detention")),
        who.map(lambda suspect: InterviewSuspect(suspect=suspect, setting="voluntary")),
        who.map(lambda suspect: RecordNotInterviewed(suspect=suspect)),
        who.map(lambda suspect: Conclude(suspect=suspect, how="propose_closure")),
        who.map(lambda suspect: Conclude(suspect=suspect, how="file_to_cps")),
        kinds.map(lambda of: NotifyVictim(of=of)),
        st.builds(RecordNotifiableEvent, of=kinds, suspect=who, happened_at=moment, stage=st.just(CUSTODY)),
    )


def asked(command: CommandBase, hours: int) -> Request:
    """A request at so many hours after the start, all of them typed in at the end of the year."""
    role = ROLES.get(type(command), "senior_investigating_officer")
    at = f"{START + timedelta(hours=hours):%Y-%m-%d %H:%M}"
    return request(STREAM, role, command, at, reason="as was found", entered="2026-12-01 09:00")


def requests() -> st.SearchStrategy[list[Request]]:
    """Runs of the first scenario and runs of anything, in no order of time."""
    one = st.builds(asked, commands(), st.integers(0, 24 * 60))
    return st.one_of(disturbed(WHOLE, one), st.lists(one, min_size=10, max_size=60))


@given(requests())
def test_whatever_is_asked_the_investigation_keeps_its_rules(asked_for: list[Request]) -> None:
    state, steps = run(MODEL, STREAM, [opening(), *asked_for], FACTS)
    known = Known()
    for _, _, events in steps:
        for event in events:
            known.learn(event)
    assert {offence for _, offence in state.crimes()} == known.crimes
    notices = [clock for clock in state.clocks if clock.rule == "VC1-enhanced"]
    assert len(notices) == known.to_be_told
    assert len([clock for clock in state.clocks if clock.rule == "SR1" and clock.is_open]) == (state.outcome is None)
    assert (state.outcome is not None) == (known.suspects == known.concluded)


class Known:
    """What the events say, kept apart from the model's own state."""

    def __init__(self) -> None:
        self.open_lines: set[str] = set()
        self.accounts: set[str] = set()
        self.interviews: set[str] = set()
        self.ethnicity: set[str] = set()
        self.nationality: set[str] = set()
        self.suspects = {subject.id for subject in PEOPLE if subject.is_suspect}
        self.concluded: set[str] = set()
        self.crimes = {"SX03025"}
        self.to_be_told = 0

    def learn(self, event: EventBase) -> None:
        """Take one event in, and judge it by those before it."""
        if isinstance(event, LineOfInquiryOpened):
            self.open_lines.add(event.line)
        if isinstance(event, LineOfInquiryClosed):
            self.open_lines.remove(event.line)
        if isinstance(event, VictimAccountTaken | VictimAccountDeclined | VictimAccountNotSought):
            self.accounts.add(event.victim)
        if isinstance(event, SuspectInterviewed | SuspectNotInterviewed):
            self.interviews.add(event.suspect)
            self.to_be_told += isinstance(event, SuspectInterviewed) and event.setting == "voluntary"
        if isinstance(event, NotifiableEventRecorded):
            self.to_be_told += event.of in TOLD_BY_THEMSELVES
        self.learn_of_people(event)
        self.learn_of_crimes(event)

    def learn_of_crimes(self, event: EventBase) -> None:
        """As `learn`, for what stands on record against whom."""
        if isinstance(event, CrimeRecorded):
            assert event.offence not in self.crimes - {"SX03025"}
            self.crimes.add(event.offence)
        if isinstance(event, CrimeReclassified):
            assert event.to not in self.crimes
            self.crimes.remove(event.offence)
            self.crimes.add(event.to)
        if isinstance(event, CrimeCancelled):
            self.crimes.remove(event.offence)

    def learn_of_people(self, event: EventBase) -> None:
        """As `learn`, for who is who."""
        if isinstance(event, EthnicityUnavailableRecorded):
            self.ethnicity.update(event.subjects)
        if isinstance(event, NationalityUnavailableRecorded):
            self.nationality.update(event.subjects)
        if isinstance(event, SuspectNamed):
            self.suspects.add(event.subject.id)
        if isinstance(event, CaseHandedOver):
            assert event.from_officer != event.to_officer
        if isinstance(event, SuspectConcluded):
            # Invariants 4, 5, 6 and 17.
            assert self.open_lines == set()
            assert "child-1" in self.accounts
            assert event.suspect in self.interviews & self.ethnicity & self.nationality
            self.concluded.add(event.suspect)
        if isinstance(event, StageEnded):
            assert self.concluded == self.suspects
