"""Telling victims of the decision not to investigate (Victims' Code 2020, Right 6: VC1).

It stands in the triage, because the decision is made there and no investigation follows that could tell. Each victim
has a time of their own, by their own rights; it runs on after triage was decided. A victim who becomes known only later
is told in time counted from then (ours).
"""

from collections.abc import Iterator

from nom.contracts.clocks import Clock
from nom.contracts.errors import Refusal, Unmet, refuse, unmet
from nom.contracts.ids import SubjectId
from nom.contracts.notices import NotifyVictim, VictimNotified
from nom.contracts.subjects import Subject
from nom.workflows.model.conditions import contradictions, refused_for
from nom.workflows.model.enhanced_rights import notice_rule
from nom.workflows.model.late_entry import meet_or_mend
from nom.workflows.model.triage_record import Thinking

_RULE = "VC1"
DECISION_NOTICES = (_RULE, f"{_RULE}-enhanced")
"""The rules that run on after triage was decided."""


def start_decision_notices(d: Thinking, subjects: tuple[Subject, ...]) -> None:
    """The time to tell begins for each victim among them."""
    before = sum(d.count_clocks(rule) for rule in DECISION_NOTICES)
    for number, victim in enumerate((subject for subject in subjects if subject.is_victim), before + 1):
        rule, clock_id = notice_rule(_RULE, victim, d.facts.policy), f"{_RULE.lower()}-{number}"
        d.start_clock(rule, "decision not to investigate", clock_id=clock_id, about=victim.id)


def notify_victim(d: Thinking, command: NotifyVictim) -> Refusal | None:
    """Victims were told of the decision; all who wait, where none is named. May be told again."""
    if command.of != "decision":
        words = f"of {command.of.replace('_', ' ')}, another process tells the victim: triage tells of its decision"
        return refuse("not_told_here", words)
    if not d.state.not_investigated:
        return refuse("nothing_to_tell", "it was not decided here that nothing is investigated")
    notices = [clock for clock in d.state.clocks if clock.rule in DECISION_NOTICES]
    named = tuple(dict.fromkeys(command.victims)) or _waiting(d)
    missing = (*_strangers(d, named), *_too_early(d, named, notices))
    if missing:
        return refused_for(missing, "the notice can't have been given like this")
    if not named:
        return refuse("nothing_to_tell", "every victim has been told")
    d.record(VictimNotified(of=command.of, victims=named, told_at=d.at))
    for clock in notices:
        if clock.about in named:
            meet_or_mend(d, clock)
    return None


def _waiting(d: Thinking) -> tuple[SubjectId, ...]:
    open_for = [clock.about for rule in DECISION_NOTICES for clock in d.open_clocks(rule)]
    return tuple(subject.id for subject in d.state.subjects if subject.id in open_for)


def _strangers(d: Thinking, named: tuple[SubjectId, ...]) -> Iterator[Unmet]:
    known = {subject.id for subject in d.state.subjects if subject.is_victim}
    for victim in named:
        if victim not in known:
            yield unmet("unknown_subject", f"{victim} is not a victim of this matter", victim)


def _too_early(d: Thinking, named: tuple[SubjectId, ...], notices: list[Clock]) -> Iterator[Unmet]:
    for clock in notices:
        if clock.about in named:
            words = f"the time to tell {clock.about} began"
            found = next(contradictions(d.at, ("before_decision", words, clock.started_at)), None)
            if found is not None:
                yield found.model_copy(update={"about": clock.about})
