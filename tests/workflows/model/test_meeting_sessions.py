import pytest

from nom.contracts.actors import Agency
from nom.contracts.events import CommandBase
from nom.contracts.meeting_session import (
    Adjourn,
    AgencyView,
    AgencyViewRecorded,
    AgreeInterimSafety,
    AttendanceRecorded,
    Convene,
    InformationShared,
    InterimSafetyAgreed,
    MeetingAdjourned,
    QuorumFailed,
    QuorumJudged,
    RecordAgencyView,
    RefuseToShare,
    ShareInformation,
    SharingRefused,
    StrategyMeetingConvened,
)
from tests.workflows.model.kit import london
from tests.workflows.model.meeting_acts import (
    ADJOURNED,
    CONVENED,
    EDUCATION,
    FOUR,
    HEALTH,
    INQUORATE,
    LOCAL_AUTHORITY,
    POLICE,
    QUORATE,
    SHARED,
    agreed,
    attended,
    chair,
    due,
    events_of,
    meeting,
    refusal_of,
    representative,
    social_worker,
    status,
)

WITHHELD = RefuseToShare(agency=HEALTH, item="counselling notes", to=(POLICE,), ground="more_detrimental_to_the_child")


def test_a_meeting_is_convened_with_the_agencies_that_are_invited() -> None:
    (convened,) = events_of(meeting(), CONVENED)
    assert isinstance(convened, StrategyMeetingConvened)
    assert convened.in_words() == "Strategy meeting convened; invited: police, local authority, health, education"


def test_a_complex_abuse_meeting_names_the_referrer() -> None:
    without = chair(Convene(kind="complex_abuse_meeting", invited=FOUR), "2026-03-03 10:00")
    assert refusal_of(meeting(), without)[0] == "referrer_missing"


def test_a_session_without_a_quorum_goes_on_record_with_who_is_missing() -> None:
    attendance, quorum, failed = events_of(meeting(CONVENED), INQUORATE)
    assert isinstance(attendance, AttendanceRecorded)
    assert (attendance.kind, attendance.held_at) == ("meeting", INQUORATE.occurred_at)
    assert isinstance(quorum, QuorumJudged)
    assert quorum.in_words() == (
        "meeting-1, attendance: row eng-meeting of the quorum table ours-1 asks for local authority, police, health; "
        "missing: health"
    )
    assert isinstance(failed, QuorumFailed)
    assert failed.in_words() == "meeting-1 has no quorum; missing: health"


def test_a_session_that_nobody_convened_is_a_discussion() -> None:
    attendance, quorum = events_of(meeting(), QUORATE)
    assert isinstance(quorum, QuorumJudged)
    assert (quorum.row, quorum.missing) == ("eng-discussion", ())
    assert isinstance(attendance, AttendanceRecorded)
    assert attendance.kind == "discussion"
    assert attendance.in_words().startswith("meeting-1 held; attendance: police (in person), local authority")


def test_an_adjourned_meeting_keeps_the_moment_that_the_chair_gave() -> None:
    adjourned = events_of(meeting(CONVENED, INQUORATE), ADJOURNED)[0]
    assert isinstance(adjourned, MeetingAdjourned)
    assert adjourned.in_words() == "meeting-1 adjourned until 2026-03-04 09:30 GMT"
    state = meeting(CONVENED, INQUORATE, ADJOURNED)
    assert (due(state, "sm1-1"), status(state, "sm1-1")) == ("2026-03-04 09:30", "running")
    assert status(meeting(CONVENED, INQUORATE, ADJOURNED, QUORATE), "sm1-1") == "met"


def test_a_session_a_minute_after_the_moment_that_was_given_is_late() -> None:
    late = chair(attended(*FOUR), "2026-03-04 09:31")
    assert status(meeting(INQUORATE, ADJOURNED, late), "sm1-1") == "met_late"


def test_another_moment_takes_the_place_of_the_first() -> None:
    again = chair(Adjourn(until=london("2026-03-05 09:30")), "2026-03-03 16:00")
    state = meeting(INQUORATE, ADJOURNED, again, chair(attended(*FOUR), "2026-03-05 09:30"))
    assert (status(state, "sm1-1"), status(state, "sm1-2")) == ("stopped", "met")


def test_an_adjournment_typed_in_after_the_session_that_went_on_is_met_by_it() -> None:
    late = chair(ADJOURNED.command, "2026-03-03 14:10", entered="2026-03-04 12:00")
    assert status(meeting(INQUORATE, QUORATE, late), "sm1-1") == "met"


