"""Whatever people do with a closed case, in whatever order: nobody investigates without the victim's approval."""

from hypothesis import given
from hypothesis import strategies as st

from nom.contracts.closed_case_review import (
    CasePrioritised,
    ClosureUpheld,
    NcaAdopted,
    ReinvestigationOrdered,
    VictimApprovalRecorded,
    VictimDeclineRecorded,
)
from nom.contracts.every_process import HandOffMade
from nom.workflows.model.closed_case_review import MODEL
from tests.workflows.model import panel_acts as acts
from tests.workflows.model.chance import disturbed, run
from tests.workflows.model.kit import Request

DAYS, HOURS = range(1, 21), range(8, 19)
MOMENTS = st.sampled_from([f"2026-03-{day:02} {hour:02}:00" for day in DAYS for hour in HOURS])
MEMBERS = st.integers(1, 3)
GOING_WELL = (acts.refers(), acts.prioritises("rape"), acts.reviews(), acts.approves(), acts.orders())
ANY: st.SearchStrategy[Request] = st.one_of(
    st.builds(acts.reviews, st.sampled_from([acts.POSSIBLE, acts.IMPOSSIBLE]), MOMENTS, MEMBERS),
    st.builds(acts.approves, MOMENTS, st.sampled_from(["victim-1", "victim-2", "suspect-1"])),
    st.builds(acts.declines, MOMENTS),
    st.builds(acts.orders, st.sampled_from(["SYP", "GMP", "SWP", "NCA"]), MOMENTS),
    st.builds(acts.adopts, MOMENTS),
    st.builds(acts.upholds, MOMENTS, MEMBERS),
    st.builds(acts.prioritises, st.sampled_from(["rape", "other"]), MOMENTS, st.sampled_from([None, "a reason"])),
    st.builds(acts.refers_conviction, st.integers(10, 20), MOMENTS),
    st.builds(acts.progresses, st.sampled_from(["investigation-1", "case"]), st.just("ended"), MOMENTS),
)


@given(disturbed(GOING_WELL, ANY))
def test_nobody_investigates_without_the_panel_and_the_victims_approval(requests: list[Request]) -> None:
    _, steps = run(MODEL, acts.STREAM, requests, acts.NCA_FACTS)
    said: list[VictimApprovalRecorded | VictimDeclineRecorded] = []
    for before, asked, events in steps:
        for event in events:
            if isinstance(event, (VictimApprovalRecorded, VictimDeclineRecorded)):
                said.append(event)
            if isinstance(event, (ReinvestigationOrdered, NcaAdopted)):
                earlier = [word for word in said if word.said_at <= asked.occurred_at]
                last = max(word.said_at for word in earlier)
                assert isinstance([word for word in earlier if word.said_at == last][-1], VictimApprovalRecorded)
                assert before.panel is not None
                assert before.panel.investigation_possible


@given(disturbed(GOING_WELL, ANY))
def test_each_order_opens_one_case_and_each_force_is_told_once(requests: list[Request]) -> None:
    state, steps = run(MODEL, acts.STREAM, requests, acts.NCA_FACTS)
    made = [event.hand_off.to for _, _, events in steps for event in events if isinstance(event, HandOffMade)]
    assert made == [f"{order.case}/case" for order in state.orders]
    assert len(set(made)) == len(made)


@given(disturbed((acts.refers(), acts.reviews(acts.IMPOSSIBLE), acts.upholds()), ANY))
def test_a_closure_is_upheld_by_nobody_who_sat_on_its_panel_and_never_beside_an_order(requests: list[Request]) -> None:
    state, steps = run(MODEL, acts.STREAM, requests, acts.NCA_FACTS)
    for before, asked, events in steps:
        if any(isinstance(event, ClosureUpheld) for event in events):
            sat = {act.person for act in before.acts if act.command == "ReviewAtPanel"}
            assert asked.actor.id not in sat
            assert (state.orders, state.adopted) == ((), False)


@given(disturbed(GOING_WELL, ANY))
def test_who_differs_from_the_computed_band_gives_a_reason(requests: list[Request]) -> None:
    _, steps = run(MODEL, acts.STREAM, requests, acts.NCA_FACTS)
    for _, _, events in steps:
        for event in events:
            if isinstance(event, CasePrioritised) and event.band != event.computed:
                assert event.reason
