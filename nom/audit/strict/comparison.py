"""Walks through a run task by task: what the code gave beside what the history recorded.

Goes on after a value that differs, since what follows still lines up; stops at the first command that is missing or
extra, since nothing after it can be told apart from its consequences.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from nom.audit.strict import reaching, scheduling, standing
from nom.audit.strict.course import Course
from nom.audit.strict.emission import Emission, Emitted, emission_of
from nom.audit.strict.expectation import Act, Expectation, Recorded, Slot
from nom.audit.strict.report import Compared, Difference
from nom.audit.strict.values import Gap, in_words

LOOK_AHEAD: Final = 3
DIFFERENCES_AT_MOST: Final = 50

Gaps = Callable[[Course, WorkflowCommand, HistoryEvent], Iterator[Gap]]

GAPS: Final[Mapping[Act, Gaps]] = {
    Act.ACTIVITY: scheduling.activity_gaps,
    Act.ACTIVITY_CANCEL: scheduling.activity_cancel_gaps,
    Act.TIMER: scheduling.timer_gaps,
    Act.TIMER_CANCEL: scheduling.timer_cancel_gaps,
    Act.NEXUS: scheduling.nexus_gaps,
    Act.NEXUS_CANCEL: scheduling.nexus_cancel_gaps,
    Act.CHILD: reaching.child_gaps,
    Act.CANCEL_OTHER: reaching.cancel_gaps,
    Act.SIGNAL_OTHER: reaching.signal_gaps,
    Act.ATTRIBUTES: standing.attribute_gaps,
    Act.MEMO: standing.memo_gaps,
    Act.PATCH: standing.patch_gaps,
    Act.UPDATE_ACCEPTED: standing.accepted_gaps,
    Act.UPDATE_ANSWERED: standing.answered_gaps,
    Act.CONTINUED: standing.continued_gaps,
    Act.COMPLETED: standing.completed_gaps,
    Act.FAILED: standing.failed_gaps,
    Act.CANCELLED: standing.cancelled_gaps,
}


class Comparison:
    """The comparison of one history. Given each task's commands in turn, then asked for what it found."""

    def __init__(self, expected: Expectation, namespace: str) -> None:
        self.expected = expected
        self.course = Course.begun(expected.started, namespace)
        self.differences: list[Difference] = []
        self.matched = 0
        self.not_comparable = 0
        self.at_the_frontier = 0
        self.refusals = 0
        self.stopped = False
        self.torn: str | None = None
        self._local_activities = dict(expected.local_activities)
        self._not_given: tuple[Slot, Sequence[Recorded]] | None = None
        """What was missing where the replay seemed to break off."""

    def task(self, started: int, commands: Sequence[WorkflowCommand], *, whole: bool) -> None:
        """Compare what the code gave for the task that began with event `started`. Not `whole`: the replay broke off in
        it, so that what is missing may not have had its turn.
        """
        if self.stopped:
            return
        slot = self._slot(started)
        if slot is None:
            emission = emission_of(commands, self.course)
            self.at_the_frontier += len(emission.acts) + len(emission.local_activities)
            return
        slot.visited = True
        emission = emission_of(commands, self.course)
        self._walk(slot, emission.acts, whole=whole)
        if not self.stopped:
            self._compare_local_activities(slot, emission)

    def refusal_differs(self, task: int, recorded: str, emitted: str) -> None:
        """A noted refusal is not what the code says now. Nothing after it can be compared: it may have acted."""
        self._found("not_refused", task, None, Act.UPDATE_REFUSED.value, recorded=recorded, emitted=emitted)
        self.stopped = True

    def result(self, *, replayed: bool) -> Compared:
        """What was found. `replayed`: the replay came to its end."""
        if replayed and not self.stopped:
            if self._not_given is not None:
                self._part(*self._not_given, ())
            else:
                self._look_for_what_was_not_reached()
        return Compared(
            matched=self.matched,
            not_comparable=self.not_comparable,
            at_the_frontier=self.at_the_frontier,
            refusals=self.refusals,
            closed=self.expected.closed,
            torn=self.torn,
            differences=tuple(self.differences),
        )

    def _slot(self, started: int) -> Slot | None:
        """The task's slot. Where the history ends with a completed task, that is whose commands these are."""
        slot = self.expected.slots.get(started)
        if slot is None and self.expected.ends_with_task:
            last = self.expected.slots[self.expected.last_task]
            return None if last.visited else last
        return slot

    def _compare_local_activities(self, slot: Slot, emission: Emission) -> None:
        for command in emission.local_activities:
            marker = self._local_activities.pop(command.schedule_local_activity.seq, None)
            if marker is None:
                self._without_a_marker(slot)
                continue
            self.matched += 1
            if "input" not in marker.event.marker_recorded_event_attributes.details:
                self.not_comparable += 1
            self._gaps(slot, Act.LOCAL_ACTIVITY, marker.event, scheduling.local_activity_gaps(command, marker))
            if marker.event.event_group_markers:
                self._gaps(slot, Act.LOCAL_ACTIVITY, marker.event, scheduling.group_gaps(command, marker.event))

    def _without_a_marker(self, slot: Slot) -> None:
        """A task that ends while a local activity is under way is followed by another at once, in the same write."""
        if self._is_open(slot):
            self._tear(slot, Act.LOCAL_ACTIVITY)
        else:
            self.at_the_frontier += 1

    def _is_open(self, slot: Slot) -> bool:
        return slot.started == self.expected.last_task and self.expected.last_is_open

    def _tear(self, slot: Slot, act: Act) -> None:
        self.stopped = True
        self.torn = self.torn or (
            f"the history ends inside what workflow task {slot.started} left: "
            f"{act.value} should follow event {self.expected.events}"
        )

    def _walk(self, slot: Slot, given: Sequence[Emitted], *, whole: bool) -> None:
        recorded = slot.acts
        before = after = 0
        while before < len(recorded) and after < len(given):
            one, other = recorded[before], given[after]
            if one.act is Act.PATCH and not _is_patch_of(other, one):
                if one.deprecated:
                    # Its code is gone, as it may be.
                    before += 1
                    continue
                self._part(slot, recorded[before:], given[after:])
                return
            if one.act is not other.act:
                self._part(slot, recorded[before:], given[after:])
                return
            self.matched += 1
            self._gaps(slot, one.act, one.event, GAPS[one.act](self.course, other.command, one.event))
            if one.event.event_group_markers:
                self._gaps(slot, one.act, one.event, scheduling.group_gaps(other.command, one.event))
            before, after = before + 1, after + 1
        rest = [each for each in recorded[before:] if not each.deprecated]
        self._end_of_task(slot, rest, given[after:], whole=whole)

    def _end_of_task(self, slot: Slot, rest: Sequence[Recorded], extra: Sequence[Emitted], *, whole: bool) -> None:
        if rest and whole:
            self._part(slot, rest, ())
        elif rest:
            self._not_given = (slot, rest)
        elif extra and self._is_open(slot):
            self._tear(slot, extra[0].act)
        elif extra:
            self._part(slot, (), extra)

    def _part(self, slot: Slot, recorded: Sequence[Recorded], given: Sequence[Emitted]) -> None:
        """Say what is missing or extra where the two lists part, and stop."""
        self.stopped = True
        if not recorded:
            self._found("not_recorded", slot.started, None, given[0].act.value)
            return
        first = recorded[0]
        if not given:
            self._found("not_emitted", slot.started, first.event.event_id, first.act.value)
            return
        instead = given[0]
        if instead.act is Act.UPDATE_REFUSED and first.act is Act.UPDATE_ACCEPTED:
            said = in_words(instead.command.update_response.rejected.application_failure_info.type or "a failure")
            self._found("refused", slot.started, first.event.event_id, first.act.value, emitted=said)
        elif any(each.act is first.act for each in given[1 : LOOK_AHEAD + 1]):
            self._found("not_recorded", slot.started, first.event.event_id, instead.act.value, recorded=first.act.value)
        else:
            self._found("not_emitted", slot.started, first.event.event_id, first.act.value, emitted=instead.act.value)

    def _look_for_what_was_not_reached(self) -> None:
        for slot in self.expected.slots.values():
            if not slot.visited and slot.acts:
                first = slot.acts[0]
                self._found("not_reached", slot.started, first.event.event_id, first.act.value)
                return
        for marker in self._local_activities.values():
            self._found("not_emitted", 0, marker.event.event_id, Act.LOCAL_ACTIVITY.value)
            return

    def _gaps(self, slot: Slot, act: Act, event: HistoryEvent, gaps: Iterable[Gap]) -> None:
        for gap in gaps:
            self._found("differs", slot.started, event.event_id, act.value, gap.field, gap.recorded, gap.emitted)

    def _found(
        self,
        sort: str,
        task: int,
        event: int | None,
        act: str,
        field: str | None = None,
        recorded: str | None = None,
        emitted: str | None = None,
    ) -> None:
        if len(self.differences) < DIFFERENCES_AT_MOST:
            self.differences.append(
                Difference.model_validate(
                    {
                        "sort": sort, "task": task, "event": event, "act": act,
                        "field": field, "recorded": recorded, "emitted": emitted,
                    }
                )
            )  # fmt: skip


def _is_patch_of(given: Emitted, recorded: Recorded) -> bool:
    return given.act is Act.PATCH and given.command.set_patch_marker.patch_id == recorded.patch
