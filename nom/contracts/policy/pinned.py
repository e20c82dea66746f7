"""Content that others refer to by its digest: computed once, and never carried over to a copy that says otherwise."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

from nom.contracts.base import Contract, sha256_hex


class Pinned(Contract):
    """A contract that knows the digest of its content and keeps lookups beside its fields."""

    @cached_property
    def content_digest(self) -> str:
        """SHA-256 of the canonical form, in hexadecimal."""
        return sha256_hex(self.canonical())

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy, checked like any new content and with a digest of its own. Raises `pydantic.ValidationError`.

        A plain copy would take the cached digest and lookups along, and so vouch for content that it does not have.
        """
        copy = super().model_copy(update=update, deep=deep)
        return self.model_validate({name: getattr(copy, name) for name in type(self).model_fields})
