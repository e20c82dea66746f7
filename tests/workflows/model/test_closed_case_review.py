from datetime import date

import pytest

from nom.contracts.closed_case_review import (
    CasePrioritised,
    ClosedCase,
    ClosedCaseReferred,
    ClosureUpheld,
    ConvictionReviewReferred,
    NcaAdopted,
    PanelReviewed,
    ReinvestigationOrdered,
    ReviewAtPanel,
)
from nom.contracts.errors import Refusal
from nom.contracts.events import EventBase
from nom.contracts.every_process import HandOffMade, Jurisdiction, Opening, StageEnded
from nom.contracts.policy.loader import pack_for
from nom.workflows.model.closed_case_review import MODEL, band_of
from tests.workflows.model import panel_acts as acts
from tests.workflows.model.kit import Request, events_of, given, labels, refused

FACTS = acts.NCA_FACTS
REFERRED = acts.refers()


def after(*requests: Request, then: Request) -> tuple[EventBase, ...]:
    return events_of(MODEL, given(MODEL, acts.STREAM, *requests, facts=FACTS), then, FACTS)


def refusal(*requests: Request, then: Request) -> Refusal:
    return refused(MODEL, given(MODEL, acts.STREAM, *requests, facts=FACTS), then, FACTS)


def closed(**changes: object) -> ClosedCase:
    return ClosedCase.model_validate({**acts.CLOSED.model_dump(), **changes})


def referring(case: ClosedCase, at: str = "2026-02-02 09:00") -> tuple[EventBase, ...]:
    return events_of(MODEL, MODEL.blank(acts.stream_for(case)), acts.refers(case, at), FACTS)


def the_one(kind: type[EventBase], events: tuple[EventBase, ...]) -> EventBase:
    (found,) = (event for event in events if isinstance(event, kind))
    return found


def test_a_referred_case_is_in_the_band_of_its_offence() -> None:
    event = the_one(ClosedCaseReferred, after(then=REFERRED))
    assert isinstance(event, ClosedCaseReferred)
    assert (event.band, event.closed_case, event.warnings) == ("rape", acts.CLOSED, ())


@pytest.mark.parametrize(
    ("offence", "band"),
    [
        ("SX03001", "rape"),
        ("SX03001A", "rape"),
        ("SX03013", "rape"),
        ("SX03014C", "rape"),
        ("SX56001", "rape"),
        ("SX56070", "rape"),
        ("SX03025", "other"),
        ("SX03238", "other"),
        ("SX56005", "other"),
    ],
)
def test_every_rape_and_its_attempt_come_first_under_both_acts(offence: str, band: str) -> None:
    assert band_of(offence, acts.NCA_POLICY.closed_cases) == band


@pytest.mark.parametrize(
    ("changes", "unmet"),
    [
        ({"force": "ZZZ"}, "unknown_force:force"),
        ({"force": "NCA"}, "unknown_force:force"),
        ({"force": "SWP"}, "jurisdiction_differs:force"),
        ({"offence": "SX99999"}, "unknown_offence:offence"),
        ({"decided_on": date(2009, 12, 31)}, "before_window:decided_on"),
        ({"decided_on": date(2025, 4, 1)}, "after_window:decided_on"),
        ({"outcome": "1"}, "not_a_closure:outcome"),
        ({"outcome": "99"}, "unknown_outcome:outcome"),
    ],
)
def test_a_case_that_does_not_fit_is_refused_by_field(changes: dict[str, object], unmet: str) -> None:
    found = refusal(then=acts.refers(closed(**changes)))
    assert (found.code, labels(found)) == ("closed_case_unfit", [unmet])


def test_every_field_that_does_not_fit_is_named() -> None:
    wrong = closed(force="ZZZ", offence="SX99999", decided_on=date(2009, 1, 1), outcome="1")
    assert len(labels(refusal(then=acts.refers(wrong)))) == 4


@pytest.mark.parametrize("day", [date(2010, 1, 1), date(2025, 3, 31)])
def test_the_first_and_the_last_day_of_the_window_belong_to_it(day: date) -> None:
    assert referring(closed(decided_on=day))


