"""Whose bail periods hold for an arrest: the command and events of custody about that. Moments are UTC."""

from typing import ClassVar, Literal

from nom.contracts.base import Instant, Text
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.policy.rules import BailCondition, BailRegime


class ChangeBailRegime(CommandBase):
    """Other bail periods hold from now on: the case was handed over between a force and the National Crime Agency, or
    the Director of Public Prosecutions designated it as exceptionally complex (PACE s47ZE). Given by a person, with the
    reason, or by the case through a hand-off.
    """

    type: Literal["ChangeBailRegime"] = "ChangeBailRegime"
    regime: BailRegime


class BailRegimeChanged(EventBase):
    """Other bail periods hold. Both are the same where the case tells what a person had entered already."""

    says: ClassVar[str] = "Bail regime: {after} (before: {before})"
    type: Literal["bail_regime_changed.v1"] = "bail_regime_changed.v1"
    before: BailRegime
    after: BailRegime
    changed_at: Instant


class BailAuthorityRecorded(EventBase):
    """On what an extension of bail rests beside the rank: the court that decided, the conditions that were confirmed.
    `authorised_by` is the policy's clock under which bail then runs.
    """

    says: ClassVar[str] = "Extension of bail ({authorised_by}) rests on: court {court}; confirmed {confirmed}"
    type: Literal["bail_authority_recorded.v1"] = "bail_authority_recorded.v1"
    authorised_by: str
    court: Text | None
    confirmed: tuple[BailCondition, ...]
