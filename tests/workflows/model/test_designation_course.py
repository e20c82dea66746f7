"""The life of a designated group: disruption, intelligence, archive, reopening; and scores of forces that differ."""

from datetime import date

import pytest
from pydantic import ValidationError

from nom.contracts.clocks import ClockStarted, ClockStopped
from nom.contracts.deconfliction import (
    Deconflict,
    DeconflictionRequested,
    RequestDeconfliction,
    ScoreKept,
    ScoresDeconflicted,
)
from nom.contracts.designation import AppointLro, Approve, AssignTier, Propose, Return, Review
from nom.contracts.events import EventBase
from nom.contracts.every_process import HandOffMade
from nom.contracts.group_course import (
    ApproveArchive,
    ArchiveProposed,
    DisruptionRecorded,
    GroupArchived,
    GroupReopened,
    IntelligenceRecorded,
    ProposeArchive,
    RecordDisruption,
    RecordIntelligence,
)
from nom.contracts.group_grounds import RemoveMember
from nom.contracts.stages import TellNetworkOutcome
from nom.workflows.model.designation import MODEL
from tests.workflows.model.designation_acts import (
    DESIGNATED,
    GROUNDS,
    GROUP,
    NOT_MET,
    ONE,
    OVERSEEN,
    PLAN,
    SCORE,
    STREAM,
    analyst,
    group,
    head,
    nomination,
    proposal,
)
from tests.workflows.model.group_life_acts import (
    APPROVED,
    ARCHIVED,
    ASKED,
    HEARD,
    HIGH,
    QUIET,
    REOPEN,
    REOPENED,
    SCORED,
    SETTLED,
    coordinator,
    lead,
    report,
)
from tests.workflows.model.kit import events_of, given, labels, london, outcome_of, refused


def told(events: tuple[EventBase, ...]) -> list[tuple[str, str | None]]:
    outcomes = (
        TellNetworkOutcome.model_validate(event.hand_off.envelope["command"])
        for event in events
        if isinstance(event, HandOffMade) and event.command == "TellNetworkOutcome"
    )
    return [(item.outcome, item.tier) for item in outcomes]


@pytest.mark.parametrize("level", ["major", "moderate", "minor"])
def test_a_disruption_is_recorded_with_its_level_whatever_the_group_is(level: str) -> None:
    asked = RecordDisruption.model_validate({"level": level, "what": "two licences revoked"})
    for state in (group(), group(*NOT_MET), group(*OVERSEEN)):
        after, events = outcome_of(MODEL, state, lead(asked, "2026-03-20 09:00", None))
        assert isinstance(events[0], DisruptionRecorded)
        assert events[0].in_words() == f"Disruption ({level}): two licences revoked"
        assert [item.disrupted_at for item in after.disruptions] == [london("2026-03-20 09:00")]


def test_intelligence_is_a_reference_and_its_grading_and_recorded_once() -> None:
    state, events = outcome_of(MODEL, group(), HEARD)
    assert isinstance(events[0], IntelligenceRecorded)
    assert events[0].in_words() == "Intelligence INT/26/0041 received, graded reliable, known directly"
    assert refused(MODEL, state, report("2026-03-21 09:00")).code == "already_recorded"


@pytest.mark.parametrize("words", ["he was seen at the flat", "", "a source said so"])
def test_what_was_learned_is_not_written_into_a_reference(words: str) -> None:
    with pytest.raises(ValidationError):
        RecordIntelligence(reference=words, source="reliable", assessment="not_known")


def test_a_group_is_archived_once_twelve_months_have_passed_without_intelligence() -> None:
    state = group(*OVERSEEN, HEARD)
    early = lead(ProposeArchive(), "2027-03-20 23:59")
    refusal = refused(MODEL, state, early)
    assert (refusal.code, labels(refusal)) == ("archive_gate", ["intelligence_too_recent"])
    assert "2027-03-20" in refusal.unmet[0].words
    state, events = outcome_of(MODEL, state, lead(ProposeArchive(), "2027-03-21 00:00"))
    assert events[0] == ArchiveProposed(
        quiet_since=london("2026-03-20 09:00"), proposed_at=london("2027-03-21 00:00"), because="quiet for a year"
    )
    assert state.is_designated


