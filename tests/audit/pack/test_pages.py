"""The index in plain words: what people read, set as HTML and as PDF, from the records alone."""

from collections.abc import Sequence
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from nom.audit.pack.page import page_of
from nom.audit.pack.page_html import html_of
from nom.audit.pack.page_pdf import pdf_of
from nom.audit.pack.policies import rules_of
from nom.audit.pack.story import UNKNOWN, Story, story_of
from nom.contracts.envelope import StoredRecord
from tests.audit.pack.pages import part_of
from tests.console.recorded import CASE, RECEIVED, Process, a_referral
from tests.matters import note, on_referral, record_crime

WRITTEN = "words with <b>marks</b> & \u0175 \u202e signs"


def told(records: Sequence[StoredRecord]) -> Story:
    return story_of(records, rules_of(stored.record for stored in records).titles)


@pytest.fixture
def corrected() -> Process:
    """A referral whose crime was recorded late, with a note that was corrected."""
    referral = a_referral().take(record_crime(CASE, RECEIVED + timedelta(hours=30)), timedelta(days=3))
    referral.take(note(CASE, WRITTEN))
    wrong = {"type": "CorrectRecord", "wrong_seq": len(referral.stored), "correction": "it was the aunt"}
    request = on_referral(CASE, "duty-officer-1", wrong)
    return referral.take(request.model_copy(update={"reason": "she said so herself"}))


def test_a_correction_stands_beside_what_it_corrects(corrected: Process) -> None:
    ((entry, line),) = told(corrected.stored).corrected()
    assert WRITTEN in line.says
    assert entry.who == "duty-officer-1, duty officer"
    (correction,) = line.corrections
    assert correction.startswith("Corrected ")
    assert correction.endswith(": it was the aunt")


def test_a_missed_deadline_is_told_with_its_rule_and_what_was_awaited(corrected: Process) -> None:
    (missed,) = [item for item in told(corrected.stored).deadlines if item.was_missed]
    assert (missed.rule, missed.stands) == ("CR1", "met late")
    assert missed.awaits == "Crime recorded or N100 made (child-1)"
    lines = [line for entry in told(corrected.stored).entries for line in entry.lines if line.is_breach]
    assert [line.says.split(":")[0] for line in lines] == ["Deadline CR1 missed"]


def test_an_entry_typed_in_long_after_it_happened_says_when(corrected: Process) -> None:
    late = [entry for entry in told(corrected.stored).entries if entry.late]
    assert late[0].lines[0].says.startswith("Crime recorded")
    assert late[0].late == "entered 2026-03-06 15:20 GMT"


def test_a_record_that_nobody_can_put_into_words_is_told_as_such(corrected: Process) -> None:
    last = corrected.stored[-1]
    strange = last.record.model_copy(update={"payload": '{"type":"unheard_of.v1"}', "type": "unheard_of.v1"})
    story = told((*corrected.stored[:-1], last.model_copy(update={"record": strange})))
    assert story.entries[-1].lines[-1].says == f"{UNKNOWN} (unheard_of.v1)"
    assert [item.rule for item in story.deadlines if item.was_missed] == ["CR1"]


class Outline(HTMLParser):
    """What a screen reader meets: headings, tags, and every address."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in {"h1", "h2", "h3"}:
            self.headings.append(tag)


def test_the_page_is_whole_in_itself_and_has_a_title_a_language_and_headings_in_order(corrected: Process) -> None:
    page = html_of(page_of(CASE, [part_of(corrected.stored)], rules_of(each.record for each in corrected.stored)))
    outline = Outline()
    outline.feed(page.decode())
    tags = [tag for tag, _ in outline.tags]
    assert {"script", "img", "link", "iframe", "object", "base", "form"}.isdisjoint(tags)
    assert b"url(" not in page
    assert b"@import" not in page
    assert ("html", {"lang": "en-GB"}) in outline.tags
    assert tags.count("title") == tags.count("h1") == tags.count("main") == 1
    assert outline.headings[:2] == ["h1", "h2"]
    ids = {attributes["id"] for _, attributes in outline.tags if "id" in attributes}
    links = [str(attributes["href"]) for tag, attributes in outline.tags if tag == "a"]
    assert links
    assert {link.removeprefix("#") for link in links} <= ids
    assert all(attributes.get("scope") in {"col", "row"} for tag, attributes in outline.tags if tag == "th")
    assert tags.count("caption") == tags.count("table")


def test_what_people_wrote_is_text_on_the_page_and_no_markup(corrected: Process) -> None:
    page = html_of(page_of(CASE, [part_of(corrected.stored)], rules_of(each.record for each in corrected.stored)))
    assert "words with &lt;b&gt;marks&lt;/b&gt; &amp; ŵ" in page.decode()
    assert b"<b>marks" not in page


def test_the_pdf_is_the_same_for_the_same_page_and_takes_any_letter(corrected: Process) -> None:
    page = page_of(CASE, [part_of(corrected.stored)], rules_of(each.record for each in corrected.stored))
    first = pdf_of(page)
    assert first.startswith(b"%PDF-")
    assert first == pdf_of(page)


def test_a_page_without_records_is_set_as_well() -> None:
    page = page_of(CASE, [part_of(())], rules_of(()))
    assert b"None is recorded." in html_of(page)
    assert pdf_of(page).startswith(b"%PDF-")
