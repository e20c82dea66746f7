"""The lexicon: what it finds in a text, what it lets pass, and what makes a lexicon that can't be used."""

import pytest
from pydantic import ValidationError

from nom.contracts.policy.lexicon import Lexicon, LexiconTerm
from nom.contracts.policy.loader import all_packs
from nom.contracts.policy.pack import PolicyPack

LEXICON = all_packs()[0].lexicon
every_pack = pytest.mark.parametrize("pack", all_packs(), ids=lambda pack: pack.version)
TERM: dict[str, object] = {"code": "cold", "forms": ["cold"], "why": "it is not", "instead": "warm"}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("She is a child prostitute.", ["sex-as-trade"]),
        ("PROSTITUTION", ["sex-as-trade"]),
        ("two prostitutes' statements", ["sex-as-trade"]),
        ("the child's lifestyle choices", ["own-choice"]),
        ("street-wise and  streetwise", ["worldly-wise"]),
        ("risky\nbehaviour", ["own-risk"]),
        ("placing himself at risk, and promiscuous", ["judged-conduct", "own-risk"]),
        ("pro\u00adstitute", ["sex-as-trade"]),
        ("\uff41ttention seeking", ["signs-dismissed"]),
        ("a child_prostitute", ["sex-as-trade"]),
        ("He says that she consented.", ["consent"]),
    ],
)
def test_a_term_is_found_by_whole_words_in_any_of_its_forms(text: str, codes: list[str]) -> None:
    assert list(LEXICON.found_in(text)) == codes


@pytest.mark.parametrize(
    "text",
    [
        "reprostituted",
        "the consent of the parents",
        "consentingly",
        "put the car at risk",
        "a risk to herself",
        "the lawyer asked for it",
        "attention to seeking help",
        "",
    ],
)
def test_what_only_looks_like_a_term_is_let_pass(text: str) -> None:
    assert LEXICON.found_in(text) == ()


@pytest.mark.parametrize("text", ["non-consenting", "not consenting", "never consented", "a non consensual act"])
def test_what_says_the_opposite_is_let_pass(text: str) -> None:
    assert LEXICON.found_in(text) == ()
    assert LEXICON.found_in(f"{text}, he calls it consensual") == ("consent",)


@every_pack
def test_every_term_says_why_and_what_to_write_instead_which_holds_no_term(pack: PolicyPack) -> None:
    for term in pack.lexicon.terms:
        assert term.why
        assert pack.lexicon.found_in(term.instead) == ()
        assert pack.lexicon.found_in(term.code) == ()
        assert pack.lexicon.term(term.code) == term


@every_pack
def test_every_form_as_it_is_written_is_found(pack: PolicyPack) -> None:
    for term in pack.lexicon.terms:
        for form in term.forms:
            words = " ".join(word.split("/")[-1] for word in form.split(" "))
            assert term.code in pack.lexicon.found_in(f"It was said: {words.upper()}!")


def lexicon(*terms: dict[str, object]) -> Lexicon:
    return Lexicon.model_validate({"version": "test-1", "basis": "ours", "confidence": "ours", "terms": list(terms)})


def test_a_lexicon_has_no_term_twice_and_a_term_excepts_only_what_it_holds() -> None:
    assert lexicon(TERM).found_in("so cold") == ("cold",)
    with pytest.raises(ValidationError, match="cold stands there more than once"):
        lexicon(TERM, TERM)
    with pytest.raises(ValidationError, match="holds no form of the term"):
        lexicon({**TERM, "unless": ["not warm"]})


@pytest.mark.parametrize("form", ["Cold", "cold ", "co.*ld", "cold//warm", "", "two  words"])
def test_a_form_is_plain_words(form: str) -> None:
    with pytest.raises(ValidationError):
        LexiconTerm.model_validate({**TERM, "forms": [form]})
