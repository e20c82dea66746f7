"""Search attributes of a process: what the engine's own pages can be filtered by. No personal data, no content."""

from datetime import datetime
from typing import Any, NamedTuple

from temporalio.common import SearchAttributeUpdate

from nom.activities.attributes import BREACHED, NEXT_DUE, POLICY, STAGE
from nom.contracts.clocks import ClockStatus
from nom.workflows.model.process import ProcessState


class Shown(NamedTuple):
    """What the engine shows of a process at the moment."""

    stage: str | None = None
    policy: str | None = None
    next_due: datetime | None = None
    breached: int = 0


def shown_of(state: ProcessState) -> Shown:
    """What should be shown of a state."""
    running = [clock.due_at for clock in state.clocks if clock.status is ClockStatus.RUNNING and not clock.indicator]
    return Shown(
        stage=None if state.opening is None else ("open" if state.outcome is None else "ended"),
        policy=state.opening.policy.version if state.opening else None,
        next_due=min(running, default=None),
        breached=sum(clock.status is ClockStatus.BREACHED for clock in state.clocks),
    )


def changes(old: Shown, new: Shown) -> list[SearchAttributeUpdate[Any]]:
    """The updates that lead from one to the other."""
    updates: list[SearchAttributeUpdate[Any]] = []
    if new.stage is not None and new.stage != old.stage:
        updates.append(STAGE.value_set(new.stage))
    if new.policy is not None and new.policy != old.policy:
        updates.append(POLICY.value_set(new.policy))
    if new.next_due != old.next_due:
        updates.append(NEXT_DUE.value_unset() if new.next_due is None else NEXT_DUE.value_set(new.next_due))
    if new.breached != old.breached:
        updates.append(BREACHED.value_set(new.breached))
    return updates
