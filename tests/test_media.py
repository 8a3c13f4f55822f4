"""Photographs and recordings: drawn again, published once their rights are checked, gone at once when taken down."""

from __future__ import annotations

import gzip
import io
import random
import re
from pathlib import Path

import pytest
from django.conf import settings as portal_settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from consultation.actions import media as actions
from consultation.choices import RencontreState
from consultation.models import Media, Venue
from socle.documents.files import storage
from socle.documents.models import Document
from socle.documents.scans import PHOTO_SIDE, THUMBNAIL_BYTES
from socle.pagecache.store import store
from tests.factories import (
    local,
    make_animation,
    make_identity,
    make_inscription,
    make_role,
    make_seance,
    make_user,
)
from tests.papers import HOSTILE_PDF, image, pdf, upload
from tests.staying import make_photo, make_recording, over
from tests.test_documents import bomb

pytestmark = pytest.mark.django_db
SAID = {"alternative": "Huit personnes autour d’une table.", "credit": "Photographie : la Région"}
STATIC = Path(portal_settings.BASE_DIR, "static")
FIRST_VIEW = 14_600  # bytes (design §8)


@pytest.fixture(autouse=True)
def own_storage(tmp_path, settings):
    settings.DOCUMENT_STORAGE = tmp_path / "documents"


@pytest.fixture
def organiser(client):
    """The organisateur of an atelier, who holds no role on its démarche; and a séance of yesterday."""
    seance = make_seance(starts_at=local(-1))
    client.user = make_animation(atelier=seance.atelier).user
    client.force_login(client.user)
    return client, seance.rencontre


