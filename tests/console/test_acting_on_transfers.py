"""What `nom act` fills in where a person asks another force to take a case: the law and the pack that hold there."""

from datetime import UTC, datetime
from typing import cast

import pytest

from nom.console.acting import asked, request_for
from nom.console.drafts import opening_for
from nom.console.forces import UnknownForce
from nom.console.scenario.runner import Ledgers
from nom.contracts.every_process import Jurisdiction, Opening

AT = datetime(2026, 7, 27, 9, tzinfo=UTC)
WELSH = opening_for("WAL", AT, brought_in=True, force="NWP")


class OneCase:
    """Ledgers that know one case of North Wales, which is being brought in."""

    async def opening(self, _case: str) -> tuple[Opening, bool]:
        return WELSH, True


async def opening_of(process: str, command: str, *typed: str) -> Opening:
    wanted = asked(f"nwp/26-1/{process}", command, typed, "superintendent-detective-1", at=AT, reason="they live there")
    made = await request_for(wanted, cast("Ledgers", OneCase()), jurisdiction=None, brought_in=False)
    opening = made.command.opening
    assert isinstance(opening, Opening)
    return opening


async def test_a_transfer_is_opened_under_the_law_and_the_pack_of_the_receiver() -> None:
    found = await opening_of("case", "RequestTransfer", "to=MER")
    assert found == opening_for("ENG", AT, brought_in=True, force="MER")


async def test_the_agency_keeps_the_law_of_the_case_and_has_a_pack_of_its_own() -> None:
    found = await opening_of("case", "RequestTransfer", "to=NCA")
    assert found.jurisdiction is Jurisdiction.WALES
    assert found.policy.version.startswith("nca-")


async def test_a_referral_that_goes_to_another_force_is_opened_as_that_force_s() -> None:
    found = await opening_of("referral-1", "Route", "to=transfer", "force=MER")
    assert found == opening_for("ENG", AT, brought_in=True, force="MER")
    assert await opening_of("referral-1", "Route", "to=triage") == WELSH


async def test_a_force_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownForce, match="XYZ"):
        await opening_of("case", "RequestTransfer", "to=XYZ")
