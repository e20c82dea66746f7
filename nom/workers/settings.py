"""What a worker must be told: one namespace, one ledger, one engine. Read once, in the entry point."""

from collections.abc import Mapping

from pydantic import ValidationError

from nom.contracts.base import Contract, Slug


class WorkerSettings(Contract):
    """A worker's whole configuration. It holds the credentials of one namespace and one ledger, never of two."""

    namespace: Slug
    engine_address: str
    ledger_dsn: str
    sandboxed: bool = False
    """Run workflows in the SDK's sandbox: the test suite does; production need not, since the model is pure."""
    policy_overlays: str | None = None
    """A folder of forces' own overlays of the published packs, the same for all workers of a namespace."""


class SettingMissing(ValueError):
    """A setting is missing or malformed."""

    code = "setting_missing"


_VARIABLES = {
    "namespace": "NOM_NAMESPACE",
    "engine_address": "NOM_ENGINE_ADDRESS",
    "ledger_dsn": "NOM_LEDGER_DSN",
    "sandboxed": "NOM_SANDBOXED",
    "policy_overlays": "NOM_POLICY_OVERLAYS",
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