def test_without_any_intelligence_the_months_run_from_the_designation() -> None:
    assert labels(refused(MODEL, group(*OVERSEEN), lead(ProposeArchive(), "2027-03-11 09:00"))) == [
        "intelligence_too_recent"
    ]
    assert events_of(MODEL, group(*OVERSEEN), lead(ProposeArchive(), "2027-03-12 09:00"))


def test_intelligence_typed_in_late_does_not_shorten_the_quiet() -> None:
    state = group(*OVERSEEN, HEARD, report("2026-03-12 09:00", "INT/26/0007"))
    assert state.quiet_since == london("2026-03-20 09:00")


def test_an_archive_is_proposed_by_the_officer_who_leads_on_the_group() -> None:
    somebody = lead(ProposeArchive(), "2027-03-21 09:00", actor="officer-lro-9")
    assert labels(refused(MODEL, group(*OVERSEEN, HEARD), somebody)) == ["not_lead_officer"]
    assert labels(refused(MODEL, group(*DESIGNATED), lead(ProposeArchive(), "2026-03-21 09:00"))) == [
        "lro_not_appointed",
        "intelligence_too_recent",
    ]


def test_only_a_designated_group_is_archived_and_no_proposal_may_be_pending() -> None:
    assert refused(MODEL, group(*NOT_MET), QUIET).code == "not_designated"
    early = lead(ProposeArchive(), "2026-03-11 14:00")
    assert refused(MODEL, group(*OVERSEEN), early).code == "before_designation"
    pending = group(*OVERSEEN, proposal("not_met", "2027-03-20 09:00"))
    assert labels(refused(MODEL, pending, QUIET)) == ["proposal_pending"]
    twice = group(*OVERSEEN, HEARD, QUIET)
    assert refused(MODEL, twice, lead(ProposeArchive(), "2027-03-22 09:00")).code == "archive_pending"
    assert refused(MODEL, twice, proposal("not_met", "2027-03-22 09:00")).code == "archive_pending"


def test_an_approved_archive_stops_the_oversight_and_tells_every_case() -> None:
    state, events = outcome_of(MODEL, group(*OVERSEEN, HEARD, QUIET), APPROVED)
    assert isinstance(events[0], GroupArchived)
    assert {event.clock_id for event in events if isinstance(event, ClockStopped)} == {"dg3-1", "pl1-1"}
    assert told(events) == [("archived", None)]
    assert (state.status, state.tier, state.lead_officer, state.plan_review, state.archive) == (
        "archived", None, None, None, None,
    )  # fmt: skip
    assert state.is_open
    assert refused(MODEL, state, head(Review(findings="-"), "2027-03-23 09:00")).code == "not_designated"
    assert refused(MODEL, state, proposal("not_met", "2027-03-23 09:00")).code == "archived"


def test_whoever_proposed_an_archive_does_not_approve_it_nor_does_whoever_leads_now() -> None:
    pending = group(*OVERSEEN, HEARD, QUIET)
    himself = head(ApproveArchive(), "2027-03-22 09:00", "nothing since")
    himself = himself.model_copy(update={"actor": himself.actor.model_copy(update={"id": "officer-lro-1"})})
    refusal = refused(MODEL, pending, himself)
    assert (refusal.code, labels(refusal)) == (
        "separation", ["separation:lead_responsible_officer", "separation:ProposeArchive"],
    )  # fmt: skip
    follows = head(AppointLro(officer="head-of-region-1"), "2027-03-21 10:00")
    assert labels(refused(MODEL, group(*OVERSEEN, HEARD, QUIET, follows), APPROVED)) == [
        "separation:lead_responsible_officer"
    ]