def test_a_session_typed_in_from_before_the_adjournment_does_not_meet_its_clock() -> None:
    earlier = chair(attended(POLICE), "2026-03-03 12:00", entered="2026-03-03 15:00")
    assert status(meeting(INQUORATE, ADJOURNED, earlier), "sm1-1") == "running"


def test_a_meeting_can_not_adjourn_before_it_was_held_or_into_the_past() -> None:
    assert refusal_of(meeting(CONVENED), ADJOURNED)[0] == "no_session"
    backwards = chair(Adjourn(until=london("2026-03-03 14:10")), "2026-03-03 14:10")
    assert refusal_of(meeting(INQUORATE), backwards)[0] == "until_not_later"


def test_an_agency_shares_and_withholds_what_is_its_own() -> None:
    (shared,) = events_of(meeting(QUORATE), SHARED)
    assert isinstance(shared, InformationShared)
    words = "health shared with police, local authority: attendance history (OFFICIAL-SENSITIVE)"
    assert shared.in_words() == words
    (withheld,) = events_of(meeting(QUORATE), representative(WITHHELD, "2026-03-04 10:00", HEALTH, "the child asked"))
    assert isinstance(withheld, SharingRefused)
    assert withheld.in_words().endswith("(more detrimental to the child)")


def test_a_refusal_to_share_gives_its_reason() -> None:
    assert refusal_of(meeting(QUORATE), representative(WITHHELD, "2026-03-04 10:00", HEALTH))[0] == "reason_missing"


@pytest.mark.parametrize(
    "command",
    [
        ShareInformation(agency=HEALTH, item="notes", marking="OFFICIAL", to=(EDUCATION,)),
        WITHHELD,
        agreed(HEALTH),
    ],
)
def test_nobody_speaks_for_another_agency(command: CommandBase) -> None:
    by_the_police = representative(command, "2026-03-04 10:00", POLICE, "because")
    assert refusal_of(meeting(QUORATE), by_the_police) == ("other_agency", ["other_agency:health"])


def test_the_chair_records_the_views_of_all() -> None:
    (viewed,) = events_of(meeting(QUORATE), chair(agreed(*FOUR), "2026-03-04 10:20"))
    assert isinstance(viewed, AgencyViewRecorded)
    assert viewed.in_words().startswith("On 'threshold met': police agrees, local authority agrees")


def test_the_latest_view_of_an_agency_stands() -> None:
    dissent = RecordAgencyView(
        question="threshold met", views=(AgencyView(agency=POLICE, view="dissent", reason="no disclosure"),)
    )
    state = meeting(
        QUORATE,
        chair(agreed(*FOUR), "2026-03-04 10:20"),
        representative(dissent, "2026-03-04 10:25", POLICE),
    )
    assert [view.in_words() for view in state.questions[0].views if view.agency is POLICE] == [
        "police dissents: no disclosure"
    ]
    assert len(state.questions[0].views) == len(FOUR)


def test_views_name_all_who_did_not_sit_and_all_who_dissent_without_a_reason() -> None:
    views = (
        AgencyView(agency=Agency.VOLUNTARY, view="agree"),
        AgencyView(agency=POLICE, view="dissent"),
        AgencyView(agency=HEALTH, view="dissent"),
    )
    asked = chair(RecordAgencyView(question="threshold met", views=views), "2026-03-04 10:20")
    assert refusal_of(meeting(QUORATE), asked) == (
        "view_incomplete",
        ["not_attending:voluntary", "dissent_without_reason:police", "dissent_without_reason:health"],
    )


def test_interim_safety_does_not_wait_for_a_quorum() -> None:
    agreed_now = social_worker(AgreeInterimSafety(what="placement moved"), "2026-03-03 14:05")
    (event,) = events_of(meeting(INQUORATE), agreed_now)
    assert isinstance(event, InterimSafetyAgreed)
    assert event.in_words() == "Interim safety agreed for child-1: placement moved"


def test_interim_safety_is_for_children_of_the_matter() -> None:
    stranger = AgreeInterimSafety(what="placement moved", children=("child-9", "suspect-1"))
    assert refusal_of(meeting(INQUORATE), social_worker(stranger, "2026-03-03 14:05")) == (
        "unknown_subject",
        ["unknown_subject:child-9", "unknown_subject:suspect-1"],
    )


def test_a_representative_can_not_record_attendance() -> None:
    asked = representative(attended(LOCAL_AUTHORITY), "2026-03-04 09:30", LOCAL_AUTHORITY)
    assert refusal_of(meeting(), asked)[0] == "role"