def test_a_case_cannot_be_referred_before_it_was_closed() -> None:
    case = closed(decided_on=date(2024, 5, 5))
    early = acts.refers(case, "2024-05-04 10:00")
    assert refused(MODEL, MODEL.blank(acts.stream_for(case)), early, FACTS).code == "before_decision"


def test_a_closed_case_has_one_review_and_no_other() -> None:
    assert refusal(then=acts.refers(closed(force_reference="another"))).code == "wrong_review"


def test_a_code_for_another_age_is_a_warning() -> None:
    event = the_one(ClosedCaseReferred, referring(closed(offence="SX03013")))
    assert isinstance(event, ClosedCaseReferred)
    assert len(event.warnings) == 1


def test_a_person_may_differ_from_the_band_only_with_a_reason() -> None:
    assert refusal(REFERRED, then=acts.prioritises("other")).code == "reason_missing"
    event = the_one(CasePrioritised, after(REFERRED, then=acts.prioritises("other", reason="the charge was wrong")))
    assert isinstance(event, CasePrioritised)
    assert (event.computed, event.band, event.reason) == ("rape", "other", "the charge was wrong")


def test_the_computed_band_needs_no_reason() -> None:
    assert after(REFERRED, then=acts.prioritises("rape"))


def test_nothing_happens_before_the_case_was_referred() -> None:
    assert refusal(REFERRED, then=acts.reviews(at="2026-02-01 10:00")).code == "before_referral"


def test_a_panel_names_the_steps_and_what_is_done_about_a_concern() -> None:
    incomplete = ReviewAtPanel(investigation_possible=True, safeguarding_concerns=True)
    found = refusal(REFERRED, then=acts.reviews(incomplete))
    assert found.code == "panel_incomplete"
    assert labels(found) == ["steps_missing:steps", "safeguarding_action_missing:safeguarding_action"]


def test_a_panel_gives_its_reason() -> None:
    assert refusal(REFERRED, then=acts.panel(acts.POSSIBLE, "2026-03-02 10:00", None)).code == "reason_missing"
    assert the_one(PanelReviewed, after(REFERRED, then=acts.reviews()))


@pytest.mark.parametrize("act", [acts.orders(), acts.adopts()])
def test_no_full_investigation_starts_without_the_panel_and_the_victims_approval(act: Request) -> None:
    found = refusal(REFERRED, then=act)
    assert (found.code, labels(found)) == ("investigation_gate", ["panel_not_held", "victim_approval_missing"])
    assert labels(refusal(REFERRED, acts.reviews(), then=act)) == ["victim_approval_missing"]
    assert labels(refusal(REFERRED, acts.reviews(), acts.declines(), then=act)) == ["victim_declined:victim-1"]
    impossible = refusal(REFERRED, acts.reviews(acts.IMPOSSIBLE), acts.approves(), then=act)
    assert labels(impossible) == ["investigation_not_possible"]


def test_an_approval_that_came_after_the_order_does_not_count_for_it() -> None:
    late = acts.approves("2026-03-11 10:00")
    assert labels(refusal(REFERRED, acts.reviews(), late, then=acts.orders())) == ["victim_approval_missing"]


def test_a_panel_that_came_after_the_order_does_not_count_for_it() -> None:
    late = acts.reviews(at="2026-03-11 10:00")
    assert labels(refusal(REFERRED, acts.approves(), late, then=acts.orders())) == ["panel_not_held"]


def test_what_the_victim_said_last_counts_however_it_was_entered() -> None:
    last = acts.declines("2026-03-09 12:00")
    first = acts.approves("2026-03-09 10:00")
    assert labels(refusal(REFERRED, acts.reviews(), last, first, then=acts.orders())) == ["victim_declined:victim-1"]
    changed = acts.approves("2026-03-09 14:00")
    assert after(REFERRED, acts.reviews(), last, first, changed, then=acts.orders())


def test_the_word_is_a_victims_and_always_the_same_ones() -> None:
    assert refusal(REFERRED, then=acts.approves(victim="suspect-1")).code == "not_a_victim"
    assert refusal(REFERRED, acts.approves(), then=acts.declines(victim="victim-2")).code == "another_victim"