def test_intelligence_that_came_in_meanwhile_keeps_the_group_and_the_proposal_can_be_returned() -> None:
    news = report("2027-03-21 12:00", "INT/27/0003")
    state = group(*OVERSEEN, HEARD, QUIET, news)
    assert labels(refused(MODEL, state, APPROVED)) == ["intelligence_too_recent"]
    assert refused(MODEL, state, head(Return(), "2027-03-21 08:00", "news came in")).code == "before_proposal"
    state, events = outcome_of(MODEL, state, head(Return(), "2027-03-22 09:00", "news came in"))
    assert [event.in_words() for event in events] == ["Proposal to archive returned: news came in"]
    assert refused(MODEL, state, APPROVED).code == "no_proposal"
    assert refused(MODEL, group(*OVERSEEN, HEARD, QUIET), head(ApproveArchive(), "2027-03-21 08:00", "-")).code == (
        "before_proposal"
    )


def test_a_reopened_group_is_designated_with_a_tier_an_officer_and_a_review_from_then_on() -> None:
    state, events = outcome_of(MODEL, group(*ARCHIVED), REOPENED)
    assert events[0] == GroupReopened(reopened_at=london("2028-01-10 09:00"), because="two new accounts")
    assert {event.clock_id: event.last_day for event in events if isinstance(event, ClockStarted)} == {
        "dg5-2": date(2028, 1, 17),
        "dg3-2": date(2028, 4, 9),
    }
    assert told(events) == [("designated", "region")]
    assert (state.status, state.tier, state.lead_officer, state.plan_review) == (
        "designated", "region", "officer-lro-2", None,
    )  # fmt: skip
    plan = PLAN.model_copy(update={"review": date(2028, 2, 1)})
    state, events = outcome_of(MODEL, state, head(plan, "2028-01-11 09:00"))
    assert {event.clock_id for event in events if isinstance(event, ClockStarted)} == {"pl1-2"}
    assert refused(MODEL, state, head(AssignTier(tier="force"), "2027-06-01 09:00")).code == "before_designation"
    assert labels(refused(MODEL, state, lead(ProposeArchive(), "2028-06-01 09:00", actor="officer-lro-2"))) == [
        "intelligence_too_recent"
    ]


def test_a_reopened_group_of_the_top_tier_is_reviewed_as_such() -> None:
    top = head(REOPEN.model_copy(update={"tier": "national"}), "2028-01-10 09:00", "two new accounts")
    started = [event for event in events_of(MODEL, group(*ARCHIVED), top) if isinstance(event, ClockStarted)]
    assert [(event.rule, event.last_day) for event in started] == [
        ("DG5", date(2028, 1, 17)),
        ("DG3-top", date(2028, 2, 7)),
    ]


def test_only_an_archived_group_is_reopened_and_only_if_its_record_still_bears_a_designation() -> None:
    for state in (group(), group(*NOT_MET), group(*OVERSEEN)):
        assert refused(MODEL, state, REOPENED).code == "not_archived"
    assert refused(MODEL, group(*ARCHIVED), head(REOPEN, "2027-03-22 08:59", "-")).code == "before_archive"
    remove = analyst(RemoveMember(member=ONE), "2027-06-01 09:00", "mistaken identity")
    refusal = refused(MODEL, group(*ARCHIVED, remove), REOPENED)
    assert (refusal.code, labels(refusal)) == ("designation_gate", ["members_too_few"])


GROUNDS_BUT_SCORE = GROUNDS[:3]


def test_each_score_is_kept_with_its_force() -> None:
    state = group(*SCORED)
    assert [str(score) for score in state.scores] == ["MER 15 (low)", "NWP 47 (high)"]
    (_, kept) = events_of(MODEL, group(), SCORED[0])
    assert isinstance(kept, ScoreKept)
    assert kept.in_words() == "Score kept as that of MER: 15, band low"
    again = analyst(HIGH.model_copy(update={"force": "MER"}), "2026-03-07 10:00")
    assert [str(score) for score in group(*SCORED, again).scores] == ["NWP 47 (high)", "MER 47 (high)"]


