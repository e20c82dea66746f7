"""The ladder of a missed deadline: who is told first, and when the next one is. Tells nobody: the events do."""

from datetime import datetime, timedelta

from nom.contracts.policy.pack import PolicyPack

NOBODY_NAMED = "supervising_officer"
"""Whom a missed deadline goes to where its rule names nobody (ours)."""


def first_rung(policy: PolicyPack, rule_id: str) -> str:
    """The role that is told first."""
    ladder = policy.clock(rule_id).escalation
    return ladder[0] if ladder else NOBODY_NAMED


def next_rung(policy: PolicyPack, rule_id: str, told: str, at: datetime) -> datetime | None:
    """When the role above the one that was told is told; None where nobody stands above it. Hours that pass, across a
    clock change.
    """
    above = policy.clock(rule_id).escalation[:-1]
    return at + timedelta(hours=policy.ladder(rule_id).hours) if told in above else None
