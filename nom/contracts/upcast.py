"""Events as they were first published, read as what is published today. It reads, and never changes a record.

A published event type stays as it was. Where more had to be said, a new version took its place, and the step from the
one to the other stands here for as long as a record of the old one may exist.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pydantic_core
from pydantic import TypeAdapter

from nom.contracts.base import Instant, canonical_bytes

Body = dict[str, Any]
Upcaster = Callable[[Body, str], Body]
"""From the body of one version, and the moment at which the record says that it happened, to that of the next."""

_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)


def _with_moment(next_type: str, field: str) -> Upcaster:
    """The next version names its moment, which the record named alone until then."""
    return lambda body, occurred_at: {**body, "type": next_type, field: occurred_at}


def _renamed(next_type: str) -> Upcaster:
    return lambda body, _occurred_at: {**body, "type": next_type}


UPCASTERS: Mapping[str, Upcaster] = MappingProxyType(
    {
        "tier_assigned.v1": _with_moment("tier_assigned.v2", "assigned_at"),
        "lro_appointed.v1": _with_moment("lro_appointed.v2", "appointed_at"),
        "four_p_plan_approved.v1": _with_moment("four_p_plan_approved.v2", "approved_at"),
        "victim_notified.v1": _with_moment("victim_notified.v2", "told_at"),
        "victims_told.v1": _renamed("victim_notified.v2"),
    }
)
"""By superseded event type: the one step to what took its place."""


def upcast(event_type: str, payload: str, occurred_at: datetime) -> str:
    """The event in today's version, as canonical JSON: the payload itself where it is of today's."""
    if event_type not in UPCASTERS:
        return payload
    body: Body = pydantic_core.from_json(payload)
    moment = _INSTANT.dump_python(occurred_at, mode="json")
    while body["type"] in UPCASTERS:
        body = UPCASTERS[body["type"]](body, moment)
    return canonical_bytes(body).decode()
