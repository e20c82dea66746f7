"""Which service carries what one process says to another: groups, cases, or the two sides of a transfer."""

import pytest

from nom.contracts.services import NCA, cases_endpoint, is_between_cases, transfers_endpoint
from nom.workers.engine_setup import endpoints_for

GROUP = "nca/group-0123456789ab/designation-1"
REVIEW = "nca/review-0123456789abcdef/closed-case-review-1"


@pytest.mark.parametrize(
    ("sender", "receiver", "between"),
    [
        ("nwp/26-1/case", "mer/from-nwp-1/case", True),
        ("nwp/26-1/custody-1", "mer/from-nwp-1/custody-1", True),
        ("nwp/26-1/case", "nca/from-nwp-1/case", True),
        ("nca/from-nwp-1/case", "nwp/26-1/case", True),
        ("nwp/26-1/case", GROUP, False),
        (GROUP, "nwp/26-1/case", False),
        ("nwp/26-1/case", REVIEW, False),
        (REVIEW, "nwp/26-1/case", False),
    ],
)
def test_a_hand_off_is_of_a_transfer_where_neither_side_is_a_group_or_review(
    sender: str, receiver: str, between: bool
) -> None:
    assert is_between_cases(sender, receiver) is between


def test_each_force_and_the_agency_has_an_endpoint_where_it_takes_cases_over() -> None:
    endpoints = endpoints_for(("nwp", "mer", NCA))
    assert {transfers_endpoint(name): name for name in ("nwp", "mer", NCA)}.items() <= endpoints.items()
    assert cases_endpoint(NCA) not in endpoints
    assert len(set(endpoints)) == 2 + 2 + 3
