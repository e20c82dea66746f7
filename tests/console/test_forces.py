import pytest

from nom.console.forces import UnknownForce, every_force, forces_from, jurisdiction_of


def test_a_new_folder_serves_every_force() -> None:
    assert forces_from(None, ()) == every_force()
    assert len(every_force()) == 44
    assert "NCA" not in every_force()


def test_a_folder_keeps_its_forces_whatever_is_asked_for_later() -> None:
    assert forces_from(None, ("gmp", "nca")) == ("GMP",)
    assert forces_from("wyp, gmp", ("gmp", "nfk", "nca")) == ("GMP", "NFK", "WYP")
    assert forces_from("all", ("gmp",)) == every_force()


@pytest.mark.parametrize("typed", ["GPM", ",", "gmp;wyp"])
def test_a_force_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(UnknownForce):
        forces_from(typed, ())


def test_whose_law_applies_is_the_forces_own_unless_it_serves_both() -> None:
    assert jurisdiction_of("gmp", None) == "ENG"
    assert jurisdiction_of("NWP", None) == "WAL"
    assert jurisdiction_of("BTP", "WAL") == "WAL"
    with pytest.raises(UnknownForce, match="England and Wales"):
        jurisdiction_of("BTP", None)
