"""Files as people bring them, and as somebody hostile would: what the tests of documents, papers and cahiers share."""

import io
from typing import Any

import typst
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject


def image(kind: str = "JPEG", size: tuple[int, int] = (60, 80), **saved: Any) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(content, kind, **saved)
    return content.getvalue()


def pdf(text: str = "Notre position.", pages: int = 1, title: str = "Un cahier", author: str = "Alice Secret") -> bytes:
    """A tagged PDF with its title and who made it."""
    source = f'#set document(title: "{title}", author: "{author}")\n#set text(lang: "fr")\n= {title}\n{text}'
    source += "\n#pagebreak()\nsuite" * (pages - 1)
    return typst.compile(source.encode(), pdf_standards=["ua-1"])


def pdf_with(change: Any) -> bytes:
    """The same, after `change(writer)`."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    change(writer)
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def names(**entries: Any) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in entries.items()})


def acts(kind: str, **entries: Any) -> Any:
    """A change that gives the document an action when it opens."""

    def change(writer: PdfWriter) -> None:
        writer.root_object[NameObject("/OpenAction")] = names(S=NameObject(f"/{kind}"), **entries)

    return change


def annotates(subtype: str) -> Any:
    def change(writer: PdfWriter) -> None:
        writer.pages[0][NameObject("/Annots")] = ArrayObject([names(Subtype=NameObject(f"/{subtype}"))])

    return change


HOSTILE_PDF = {
    "javascript": pdf_with(acts("JavaScript", JS=TextStringObject("app.alert(1)"))),
    "launch": pdf_with(acts("Launch", F=TextStringObject("calc.exe"))),
    "submit": pdf_with(acts("SubmitForm", F=TextStringObject("https://example.org/"))),
    "link that runs": pdf_with(acts("URI", URI=TextStringObject("javascript:alert(1)"))),
    "attachment": pdf_with(lambda writer: writer.add_attachment("a.exe", b"MZ")),
    "attached note": pdf_with(annotates("FileAttachment")),
    "video": pdf_with(annotates("RichMedia")),
    "xfa": pdf_with(
        lambda writer: writer.root_object.__setitem__(
            NameObject("/AcroForm"), names(XFA=TextStringObject("<xdp/>"), Fields=ArrayObject())
        )
    ),
}


def upload(content: bytes, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/octet-stream")


def taken(response: Any) -> bytes:
    """The bytes of a file sent by the portal, its file closed (response.close() would close the database too)."""
    content = b"".join(response.streaming_content)
    for close in response._resource_closers:
        close()
    return content
