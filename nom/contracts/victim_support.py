"""Referring a victim to a service that supports victims: commands and events."""

from typing import ClassVar, Literal

from nom.contracts.base import Text
from nom.contracts.events import CommandBase, EventBase
from nom.contracts.ids import SubjectId


class ReferToSupport(CommandBase):
    """Refer a victim to a support service."""

    type: Literal["ReferToSupport"] = "ReferToSupport"
    victim: SubjectId
    service: Text


class RecordSupportDeclined(CommandBase):
    """A victim was told of support and wants no referral. They may still be referred later."""

    type: Literal["RecordSupportDeclined"] = "RecordSupportDeclined"
    victim: SubjectId


class VictimReferredToSupport(EventBase):
    """A victim was referred to a support service."""

    says: ClassVar[str] = "{victim} referred to support: {service}"
    type: Literal["victim_referred_to_support.v1"] = "victim_referred_to_support.v1"
    victim: SubjectId
    service: Text


class SupportDeclined(EventBase):
    """A victim wants no referral to a support service."""

    says: ClassVar[str] = "{victim} wants no referral to a support service"
    type: Literal["support_declined.v1"] = "support_declined.v1"
    victim: SubjectId


SupportCommand = ReferToSupport | RecordSupportDeclined
SupportEvent = VictimReferredToSupport | SupportDeclined
