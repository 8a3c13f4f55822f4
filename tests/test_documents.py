"""Files that staff bring in: judged by what they are, made again or checked, kept whole or not at all (T28, T31)."""

import io
import os
import re
import stat
import struct
import time
import zlib
from pathlib import Path

import pytest
from django.db import transaction
from PIL import Image
from pypdf import PdfReader, PdfWriter

from socle.documents import actions, apart
from socle.documents.actions import examine_pdf, forget, keep_pdf, keep_scan, purge
from socle.documents.files import download, path_of, storage
from socle.documents.kinds import RefusedFileError
from socle.documents.models import Document
from tests.factories import make_user
from tests.papers import HOSTILE_PDF, image, pdf, pdf_with, upload

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(tmp_path, settings):
    settings.DOCUMENT_STORAGE = tmp_path / "documents"


@pytest.fixture
def alice():
    return make_user(is_staff=True)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb() -> bytes:
    """A PNG of a few kilobytes that says it has 60,000 × 60,000 pixels."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


def encrypted() -> bytes:
    return pdf_with(lambda writer: writer.encrypt("secret"))


def nothing_is_left() -> bool:
    return not Document.objects.exists() and list(storage().iterdir()) == []


@pytest.mark.parametrize(
    ("content", "name", "media_type", "pages"),
    [
        (image(), "lettre.jpg", "image/jpeg", 1),
        (image(), "LETTRE.JPEG", "image/jpeg", 1),
        (image("PNG"), "lettre.png", "image/png", 1),
        (pdf(pages=2), "lettre.pdf", "application/pdf", 2),
    ],
)
def test_scan_is_kept_for_what_it_is(alice, content, name, media_type, pages):
    document = keep_scan(upload(content, name), alice)
    kept = path_of(document).read_bytes()
    assert (document.media_type, document.pages, document.size) == (media_type, pages, len(kept))
    assert kept != content
    assert stat.S_IMODE(storage().stat().st_mode) == 0o700
    assert [path.name for path in storage().iterdir()] == [document.path]


def test_a_scan_in_sixteen_bits_of_grey_keeps_its_greys(alice):
    sheet = Image.new("I;16", (3, 1))
    for column, level in enumerate((0, 30_000, 65_535)):
        sheet.putpixel((column, 0), level)
    content = io.BytesIO()
    sheet.save(content, "PNG")
    with Image.open(path_of(keep_scan(upload(content.getvalue(), "lettre.png"), alice))) as shown:
        assert [shown.getpixel((column, 0)) for column in range(3)] == [0, 117, 255]


def test_of_a_photograph_only_the_pixels_stay_and_they_stand_upright(alice):
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    exif[0x010F] = "Appareil-de-Alice"
    exif.get_ifd(0x8825)[1] = "N"
    document = keep_scan(upload(image(exif=exif, size=(60, 80)) + b"<script>alert(1)</script>", "photo.jpg"), alice)
    kept = path_of(document).read_bytes()
    with Image.open(io.BytesIO(kept)) as shown:
        assert shown.size == (80, 60)
        assert dict(shown.getexif()) == {}
    assert b"Alice" not in kept
    assert b"<script>" not in kept


def test_of_a_scanned_pdf_only_the_drawn_pages_stay(alice):
    document = keep_scan(upload(pdf("Un texte secret", title="Titre secret"), "scan.pdf"), alice)
    reader = PdfReader(path_of(document))
    assert reader.pages[0].extract_text() == ""
    assert len(reader.pages[0].images) == 1
    assert "/Title" not in (reader.metadata or {})


@pytest.mark.parametrize("name", HOSTILE_PDF)
def test_a_scan_keeps_nothing_that_acts(alice, name):
    document = keep_scan(upload(HOSTILE_PDF[name], "scan.pdf"), alice)
    kept = path_of(document).read_bytes()
    assert not re.search(rb"JavaScript|Launch|EmbeddedFile|URI|XFA|Submit|RichMedia", kept)


OTHERS = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "gif": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    "webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "zip": b"PK\x03\x04" + bytes(40),
    "pdf further on": b"<html>\n" + pdf(),
    "image before pdf": b"GIF89a\n" + pdf(),
}


@pytest.mark.parametrize("extension", ["pdf", "jpg", "png"])
@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS)
def test_another_kind_of_file_is_refused_whatever_its_name(alice, content, extension):
    with pytest.raises(RefusedFileError, match=r"n’est pas un PDF, un JPEG ou un PNG.*Enregistrez-le"):
        keep_scan(upload(content, f"scan.{extension}"), alice)
    assert nothing_is_left()


@pytest.mark.parametrize(
    ("content", "name"),
    [(image(), "scan.pdf"), (pdf(), "scan.jpg"), (image("PNG"), "scan.jpg"), (pdf(), "scan.pdf.exe"), (pdf(), "scan")],
)
def test_name_and_content_agree(alice, content, name):
    with pytest.raises(RefusedFileError, match="corrigez la fin de son nom"):
        keep_scan(upload(content, name), alice)
    assert nothing_is_left()


BROKEN = {
    "cut.jpg": image(size=(900, 900), quality=95)[:2000],
    "cut.png": image("PNG", size=(900, 900))[:200],
    "cut.pdf": pdf()[:900],
    "head.pdf": b"%PDF-1.7\n" + os.urandom(3000),
    "bomb.png": bomb(),
    "encrypted.pdf": encrypted(),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_refused_in_a_sentence(alice, name):
    with pytest.raises(RefusedFileError, match=r"ne peut pas être lu|trop grande"):
        keep_scan(upload(BROKEN[name], name), alice)
    assert nothing_is_left()


def test_an_image_too_large_is_refused_before_it_is_drawn(alice):
    content = io.BytesIO()
    Image.new("1", (8000, 8000)).save(content, "PNG")  # 64 million pixels in a few kilobytes
    with pytest.raises(RefusedFileError, match=r"trop grande.*300 points par pouce"):
        keep_scan(upload(content.getvalue(), "scan.png"), alice)
    assert nothing_is_left()


def test_an_empty_file_and_one_too_heavy_say_so(alice, monkeypatch):
    with pytest.raises(RefusedFileError, match="vide"):
        keep_scan(upload(b"", "scan.jpg"), alice)
    monkeypatch.setattr(actions, "SCAN_SIZE", 100)
    with pytest.raises(RefusedFileError, match="pèse plus"):
        keep_scan(upload(image(), "scan.jpg"), alice)
    assert nothing_is_left()


def test_too_many_pages_are_refused(alice):
    with pytest.raises(RefusedFileError, match=r"31 pages.*30 au plus"):
        keep_scan(upload(pdf(pages=31), "scan.pdf"), alice)
    assert nothing_is_left()


def test_a_large_page_is_drawn_at_a_size_of_ours(alice):
    def widen(writer: PdfWriter) -> None:
        writer.pages[0].mediabox.upper_right = (14_000, 14_000)

    document = keep_scan(upload(pdf_with(widen), "scan.pdf"), alice)
    assert max(PdfReader(path_of(document)).pages[0].images[0].image.size) <= 2480


def test_a_file_that_never_ends_is_given_up(alice, monkeypatch):
    monkeypatch.setattr(apart, "SECONDS", 0.001)
    with pytest.raises(RefusedFileError, match="ne peut pas être lu"):
        keep_scan(upload(image(), "scan.jpg"), alice)
    assert nothing_is_left()


def test_published_pdf_keeps_its_text_and_tags_and_loses_who_made_it(alice):
    kept = examine_pdf(upload(pdf("Notre position.", pages=2) + b"\nPK\x05\x06 trailing", "position.pdf"), alice)
    content = path_of(kept.document).read_bytes()
    reader = PdfReader(io.BytesIO(content))
    assert (kept.title, kept.tagged, kept.language, kept.document.pages) == ("Un cahier", True, "fr", 2)
    assert "Notre position." in reader.pages[0].extract_text()
    assert "/StructTreeRoot" in reader.root_object
    assert b"Secret" not in content
    assert b"trailing" not in content
    assert b"pdfuaid:part" in reader.root_object["/Metadata"].get_data()


@pytest.mark.parametrize("name", HOSTILE_PDF)
def test_a_pdf_that_acts_is_not_published(alice, name):
    with pytest.raises(RefusedFileError, match=r"Ce PDF contient .* il n’est pas publié ainsi"):
        keep_pdf(upload(HOSTILE_PDF[name], "position.pdf"), alice)
    assert nothing_is_left()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (encrypted(), "Ce PDF est protégé"),
        (pdf()[:900], "ne peut pas être lu"),
        (image(), "n’est pas un PDF, .* Enregistrez-le en PDF et"),
    ],
    ids=["encrypted", "cut", "image"],
)
def test_a_pdf_that_cannot_be_published_says_why(alice, content, sentence):
    with pytest.raises(RefusedFileError, match=sentence):
        keep_pdf(upload(content, "position.pdf"), alice)
    assert nothing_is_left()


def test_document_leaves_as_an_inert_attachment(alice):
    response = download(keep_pdf(upload(pdf(), "position.pdf"), alice), "DP11-4.pdf")
    assert response["Content-Disposition"] == 'attachment; filename="DP11-4.pdf"'
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    response.close()


def test_purge_takes_what_no_row_names_and_nothing_else(alice, django_capture_on_commit_callbacks):
    kept, forgotten = (keep_scan(upload(image(), "a.png".replace("png", "jpg")), alice) for _ in range(2))
    with django_capture_on_commit_callbacks(execute=True):
        forget(forgotten)
    orphan, working, young = storage() / "orphan", storage() / ".in-dead", storage() / "young"
    orphan.touch()
    working.mkdir()
    (working / "source").touch()
    hours_ago = time.time() - 2 * 3600
    for path in (orphan, working, path_of(kept)):
        os.utime(path, (hours_ago, hours_ago))
    young.touch()
    purge()
    assert {path.name for path in storage().iterdir()} == {kept.path, "young"}


def test_a_file_stays_when_its_row_does(alice):
    document = keep_scan(upload(image(), "a.jpg"), alice)
    with transaction.atomic():
        forget(Document.objects.get(pk=document.pk))
        transaction.set_rollback(True)
    assert path_of(document).is_file()
    assert Document.objects.filter(pk=document.pk).exists()


def test_front_proxy_lets_the_heaviest_file_through_and_waits_for_it():
    admin = (ROOT / "deploy" / "nginx.conf").read_text().split("location /admin/", 1)[1]
    body = int(re.search(r"client_max_body_size (\d+)m;", admin)[1])
    wait = int(re.search(r"proxy_read_timeout (\d+)s;", admin)[1])
    assert body * actions.MEGABYTE > max(actions.SCAN_SIZE, actions.PDF_SIZE) + actions.MEGABYTE
    assert wait > apart.SECONDS
