"""Who has enhanced rights under the Victims' Code, and so the shorter time to be told. Knows no process."""

from nom.contracts.policy.pack import PolicyPack
from nom.contracts.subjects import Subject


def has_enhanced_rights(victim: Subject, policy: PolicyPack) -> bool:
    """Whether a victim is under the age of the pack's threshold `enhanced_rights_under_age` (VC2). A reference to a
    child whose age is not known is under it.
    """
    if victim.age is None:
        return victim.is_under_18
    return victim.age < policy.thresholds.enhanced_rights_under_age


def notice_rule(rule: str, victim: Subject, policy: PolicyPack) -> str:
    """The rule by which a victim is told: `VC1`, or `VC1-enhanced`."""
    return f"{rule}-enhanced" if has_enhanced_rights(victim, policy) else rule
