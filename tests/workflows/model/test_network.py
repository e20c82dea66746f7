import pytest
from hypothesis import given
from hypothesis import strategies as st

from nom.workflows.model.network import network_test

PERSONS = st.sampled_from(
    ["suspect-1", "suspect-2", "suspect-3", "person-1", "child-1", "victim-1", "unidentified", "unidentified-2"]
)
LINKS = st.lists(st.tuples(PERSONS, PERSONS), max_size=8)


def test_two_linked_suspects_are_a_network() -> None:
    answer = network_test([("suspect-1", "suspect-2")], 2)
    assert (answer.met, answer.persons, answer.unidentified) == (True, ("suspect-1", "suspect-2"), 0)


def test_somebody_unidentified_counts() -> None:
    answer = network_test([("suspect-2", "unidentified")], 2)
    assert (answer.met, answer.persons, answer.unidentified) == (True, ("suspect-2",), 1)


def test_no_link_is_no_network() -> None:
    assert not network_test([], 2).met


@pytest.mark.parametrize("other", ["child-1", "victim-1", "reporter-1", "suspect-1"])
def test_a_link_to_a_child_a_victim_a_reporter_or_oneself_makes_no_network(other: str) -> None:
    assert not network_test([("suspect-1", other)], 2).met


def test_pairs_that_share_nobody_do_not_make_a_network_of_three() -> None:
    assert not network_test([("suspect-1", "suspect-2"), ("suspect-3", "person-1")], 3).met


def test_a_later_link_joins_two_pairs() -> None:
    pairs = [("suspect-1", "suspect-2"), ("suspect-3", "person-1"), ("suspect-2", "person-1")]
    assert network_test(pairs, 4).persons == ("person-1", "suspect-1", "suspect-2", "suspect-3")


@given(links=LINKS, more=LINKS)
def test_a_further_link_never_unmakes_a_network(links: list[tuple[str, str]], more: list[tuple[str, str]]) -> None:
    assert not network_test(links, 2).met or network_test([*links, *more], 2).met


@given(links=LINKS, minimum=st.integers(2, 4))
def test_the_order_and_direction_of_links_do_not_matter(links: list[tuple[str, str]], minimum: int) -> None:
    turned = [(other, one) for one, other in reversed(links)]
    assert network_test(links, minimum) == network_test(turned, minimum)