def flat(answer) -> str:
    return " ".join(answer.content.decode().replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ").split())


def page(rencontre, media: Media | None = None) -> str:
    name, args = ("image", [rencontre.pk, media.pk]) if media else ("images", [rencontre.pk])
    return reverse(f"admin:consultation_rencontre_{name}", args=args)


def put_in(client, rencontre, content: bytes, name: str, **said):
    form = {f"photo-{field}": value for field, value in (SAID | said).items()}
    return client.post(page(rencontre), form | {"photo-photo": upload(content, name)})


def opened(document: Document) -> Image.Image:
    return Image.open(io.BytesIO((storage() / document.path).read_bytes()))


def with_place() -> bytes:
    """A photograph of a telephone: where, when, by which, turned on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned
    exif[0x010F] = "Téléphone d’Alice"
    exif.get_ifd(0x8825).update({1: "N", 2: (50.0, 37.0, 0.0), 3: "E", 4: (3.0, 3.0, 0.0)})
    return image(size=(80, 60), exif=exif.tobytes(), comment=b"Alice Dupont")


def noise(width: int = 900, height: int = 1200) -> bytes:
    """What compresses worst: a crowd, leaves."""
    drawn = Image.frombytes("RGB", (width // 6, height // 6), random.Random(7).randbytes(width * height // 12))
    content = io.BytesIO()
    drawn.resize((width, height)).save(content, "PNG")
    return content.getvalue()


def test_a_photograph_is_kept_without_its_place_upright_and_unseen(organiser):
    client, rencontre = organiser
    answer = put_in(client, rencontre, with_place(), "IMG_0042.JPG")
    [media] = Media.objects.all()
    assert answer["Location"] == page(rencontre, media)
    for document in (media.document, media.thumbnail):
        content, drawn = (storage() / document.path).read_bytes(), opened(document)
        assert (drawn.format, drawn.size) == ("JPEG", (60, 80))
        assert not drawn.getexif() and "exif" not in drawn.info and "comment" not in drawn.info
        assert b"Alice" not in content
    assert media.published_at is None
    for address in (f"{media.pk}.jpg", f"{media.pk}/vignette.jpg"):
        assert client.get(f"/rencontres/{rencontre.pk}/images/{address}").status_code == 404
    staff = client.get(f"{page(rencontre, media)}image.jpg")
    assert (staff["Content-Type"], staff["Cache-Control"]) == ("image/jpeg", "private, no-store")


def test_a_large_png_becomes_a_jpeg_of_a_reasonable_size(organiser):
    client, rencontre = organiser
    put_in(client, rencontre, noise(1800, 1200), "foule.png")
    [media] = Media.objects.all()
    drawn = opened(media.document)
    assert (drawn.format, max(drawn.size)) == ("JPEG", PHOTO_SIDE)
    assert media.thumbnail.size <= THUMBNAIL_BYTES


def test_sixteen_bits_and_transparency_are_brought_down_to_what_browsers_show(organiser):
    client, rencontre = organiser
    grey, clear = io.BytesIO(), io.BytesIO()
    Image.new("I;16", (40, 30), 30_000).save(grey, "PNG")
    Image.new("RGBA", (40, 30), (0, 0, 0, 0)).save(clear, "PNG")
    for content in (grey, clear):
        put_in(client, rencontre, content.getvalue(), "image.png")
    first, second = (opened(row.document) for row in Media.objects.order_by("pk"))
    assert first.convert("L").getpixel((5, 5)) == pytest.approx(117, abs=2)
    assert second.convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def test_what_hides_behind_an_image_is_not_kept(organiser):
    client, rencontre = organiser
    put_in(client, rencontre, image() + b"<script>alert(1)</script>PK\x03\x04", "photo.jpg")
    [media] = Media.objects.all()
    assert b"script" not in (storage() / media.document.path).read_bytes()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "photo.svg"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "photo.jpg"),
        (b"GIF89a<script>alert(1)</script>", "photo.gif"),
        (pdf(), "photo.pdf"),
        (HOSTILE_PDF["javascript"], "photo.jpg"),
        (image("PNG"), "photo.jpg"),
        (image()[:300], "photo.jpg"),
        (b"\xff\xd8\xff" + b"\0" * 4000, "photo.jpg"),
        (bomb(), "photo.png"),
        (b"", "photo.jpg"),
        (b"\xff\xd8\xff" + bytes(20 * 1024**2), "photo.jpg"),
    ],
    ids=[
        "svg",
        "svg named jpg",
        "gif",
        "pdf",
        "pdf named jpg",
        "png named jpg",
        "cut",
        "noise",
        "bomb",
        "empty",
        "heavy",
    ],
)
def test_hostile_files_are_refused_with_a_sentence_and_what_was_typed(organiser, content, name):
    client, rencontre = organiser
    answer = put_in(client, rencontre, content, name)
    assert answer.status_code == 422
    assert SAID["alternative"] in flat(answer)
    assert not Media.objects.exists() and not Document.objects.exists()
    assert list(storage().iterdir()) == []


def test_without_words_or_credit_nothing_is_taken(organiser):
    client, rencontre = organiser
    answer = put_in(client, rencontre, image(), "photo.jpg", alternative=" ", credit="")
    said = flat(answer)
    assert "Dites ce que l’on y voit" in said and "Dites de qui c’est." in said
    assert not Media.objects.exists()


@pytest.mark.parametrize(
    "url",
    ["http://son.example.org/", "javascript:alert(1)", "data:text/html,x", "//son.example.org", "son", "https://"],
)
def test_a_recording_is_a_whole_https_address(organiser, url):
    client, rencontre = organiser
    answer = client.post(page(rencontre), SAID | {"url": url})
    assert "commence par https://" in flat(answer)
    assert not Media.objects.exists()


def test_a_recording_has_its_transcript_and_is_a_link_out(organiser):
    client, rencontre = organiser
    refused = client.post(page(rencontre), {"url": "https://son.example.org/1", "credit": "La Région"})
    assert "Écrivez ce qui y est dit" in flat(refused)
    client.post(
        page(rencontre), {"url": "https://son.example.org/1", "credit": "La Région", "alternative": "Oui.\n" * 900}
    )
    [media] = Media.objects.all()
    client.post(page(rencontre, media), {"faire": "publier", "rights": "on"})
    html = client.get(f"/rencontres/{rencontre.pk}/images/").content.decode()
    assert '<a class="btn" href="https://son.example.org/1" rel="external noreferrer">' in html
    assert not re.search(r'(src|srcset|data|poster)="?https?:|<(iframe|audio|video|embed|object)', html)


def test_publishing_asks_for_the_rights_and_notes_who_checked_them(organiser):
    client, rencontre = organiser
    media = make_photo(rencontre, published=False)
    assert client.post(page(rencontre, media), {"faire": "publier"}).status_code == 422
    assert client.get(f"/rencontres/{rencontre.pk}/images/{media.pk}.jpg").status_code == 404
    client.post(page(rencontre, media), {"faire": "publier", "rights": "on"})
    media.refresh_from_db()
    assert media.rights_checked_by == client.user and media.rights_checked_at == media.published_at
    answer = client.get(f"/rencontres/{rencontre.pk}/images/{media.pk}.jpg")
    assert answer.status_code == 200
    assert (answer["Content-Type"], answer["Content-Disposition"]) == ("image/jpeg", "inline")
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "public, no-cache")
    assert "sandbox" in answer["Content-Security-Policy"] and answer["ETag"]
    assert {type(name) for name, _ in answer.items()} == {str}, "a server of the standard library sends it too"


def test_the_database_wants_the_rights_the_words_and_the_credit():
    now = timezone.now()
    for lacking in ({"rights_checked_at": None}, {"rights_checked_by": None}, {"alternative": ""}, {"credit": ""}):
        media = make_photo(over())
        with pytest.raises(IntegrityError, match="media_published_checked"), transaction.atomic():
            Media.objects.filter(pk=media.pk).update(published_at=now, **lacking)
    for wrong in ({"url": "https://a.example"}, {"document": None}, {"thumbnail": None}):
        with pytest.raises(IntegrityError, match="media_photo_or_recording"), transaction.atomic():
            Media.objects.filter(pk=media.pk).update(**wrong)
    with pytest.raises(IntegrityError, match="media_photo_or_recording"), transaction.atomic():
        make_recording(over(), url="http://son.example.org/")


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_down_is_gone_at_once_from_every_page(client):
    store.clear()
    rencontre = over()
    media = make_photo(rencontre)
    addresses = [f"/rencontres/{rencontre.pk}/images/{end}" for end in (f"{media.pk}.jpg", f"{media.pk}/vignette.jpg")]
    assert [client.get(address).status_code for address in addresses] == [200, 200]
    assert "vignette.jpg" in client.get(f"/rencontres/{rencontre.pk}/images/").content.decode()
    assert "/images/" in client.get(rencontre.get_absolute_url()).content.decode()
    actions.take_down(media)
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    assert "vignette.jpg" not in client.get(f"/rencontres/{rencontre.pk}/images/").content.decode()
    assert "/images/" not in client.get(rencontre.get_absolute_url()).content.decode()
    media.refresh_from_db()
    assert (media.rights_checked_by, media.rights_checked_at) == (None, None), "they are checked again to show it again"


@pytest.mark.django_db(transaction=True)
def test_an_unchanged_image_is_not_sent_again_and_does_not_fill_the_page_cache(client):
    store.clear()
    media = make_photo(over())
    address = f"/rencontres/{media.rencontre_id}/images/{media.pk}.jpg"
    etag = client.get(address)["ETag"]
    assert client.get(address, HTTP_IF_NONE_MATCH=etag).status_code == 304
    assert len(store) == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_erased_leaves_no_file(client):
    media = make_photo(over())
    paths = [storage() / document.path for document in (media.document, media.thumbnail)]
    assert all(path.exists() for path in paths)
    actions.erase(media)
    assert not any(path.exists() for path in paths) and not Document.objects.exists()


def test_nothing_is_shown_of_a_rencontre_that_is_not_public(client):
    media = make_photo(over(state=RencontreState.DRAFT))
    for end in ("", f"{media.pk}.jpg", f"{media.pk}/vignette.jpg"):
        assert client.get(f"/rencontres/{media.rencontre_id}/images/{end}").status_code == 404


def test_an_image_is_that_of_its_rencontre_alone(client):
    media, other = make_photo(over()), over()
    assert client.get(f"/rencontres/{other.pk}/images/{media.pk}.jpg").status_code == 404
    recording = make_recording(other)
    assert client.get(f"/rencontres/{other.pk}/images/{recording.pk}.jpg").status_code == 404


@pytest.mark.parametrize(("refusing", "said"), [(1, "1 a refusé à l’entrée"), (3, "3 ont refusé à l’entrée")])
def test_whoever_publishes_is_told_how_many_refused(organiser, refusing, said):
    client, rencontre = organiser
    media = make_photo(rencontre, published=False)
    assert "à l’entrée" not in flat(client.get(page(rencontre, media)))
    Venue.objects.create(rencontre=rencontre, by=client.user, image_refused=True)
    for _ in range(refusing - 1):
        make_inscription(rencontre=rencontre, image_refused=True)
    for address in (page(rencontre), page(rencontre, media)):
        assert said in flat(client.get(address))


def test_its_words_may_be_corrected_while_it_is_public_never_emptied(organiser):
    client, rencontre = organiser
    media = make_photo(rencontre)
    said = {"faire": "redire", "alternative": "Neuf personnes.", "credit": "La Région", "rank": "2"}
    client.post(page(rencontre, media), said)
    assert 'alt="Neuf personnes."' in client.get(f"/rencontres/{rencontre.pk}/images/").content.decode()
    for wrong in ({"alternative": " "}, {"credit": ""}, {"rank": "9" * 30}, {"alternative": "a" * 1001}):
        assert client.post(page(rencontre, media), said | wrong).status_code == 422
    media.refresh_from_db()
    assert (media.alternative, media.rank) == ("Neuf personnes.", 2)


@pytest.mark.parametrize("asked", ["redire", "publier", "retirer", "effacer"])
def test_nobody_touches_the_images_of_a_rencontre_they_do_not_run(organiser, asked):
    client, rencontre = organiser
    theirs = make_photo(over())
    form = SAID | {"faire": asked, "rights": "on", "rank": "1"}
    assert client.post(page(theirs.rencontre, theirs), form).status_code == 404
    assert client.post(page(rencontre, theirs), form).status_code == 404
    client.force_login(make_role(user=make_user(is_staff=True), demarche=theirs.rencontre.demarche).user)
    assert client.post(page(theirs.rencontre, theirs), form).status_code == 403, "a modérateur does not run it"
    theirs.refresh_from_db()
    assert theirs.published_at and theirs.alternative == SAID["alternative"]


def test_text_of_staff_stays_text(organiser):
    client, rencontre = organiser
    make_photo(rencontre, alternative='"><svg onload=alert(1)>', credit="<script>alert(1)</script>")
    make_recording(rencontre, alternative="- <b>gras</b>")
    for address in (f"/rencontres/{rencontre.pk}/images/", page(rencontre)):
        html = client.get(address).content.decode()
        assert "<svg onload" not in html and "<script>alert" not in html and "<b>gras" not in html


def test_the_first_view_of_a_page_of_photographs_fits_one_window(organiser):
    """Header, style sheets, icon and the two first thumbnails, of what compresses worst; the others come later."""
    client, rencontre = organiser
    make_identity()
    for _ in range(3):
        put_in(client, rencontre, noise(), "foule.png")
    for media in Media.objects.all():
        actions.publish(media, client.user)
    html = client.get(f"/rencontres/{rencontre.pk}/images/").content
    eager = [tag for tag in re.findall(r"<img[^>]+>", html.decode()) if 'loading="lazy"' not in tag]
    assert len(eager) == 2
    weights = [client.get(re.search(r'src="([^"]+)"', tag)[1]).content for tag in eager]
    files = [(STATIC / name).read_bytes() for name in ("css/site.css", "css/gallery.css", "img/favicon.svg")]
    total = sum(len(gzip.compress(one, 6)) for one in [html, *files]) + sum(map(len, weights))
    assert total < FIRST_VIEW
