"""The life of a group: disruption, intelligence, archive and reopening. Decides nothing on what a group rests."""

from datetime import timedelta
from typing import assert_never

from nom.contracts.designation import LroAppointed, TierAssigned
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.group_course import (
    ApproveArchive,
    ArchiveProposed,
    CourseCommand,
    Disruption,
    DisruptionRecorded,
    GroupArchived,
    GroupReopened,
    Intelligence,
    IntelligenceRecorded,
    ProposeArchive,
    RecordDisruption,
    RecordIntelligence,
    Reopen,
)
from nom.workflows.model.deadlines import last_day_of_months, london_day
from nom.workflows.model.designation_decision import await_first_plan, designation_gate, stop_oversight, tell_cases
from nom.workflows.model.designation_oversight import start_review
from nom.workflows.model.designation_state import Thinking


def follow_course(d: Thinking, command: CourseCommand) -> Refusal | None:
    """Decide one of the commands in the life of a group."""
    match command:
        case RecordDisruption():
            disrupted = Disruption(
                level=command.level, what=command.what, reference=command.reference, disrupted_at=d.at
            )
            d.record(DisruptionRecorded(disruption=disrupted))
            return None
        case RecordIntelligence():
            return _intelligence(d, command)
        case ProposeArchive():
            return _propose(d)
        case ApproveArchive():
            return _approve(d)
        case Reopen():
            return _reopen(d, command)
        case _:
            assert_never(command)


def _intelligence(d: Thinking, command: RecordIntelligence) -> Refusal | None:
    if command.reference in {item.reference for item in d.state.intelligence}:
        return refuse("already_recorded", f"{command.reference} was recorded already")
    received = Intelligence(
        reference=command.reference, source=command.source, assessment=command.assessment, received_at=d.at
    )
    d.record(IntelligenceRecorded(intelligence=received))
    return None


def _propose(d: Thinking) -> Refusal | None:
    state = d.state
    if not state.is_designated or state.quiet_since is None or state.decided_at is None:
        return refuse("not_designated", "only a designated group is archived")
    if d.at < state.decided_at:
        return refuse("before_designation", "the group was not designated then")
    if state.archive:
        return refuse("archive_pending", "an archive is proposed already and awaits approval")
    missing = (*_not_by_the_lead(d), *archive_gate(d))
    if missing:
        return refuse("archive_gate", "the group can't be archived yet", *missing)
    d.record(ArchiveProposed(quiet_since=state.quiet_since, proposed_at=d.at, because=d.reason))
    return None


def _not_by_the_lead(d: Thinking) -> tuple[Unmet, ...]:
    if d.state.lead_officer is None:
        words = "the lead responsible officer proposes an archive: appoint one first"
        return (unmet("lro_not_appointed", words, None, d.facts.policy.roles_for("AppointLro")),)
    if d.request.actor.id != d.state.lead_officer:
        return (unmet("not_lead_officer", f"only {d.state.lead_officer}, who leads on the group, may propose that"),)
    return ()


def archive_gate(d: Thinking) -> tuple[Unmet, ...]:
    """What keeps a group from being archived on the day of the act: intelligence that is too recent, or a proposal."""
    missing: list[Unmet] = []
    months = d.facts.policy.thresholds.archive_after_months_without_intelligence
    if d.state.quiet_since is not None:
        first_quiet = london_day(d.state.quiet_since) + timedelta(days=1)
        until = last_day_of_months(first_quiet, months)
        if london_day(d.at) <= until:
            words = f"{months} months without intelligence are not over before the end of {until.isoformat()}"
            missing.append(unmet("intelligence_too_recent", words))
    if d.state.proposal:
        missing.append(unmet("proposal_pending", f"{d.state.proposal.outcome} is proposed and awaits approval"))
    return tuple(missing)


def _approve(d: Thinking) -> Refusal | None:
    archive = d.state.archive
    if archive is None:
        return refuse("no_proposal", "no archive is proposed")
    if d.at < archive.proposed_at:
        return refuse("before_proposal", "an archive can't be approved before it was proposed")
    if d.request.actor.id == d.state.lead_officer:
        words = "whoever leads on a group does not approve its archive"
        return refuse("separation", words, unmet("separation", words, "lead_responsible_officer"))
    missing = archive_gate(d)
    if missing:
        return refuse("archive_gate", "the group can't be archived yet", *missing)
    d.record(GroupArchived(archived_at=d.at, because=archive.because))
    stop_oversight(d, "the group is archived")
    tell_cases(d, d.state.cases, "archived", None, archive.because)
    return None


def _reopen(d: Thinking, command: Reopen) -> Refusal | None:
    if d.state.decided != "archived" or d.state.decided_at is None:
        return refuse("not_archived", "only an archived group is reopened")
    if d.at < d.state.decided_at:
        return refuse("before_archive", "the group was not archived then")
    missing = designation_gate(d)
    if missing:
        return refuse("designation_gate", "the record does not bear a designation any more", *missing)
    reason = d.reason
    d.record(GroupReopened(reopened_at=d.at, because=reason))
    d.record(TierAssigned(tier=command.tier, assigned_at=d.at))
    d.record(LroAppointed(officer=command.officer, previous=None, appointed_at=d.at))
    await_first_plan(d, "reopening")
    start_review(d, command.tier, "reopening", d.at)
    tell_cases(d, d.state.cases, "designated", command.tier, reason)
    return None
