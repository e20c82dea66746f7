"""The index of a pack as PDF, the same bytes for the same page. A letter that its font lacks is written by its code."""

import io
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from nom.audit.pack.page import Page
from nom.audit.pack.story import Deadline, Entry

_REGULAR, _BOLD = "nom-regular", "nom-bold"
_GREY, _RED, _BROWN = colors.HexColor("#444444"), colors.HexColor("#a30000"), colors.HexColor("#8a4b00")
_BODY: Final = ParagraphStyle("body", fontName=_REGULAR, fontSize=9, leading=12.5, spaceAfter=3, splitLongWords=1)
_SMALL: Final = ParagraphStyle("small", _BODY, fontSize=7.5, leading=10, spaceAfter=0)
_BY: Final = ParagraphStyle("by", _BODY, textColor=_GREY, spaceBefore=5)
_BREACH: Final = ParagraphStyle("breach", _BODY, fontName=_BOLD, textColor=_RED)
_CORRECTION: Final = ParagraphStyle("correction", _BODY, leftIndent=10, textColor=_BROWN)
_TITLE: Final = ParagraphStyle("title", _BODY, fontName=_BOLD, fontSize=18, leading=22, spaceAfter=8)
_HEADING: Final = ParagraphStyle(
    "heading", _BODY, fontName=_BOLD, fontSize=13, leading=16, spaceBefore=14, keepWithNext=1
)
_DAY: Final = ParagraphStyle("day", _BODY, fontName=_BOLD, fontSize=10.5, leading=14, spaceBefore=8, keepWithNext=1)
_MARGIN: Final = 18 * mm
_WIDTH: Final = A4[0] - 2 * _MARGIN


@cache
def _letters() -> frozenset[int]:
    """The letters of the font, which comes with the library and is put into the file."""
    fonts = Path(reportlab.__file__).parent / "fonts"
    regular = TTFont(_REGULAR, str(fonts / "Vera.ttf"))
    for font in (regular, TTFont(_BOLD, str(fonts / "VeraBd.ttf"))):
        pdfmetrics.registerFont(font)
    face: Any = regular.face
    return frozenset(face.charToGlyph)


def pdf_of(page: Page) -> bytes:
    """The page, on A4."""
    _letters()
    written = io.BytesIO()
    document = SimpleDocTemplate(
        written,
        pagesize=A4,
        title=page.title,
        author="nom",
        lang="en-GB",
        invariant=1,
        **dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), _MARGIN),
    )
    document.build(list(_flow(page)), onFirstPage=_foot, onLaterPages=_foot)
    return written.getvalue()


def _foot(canvas: Canvas, document: Any) -> None:  # noqa: ANN401 - the library has no type for what it hands over
    canvas.setFont(_REGULAR, 7.5)
    canvas.drawCentredString(A4[0] / 2, _MARGIN / 2, f"{document.title}, page {canvas.getPageNumber()}")


def _words(text: str, style: ParagraphStyle = _BODY) -> Paragraph:
    letters = _letters()
    known = "".join(letter if ord(letter) in letters else f"[U+{ord(letter):04X}]" for letter in text)
    return Paragraph(escape(known), style)


def _flow(page: Page) -> Iterable[Flowable]:
    yield _words(page.title, _TITLE)
    yield _words(page.lead)
    headings = dict(page.contents())
    yield _words(headings["about"], _HEADING)
    yield _table((("", ""), *page.facts), (55 * mm, _WIDTH - 55 * mm))
    yield Spacer(1, 4)
    yield from (_words(words, _BREACH) for words in page.warnings)
    yield _words(headings["check"], _HEADING)
    yield from (_words(words) for words in page.checking)
    yield _words(headings["missed"], _HEADING)
    yield _deadlines(page.missed)
    yield _words(headings["corrections"], _HEADING)
    for entry, line in page.corrected:
        yield _words(f"{line.says} (record {line.seq} of {entry.stream}, {entry.day})")
        yield from (_words(words, _CORRECTION) for words in line.corrections)
    if not page.corrected:
        yield _words("None is recorded.")
    yield _words(headings["happened"], _HEADING)
    yield _words(page.order)
    for day, entries in page.days:
        yield _words(day, _DAY)
        for entry in entries:
            yield from _entry(entry)
    yield from _rest(page, headings)


def _rest(page: Page, headings: dict[str, str]) -> Iterable[Flowable]:
    yield _words(headings["deadlines"], _HEADING)
    yield _deadlines(page.deadlines)
    yield _words(headings["processes"], _HEADING)
    rows = [(item.stream, str(item.records), item.began, item.ended) for item in page.processes]
    widths = (60 * mm, 18 * mm, 40 * mm, _WIDTH - 118 * mm)
    yield _table((("Process", "Records", "Began", "How it stands"), *rows), widths)
    yield _words(headings["refused"], _HEADING)
    yield _listed(("When", "Process", "Asked", "By", "Why not"), page.refused, (24, 34, 28, 34, 0))
    yield _words(headings["shown"], _HEADING)
    yield _listed(("When", "Who", "For", "Process", "Up to"), page.shown, (30, 44, 34, 44, 0))
    for mark, lines in (("rules", page.rules), ("limits", page.limits)):
        yield _words(headings[mark], _HEADING)
        yield from (_words(f"– {words}") for words in lines)


def _entry(entry: Entry) -> Iterable[Flowable]:
    late = f" ({entry.late})" if entry.late else ""
    yield _words(f"{entry.time}, {entry.stream}: {entry.who}{late}", _BY)
    for line in entry.lines:
        yield _words(f"{line.says} (record {line.seq})", _BREACH if line.is_breach else _BODY)
        yield from (_words(words, _CORRECTION) for words in line.corrections)
    if entry.reason:
        yield _words(f"Reason given: {entry.reason}")


def _deadlines(items: Sequence[Deadline]) -> Flowable:
    if not items:
        return _words("None is recorded.")
    rows = [(item.rule, item.awaits, item.stream, item.due, item.stands, item.done or "not recorded") for item in items]
    widths = (17 * mm, 42 * mm, 35 * mm, 27 * mm, 27 * mm, _WIDTH - 148 * mm)
    return _table((("Rule", "Awaits", "Process", "Due", "How it stands", "Done"), *rows), widths)


def _listed(heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Flowable:
    """A table whose last column takes what the others, in millimetres, leave."""
    if not rows:
        return _words("None is noted.")
    fixed = [width * mm for width in widths[:-1]]
    return _table((heads, *rows), (*fixed, _WIDTH - sum(fixed)))


def _table(rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Table:
    """A table whose first row, if it says anything, is repeated on every page."""
    headed = any(rows[0])
    shown = [[_words(cell, _SMALL) for cell in row] for row in (rows if headed else rows[1:])]
    table = Table(shown, colWidths=list(widths), repeatRows=1 if headed else 0)
    style: list[Any] = [("GRID", (0, 0), (-1, -1), 0.4, colors.grey), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    if headed:
        style.append(("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#eeeeee")))
    table.setStyle(TableStyle(style))
    return table
