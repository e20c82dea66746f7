"""Which steps of a process are measured: from one event to another. The choice is ours; no rule is judged by it."""

from typing import Final, NamedTuple

from nom.contracts.ids import ProcessKind

OPENED, ENDED = "process_opened", "stage_ended"


class Step(NamedTuple):
    """From the first event of one type to the first event of another, in one process."""

    name: str
    start: str
    end: str


_K = ProcessKind
STEPS: Final[dict[ProcessKind, tuple[Step, ...]]] = {
    _K.CASE: (),
    _K.REFERRAL: (
        Step("received to acknowledged", "referral_received", "referral_acknowledged"),
        Step("received to crime recorded", "referral_received", "crime_recorded"),
        Step("received to routed", "referral_received", "referral_routed"),
    ),
    _K.TRIAGE: (
        Step("opened to THRIVE assessed", "triage_opened", "thrive_assessed"),
        Step("opened to network test", "triage_opened", "network_test_recorded"),
        Step("opened to decided", "triage_opened", "triage_decided"),
    ),
    _K.STRATEGY_MEETING: (
        Step("opened to first session", "strategy_meeting_opened", "attendance_recorded"),
        Step("opened to section 47 decided", "strategy_meeting_opened", "section_47_decided"),
        Step("section 47 decided to conference", "section_47_decided", "conference_held"),
    ),
    _K.DESIGNATION: (
        Step("nominated to scored", "nomination_received", "threat_scored"),
        Step("nominated to designated", "nomination_received", "group_designated"),
        Step("designated to lead officer", "group_designated", "lro_appointed"),
        Step("designated to plan approved", "group_designated", "four_p_plan_approved"),
    ),
    _K.INVESTIGATION: (
        Step("opened to lead appointed", "investigation_opened", "sio_appointed"),
        Step("opened to first account", "investigation_opened", "victim_account_taken"),
        Step("opened to first interview", "investigation_opened", "suspect_interviewed"),
        Step("opened to first suspect concluded", "investigation_opened", "suspect_concluded"),
    ),
    _K.CUSTODY: (
        Step("arrest to detention authorised", "suspect_arrested", "detention_authorised"),
        Step("detention authorised to first review", "detention_authorised", "detention_reviewed"),
        Step("arrest to bail", "suspect_arrested", "bail_granted"),
        Step("arrest to the end of custody", "suspect_arrested", "custody_ended"),
    ),
    _K.CHARGE: (
        Step("file to action plan", "file_submitted", "action_plan_issued"),
        Step("action plan to file again", "action_plan_issued", "file_resubmitted"),
        Step("file to charge authorised", "file_submitted", "charge_authorised"),
        Step("file to prosecution declined", "file_submitted", "prosecution_declined"),
        Step("charge authorised to charged", "charge_authorised", "suspect_charged"),
    ),
    _K.CLOSURE: (
        Step("proposed to approved", "nfa_proposed", "nfa_approved"),
        Step("approved to review offered", "nfa_approved", "review_offered"),
        Step("review asked for to decided", "review_requested", "review_decided"),
    ),
    _K.CLOSED_CASE_REVIEW: (
        Step("referred to panel", "closed_case_referred", "panel_reviewed"),
        Step("panel to reinvestigation ordered", "panel_reviewed", "reinvestigation_ordered"),
        Step("panel to adopted", "panel_reviewed", "nca_adopted"),
        Step("panel to upheld", "panel_reviewed", "closure_upheld"),
    ),
}
"""By process, beside the whole of it."""

WHOLE: Final = Step("opened to ended", OPENED, ENDED)


def steps_of(kind: ProcessKind) -> tuple[Step, ...]:
    """The steps that are measured of a process, the whole of it last."""
    return (*STEPS[kind], WHOLE)