def test_a_score_without_a_named_force_is_that_of_the_actors_own_or_nobodys() -> None:
    asked = analyst(SCORE, "2026-03-06 10:00")
    assert [event.type for event in events_of(MODEL, group(), asked)] == ["threat_scored.v1"]
    own = asked.model_copy(update={"actor": asked.actor.model_copy(update={"force": "MER"})})
    assert [score.force for score in outcome_of(MODEL, group(), own)[0].scores] == ["MER"]


def test_a_score_typed_in_late_displaces_no_later_one_of_its_force() -> None:
    late = analyst(HIGH.model_copy(update={"force": "MER"}), "2026-03-05 10:00")
    state = group(*SCORED, late)
    assert [str(score) for score in state.scores] == ["MER 15 (low)", "NWP 47 (high)"]
    assert state.threat is not None
    assert state.threat.band == "high"


def test_scores_in_two_bands_bear_no_designation_until_it_is_decided_which_stands() -> None:
    state = group(*GROUNDS_BUT_SCORE, *SCORED)
    assert labels(refused(MODEL, state, proposal())) == ["scores_differ"]
    assert events_of(MODEL, state, analyst(Propose(outcome="not_met"), "2026-03-09 09:00", "as recorded"))
    state, events = outcome_of(MODEL, state, ASKED)
    assert isinstance(events[0], DeconflictionRequested)
    assert len(events[0].scores) == 2
    assert labels(refused(MODEL, state, proposal())) == ["scores_differ"]
    state, events = outcome_of(MODEL, state, SETTLED)
    assert isinstance(events[0], ScoresDeconflicted)
    assert (events[0].stands.force, len(events[0].scores)) == ("MER", 2)
    assert "that of MER stands: the second vehicle was counted twice" in events[0].in_words()
    assert state.threat is not None
    assert (state.threat.band, len(state.scores)) == ("low", 2)
    assert events_of(MODEL, state, proposal())


def test_a_later_score_opens_the_difference_again() -> None:
    again = analyst(HIGH, "2026-03-08 10:00")
    state = group(*GROUNDS_BUT_SCORE, *SCORED, ASKED, SETTLED, again)
    assert labels(refused(MODEL, state, proposal())) == ["scores_differ"]
    assert events_of(MODEL, state, head(RequestDeconfliction(), "2026-03-08 11:00", "they differ again"))


def test_there_must_be_a_difference_and_it_is_asked_for_once_and_settled_for_a_force_that_scored() -> None:
    assert refused(MODEL, group(SCORED[0]), ASKED).code == "nothing_to_deconflict"
    assert refused(MODEL, group(*SCORED), SETTLED).code == "no_deconfliction"
    asked = group(*SCORED, ASKED)
    assert refused(MODEL, asked, head(RequestDeconfliction(), "2026-03-07 10:00", "again")).code == (
        "deconfliction_pending"
    )
    nobody = coordinator(Deconflict(stands="GMP"), "2026-03-08 09:00", "-")
    assert refused(MODEL, asked, nobody).code == "no_such_score"
    done = group(*SCORED, ASKED, SETTLED)
    assert refused(MODEL, done, head(RequestDeconfliction(), "2026-03-09 10:00", "again")).code == (
        "nothing_to_deconflict"
    )


def test_a_party_to_the_difference_does_not_settle_it() -> None:
    scorer = SETTLED.model_copy(update={"actor": SETTLED.actor.model_copy(update={"id": SCORED[0].actor.id})})
    assert labels(refused(MODEL, group(*SCORED, ASKED), scorer)) == ["separation:ScoreThreat"]
    asker = SETTLED.model_copy(update={"actor": SETTLED.actor.model_copy(update={"id": ASKED.actor.id})})
    assert labels(refused(MODEL, group(*SCORED, ASKED), asker)) == ["separation:RequestDeconfliction"]


def test_the_whole_life_of_a_group_in_one_run() -> None:
    state = given(MODEL, STREAM, nomination(), *ARCHIVED, REOPENED)
    assert (state.case, state.status) == (GROUP, "designated")
    assert refused(MODEL, state, head(Approve(), "2028-01-11 09:00", "-")).code == "no_proposal"
