"""The model that pandoc makes a DOCX or an ODT after: its own, on A4, each page with the title and its number."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from xml.sax.saxutils import escape

import pypandoc

from socle.text import without_controls

type Parts = dict[str, str]

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SECTION = """<w:sectPr><w:footerReference w:type="default" r:id="rIdFooter"/>\
<w:footnotePr><w:numRestart w:val="eachSect"/></w:footnotePr><w:pgSz w:w="11906" w:h="16838"/>\
<w:pgMar w:top="1304" w:right="1417" w:bottom="1304" w:left="1417" w:header="709" w:footer="624" w:gutter="0"/>\
</w:sectPr>"""
FOOTER = """<?xml version="1.0" encoding="UTF-8"?>
<w:ftr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{title}{foot}</w:ftr>"""
LINE = """<w:p><w:pPr><w:tabs><w:tab w:val="right" w:pos="9072"/></w:tabs><w:spacing w:before="0" w:after="0"/>\
</w:pPr>{runs}</w:p>"""
RUN = '<w:r><w:rPr><w:color w:val="44525F"/><w:sz w:val="18"/></w:rPr>{of}</w:r>'
# A field that both count by themselves when a page is laid out; Word asks no question about these two.
FIELD = '<w:fldSimple w:instr=" {name} ">{run}</w:fldSimple>'
# Of a note, as close and as small as on paper: a passage may have fifty.
NOTES = """<w:name w:val="Footnote Text"/><w:basedOn w:val="Normal"/><w:uiPriority w:val="9"/><w:qFormat/>\
<w:pPr><w:spacing w:after="40"/></w:pPr><w:rPr><w:sz w:val="20"/></w:rPr></w:style>"""
ODT_STYLE = """<style:style style:name="MP1" style:family="paragraph" style:parent-style-name="Footer">\
<style:paragraph-properties><style:tab-stops><style:tab-stop style:position="16cm" style:type="right"/>\
</style:tab-stops></style:paragraph-properties>\
<style:text-properties fo:font-size="9pt" fo:color="#44525f"/></style:style>"""
ODT_FOOTER = """<style:footer><text:p text:style-name="MP1">{title}</text:p><text:p text:style-name="MP1">{foot}\
<text:tab/>page <text:page-number text:select-page="current">1</text:page-number> sur \
<text:page-count>1</text:page-count></text:p></style:footer>"""


def model(to: str, title: str, foot: str) -> bytes:
    """For pandoc's `--reference-doc`."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        said = (escape(without_controls(text)) for text in (title, foot))
        for name, part in MODELS[to](_parts(to), *said).items():
            made.writestr(name, part)
    return content.getvalue()


@cache
def _parts(to: str) -> Mapping[str, str]:
    """Pandoc's own model; each of its parts is text, in the order in which they must stay."""
    command = [pypandoc.get_pandoc_path(), "--print-default-data-file", f"reference.{to}"]
    given = subprocess.run(command, capture_output=True, env={}, timeout=60, check=True).stdout
    with zipfile.ZipFile(io.BytesIO(given)) as parts:
        return {name: parts.read(name).decode() for name in parts.namelist()}


def _docx(parts: Mapping[str, str], title: str, foot: str) -> Parts:
    pages = [RUN.format(of='<w:tab/><w:t xml:space="preserve">page </w:t>'), _field("PAGE"), _words(" sur ")]
    runs = "".join([_words(foot), *pages, _field("NUMPAGES")])
    relation = f'<Relationship Type="{RELATION}/footer" Id="rIdFooter" Target="footer1.xml"/>'
    return dict(parts) | {
        "word/footer1.xml": FOOTER.format(title=LINE.format(runs=_words(title)), foot=LINE.format(runs=runs)),
        "word/document.xml": _changed(parts["word/document.xml"], r"<w:sectPr>.*</w:sectPr>", SECTION),
        "word/styles.xml": _changed(parts["word/styles.xml"], r'(?<=w:styleId="FootnoteText">).*?</w:style>', NOTES),
        "word/_rels/document.xml.rels": _before(parts["word/_rels/document.xml.rels"], "</Relationships>", relation),
        "[Content_Types].xml": _before(
            parts["[Content_Types].xml"],
            "</Types>",
            f'<Override PartName="/word/footer1.xml" ContentType="{WORD}"/>',
        ),
    }


def _words(text: str) -> str:
    return RUN.format(of=f'<w:t xml:space="preserve">{text}</w:t>')


def _field(name: str) -> str:
    return FIELD.format(name=name, run=_words("1"))


def _odt(parts: Mapping[str, str], title: str, foot: str) -> Parts:
    styles = _changed(
        parts["styles.xml"], r"<style:footer>.*</style:footer>", ODT_FOOTER.format(title=title, foot=foot)
    )
    styles = _changed(styles, r'<style:style style:name="MP1".*?</style:style>', ODT_STYLE)
    styles = _changed(
        styles, r'fo:page-width="8.5in"\s+fo:page-height="11in"', 'fo:page-width="21cm" fo:page-height="29.7cm"'
    )
    styles = _changed(
        styles, r'fo:margin-left="1in"\s+fo:margin-right="1in"', 'fo:margin-left="2.5cm" fo:margin-right="2.5cm"'
    )
    return dict(parts) | {"styles.xml": styles}


def _changed(part: str, pattern: str, by: str) -> str:
    """Raises ValueError where pandoc's model is not the one that is known: a page without its number is not made."""
    changed, times = re.subn(pattern, lambda _: by, part, flags=re.DOTALL)
    if times != 1:
        raise ValueError(f"{pattern} is {times} times in the model of pandoc")
    return changed


def _before(part: str, end: str, more: str) -> str:
    return _changed(part, re.escape(end), more + end)


MODELS: dict[str, Callable[[Mapping[str, str], str, str], Parts]] = {"docx": _docx, "odt": _odt}
