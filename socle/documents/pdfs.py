"""An organisation's PDF, before it is published: what could act is refused, who made it is taken out, its text stays.

It is not drawn again like a scan: its text, its headings and its tags are what a screen reader reads. It is written
again from what its pages use, so that earlier revisions, and whatever was added after its end, do not follow it.
What acts is refused rather than taken out: an organisation's document is published whole, or not at all.
Run in a process of its own (`apart`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

from socle.documents.kinds import RefusedFileError

MAX_PAGES = 200
MAX_OBJECTS = 200_000
LINKS = ("http", "https", "mailto", "tel", "")

CODE = "du code (JavaScript)"
FILES = "des fichiers joints"
MEDIA = "du son, de la vidéo ou un objet animé"
ELSEWHERE = "une action qui ouvre ou envoie autre chose"
FORM = "un formulaire à remplir"
BY_KEY = {"/JS": CODE, "/JavaScript": CODE, "/EmbeddedFiles": FILES, "/EF": FILES, "/XFA": FORM}
BY_ACTION = {
    "/JavaScript": CODE,
    "/Rendition": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/RichMediaExecute": MEDIA,
    "/GoTo3DView": MEDIA,
    "/Launch": ELSEWHERE,
    "/SubmitForm": ELSEWHERE,
    "/ImportData": ELSEWHERE,
    "/ResetForm": FORM,
    "/GoToR": ELSEWHERE,
    "/GoToE": ELSEWHERE,
}
BY_SUBTYPE = {
    "/FileAttachment": FILES,
    "/RichMedia": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/Screen": MEDIA,
    "/3D": MEDIA,
}
# Made by whom and with what, page by page: programs hide whole drafts there.
TRACES = ("/PieceInfo", "/LastModified", "/Metadata")

XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>{claim}
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def clean(source: Path, target: Path) -> dict:
    """Write the document as it may be published; its pages, and what is said of its accessibility."""
    reader = PdfReader(source)
    if reader.is_encrypted:
        raise RefusedFileError("Ce PDF est protégé. Demandez à l’organisation de l’envoyer sans mot de passe.")
    count = len(reader.pages)
    if not 0 < count <= MAX_PAGES:
        raise RefusedFileError(f"Ce PDF a {count} pages ; un document publié en a {MAX_PAGES} au plus.")
    if found := what_acts(reader):
        raise RefusedFileError(
            f"Ce PDF contient {found} : il n’est pas publié ainsi. "
            "Demandez à l’organisation de l’imprimer de nouveau en PDF, sans cela, et de le renvoyer."
        )
    title = str(getattr(reader.metadata, "title", None) or "").strip()[:300]
    _rewrite(reader, target, title)
    root = reader.root_object
    marked = root.get("/MarkInfo")
    tagged = "/StructTreeRoot" in root and isinstance(marked, DictionaryObject) and bool(marked.get("/Marked"))
    return {"pages": count, "title": title, "tagged": tagged, "language": str(root.get("/Lang") or "")[:20]}


def _rewrite(reader: PdfReader, target: Path, title: str) -> None:
    claims_ua = _claims_ua(reader)
    # Before it is copied: what is taken out of a copy stays in its file, with nothing that leads to it.
    for holder in (reader.root_object, *reader.pages):
        for trace in TRACES:
            holder.pop(trace, None)
    writer = PdfWriter(clone_from=reader)
    writer.pdf_header = reader.pdf_header
    writer.metadata = {"/Title": title} if title else {}
    description = StreamObject()
    description.set_data(_xmp(title, claims_ua=claims_ua))
    description |= {NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")}
    writer.root_object[NameObject("/Metadata")] = writer._add_object(description)  # noqa: SLF001 (pypdf has no other)
    writer.write(target)


def what_acts(reader: PdfReader) -> str:
    """What of the whole file could do something by itself, in words; empty where there is nothing."""
    waiting: list[Any] = [reader.trailer]
    seen: set[tuple[int, int]] = set()
    walked = 0
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if (one.idnum, one.generation) in seen:
                continue
            seen.add((one.idnum, one.generation))
            one = one.get_object()
        walked += 1
        if walked > MAX_OBJECTS:
            raise RefusedFileError("Ce PDF est trop compliqué pour être vérifié. Imprimez-le de nouveau en PDF.")
        if isinstance(one, DictionaryObject):
            if found := _acting(one):
                return found
            waiting.extend(one.raw_get(key) for key in one)
        elif isinstance(one, ArrayObject):
            waiting.extend(list.__iter__(one))
    return ""


def _acting(one: DictionaryObject) -> str:
    found = next((words for key, words in BY_KEY.items() if key in one), "")
    found = found or BY_ACTION.get(str(one.get("/S")), "") or BY_SUBTYPE.get(str(one.get("/Subtype")), "")
    if not found and "/URI" in one and urlsplit(str(one["/URI"]).strip()).scheme.lower() not in LINKS:
        return ELSEWHERE
    return found


def _claims_ua(reader: PdfReader) -> bool:
    """Whether the file says that it is PDF/UA; what it says of itself is kept, not proved."""
    metadata = reader.root_object.get("/Metadata")
    return metadata is not None and b"pdfuaid:part" in metadata.get_object().get_data()


def _xmp(title: str, *, claims_ua: bool) -> bytes:
    claim = "\n<pdfuaid:part>1</pdfuaid:part>" if claims_ua else ""
    return XMP.format(title=escape(title), claim=claim).encode()