def test_an_order_opens_a_case_in_the_force() -> None:
    events = after(REFERRED, acts.reviews(), acts.approves(), then=acts.orders())
    assert the_one(ReinvestigationOrdered, events)
    made = the_one(HandOffMade, events)
    assert isinstance(made, HandOffMade)
    assert (made.to, made.command, made.hand_off.opens) == (f"{acts.ORDERED}/case", "OpenOrderedCase", True)


def test_an_order_goes_to_a_police_force_under_the_law_that_holds_there() -> None:
    ready = (REFERRED, acts.reviews(), acts.approves())
    assert refusal(*ready, then=acts.orders("NCA")).code == "unknown_force"
    assert refusal(*ready, then=acts.orders("SWP")).code == "jurisdiction_differs"
    welsh = Opening(jurisdiction=Jurisdiction.WALES, policy=pack_for("WAL", "police", date(2026, 3, 10)).ref())
    assert after(*ready, then=acts.orders("SWP", opening=welsh))


def test_a_force_is_told_once_and_another_may_be_told_too() -> None:
    ordered = (REFERRED, acts.reviews(), acts.approves(), acts.orders())
    assert refusal(*ordered, then=acts.orders(at="2026-03-11 10:00")).code == "already_ordered"
    assert after(*ordered, then=acts.orders("GMP"))


@pytest.mark.parametrize("act", [acts.adopts("2026-03-11 10:00"), acts.upholds("2026-03-11 10:00"), acts.reviews()])
def test_what_was_ordered_is_not_decided_again(act: Request) -> None:
    assert refusal(REFERRED, acts.reviews(), acts.approves(), acts.orders(), then=act).code == "already_ordered"


def test_the_review_ends_when_every_ordered_case_has_ended() -> None:
    ordered = (REFERRED, acts.reviews(), acts.approves(), acts.orders(), acts.orders("GMP"))
    stage = acts.progresses("investigation-1", "file_to_cps")
    one = acts.progresses("case", "every suspect has an outcome")
    other = acts.progresses("case", "every suspect has an outcome", case=f"gmp/{acts.MATTER}")
    state = given(MODEL, acts.STREAM, *ordered, stage, one, facts=FACTS)
    assert (state.outcome, state.standing()) == (None, "reinvestigation_ordered")
    assert the_one(StageEnded, events_of(MODEL, state, other, FACTS))


def test_news_of_a_case_that_was_not_ordered_is_refused() -> None:
    news = acts.progresses("case", "closed", case="gmp/26-1")
    assert refusal(REFERRED, then=news).code == "not_ordered"


def test_the_agency_adopts_what_it_investigates_itself() -> None:
    events = after(REFERRED, acts.reviews(), acts.approves(), then=acts.adopts())
    assert the_one(NcaAdopted, events)
    assert the_one(StageEnded, events)


def test_a_closure_is_upheld_by_a_second_member_of_the_panel() -> None:
    held = (REFERRED, acts.reviews(acts.IMPOSSIBLE))
    assert refusal(*held, then=acts.upholds(member=1)).code == "separation"
    assert the_one(ClosureUpheld, after(*held, then=acts.upholds()))


def test_a_closure_that_can_be_investigated_is_upheld_only_if_the_victim_declines() -> None:
    assert labels(refusal(REFERRED, then=acts.upholds())) == ["panel_not_held"]
    assert labels(refusal(REFERRED, acts.reviews(), then=acts.upholds())) == ["victim_not_asked"]
    approved = refusal(REFERRED, acts.reviews(), acts.approves(), then=acts.upholds())
    assert (approved.code, labels(approved)) == ("uphold_gate", ["victim_approves:victim-1"])
    assert after(REFERRED, acts.reviews(), acts.declines(), then=acts.upholds())


def test_a_conviction_of_a_child_is_referred_even_after_the_end() -> None:
    ended = (REFERRED, acts.reviews(acts.IMPOSSIBLE), acts.upholds())
    act = acts.refers_conviction(at="2026-04-01 10:00")
    assert the_one(ConvictionReviewReferred, after(*ended, then=act))
    assert refusal(*ended, act, then=acts.refers_conviction(16, "2026-04-02 10:00")).code == "already_referred"
    assert refusal(REFERRED, then=acts.refers_conviction(18)).code == "not_a_child_then"
    assert refusal(REFERRED, then=acts.refers_conviction(victim="suspect-1")).code == "not_a_victim"
