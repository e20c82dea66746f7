"""The common ground of every contract: frozen, closed, canonical. Never mints an id or a time."""

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any, cast

import rfc8785
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints


def _in_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment in the world: aware on the way in, UTC from then on."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
"""Words that a person wrote: never empty."""

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256, in lower-case hexadecimal."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,79}$")]
"""A name for machines: lower case, no spaces, no personal data."""


class Contract(BaseModel):
    """A fact or request. Unknown fields are an error, not a surprise; nothing is changed once made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def canonical(self) -> bytes:
        """The one way to write this contract down: RFC 8785 canonical JSON, UTF-8."""
        return canonical_bytes(self.model_dump(mode="json"))

    def fingerprint(self) -> str:
        """SHA-256 of the canonical form, in hexadecimal."""
        return sha256_hex(self.canonical())


def canonical_bytes(value: object) -> bytes:
    """RFC 8785 bytes of plain JSON data. Raises `rfc8785.CanonicalizationError` on what JSON can't hold."""
    return rfc8785.dumps(cast("Any", value))


def sha256_hex(data: bytes) -> str:
    """SHA-256 of the bytes, in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()
