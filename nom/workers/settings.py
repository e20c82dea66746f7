"""What a worker must be told: one namespace, one ledger, one engine. Read once, in the entry point."""

import base64
from collections.abc import Mapping
from typing import Final

from pydantic import SecretStr, ValidationError, field_validator

from nom.activities.trees import signer_name
from nom.contracts.base import Contract, Slug
from nom.contracts.note import Signer

SEED_BYTES: Final = 32


class WorkerSettings(Contract):
    """A worker's whole configuration. It holds the credentials of one namespace and one ledger, never of two."""

    namespace: Slug
    engine_address: str
    ledger_dsn: str
    sandboxed: bool = False
    """Run workflows in the SDK's sandbox: the test suite does; production need not, since the model is pure."""
    policy_overlays: str | None = None
    """A folder of forces' own overlays of the published packs, the same for all workers of a namespace."""
    signing_seed: SecretStr | None = None
    """The ledger's signing key: 32 bytes in base64url, kept where the database's administrator can't read it. Without
    one the worker signs no checkpoint of the ledger.
    """

    @field_validator("signing_seed")
    @classmethod
    def _is_a_seed(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            seed_of(value.get_secret_value())
        return value

    def signer(self) -> Signer | None:
        """Who signs this namespace's checkpoints; None where the worker has no key."""
        if self.signing_seed is None:
            return None
        return Signer(signer_name(self.namespace), seed_of(self.signing_seed.get_secret_value()))


def seed_of(text: str) -> bytes:
    """The 32 bytes of a signing key. Raises `ValueError` for anything else, without repeating it."""
    try:
        seed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        seed = b""
    if len(seed) != SEED_BYTES:
        msg = "a signing key is 32 bytes in base64url"
        raise ValueError(msg)
    return seed


class SettingMissing(ValueError):
    """A setting is missing or malformed."""

    code = "setting_missing"


_VARIABLES = {
    "namespace": "NOM_NAMESPACE",
    "engine_address": "NOM_ENGINE_ADDRESS",
    "ledger_dsn": "NOM_LEDGER_DSN",
    "sandboxed": "NOM_SANDBOXED",
    "policy_overlays": "NOM_POLICY_OVERLAYS",
    "signing_seed": "NOM_SIGNING_SEED",
}


def settings_from(environment: Mapping[str, str]) -> WorkerSettings:
    """Read the settings from `NOM_…` variables. Raises `SettingMissing`, naming each variable that is wrong."""
    given = {field: environment[name] for field, name in _VARIABLES.items() if name in environment}
    try:
        return WorkerSettings.model_validate(given)
    except ValidationError as error:
        wrong = sorted({_VARIABLES[str(problem["loc"][0])] for problem in error.errors(include_input=False)})
        msg = f"missing or malformed: {', '.join(wrong)}"
        raise SettingMissing(msg) from None
