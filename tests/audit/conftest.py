"""A matter on the running stack that the tests of replaying read and do not change."""

import pytest

from nom.audit.replay import FetchedHistory, histories_of
from nom.console.access import Access
from nom.contracts.ids import namespace_of
from tests.matters import a_matter, acknowledge, ago, handed_on, receive


@pytest.fixture(scope="session")
async def matter(access: Access) -> str:
    """A matter with a referral of several commands, and so a case."""
    case = a_matter()
    await access.client.submit(receive(case, ago(hours=3), brought_in=True))
    await access.client.submit(acknowledge(case, ago(hours=2)))
    await handed_on(await access.reader(namespace_of(case)), case)
    return case


@pytest.fixture(scope="session")
async def referral(matter: str, access: Access) -> FetchedHistory:
    """The history of its referral."""
    (history,) = await histories_of(await access.client.engine(namespace_of(matter)), f"{matter}/referral-1")
    return history
