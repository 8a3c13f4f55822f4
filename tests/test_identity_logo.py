"""The logo of the « Identité du site »: an image given is drawn again, small; no byte of the file itself is served."""

import gzip
import io
import random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.urls import reverse
from PIL import Image, PngImagePlugin

from socle.identity.logo import HEIGHT, UPLOAD_MAX, WIDTH, LogoError, drawn
from socle.identity.models import LOGO_MAX, SiteIdentity
from tests.factories import make_identity, make_role, make_superuser
from tests.portal import make_portal
from tests.test_public_pages import FIRST_VIEW, STATIC, read

pytestmark = pytest.mark.django_db

URL = "/admin/identity/siteidentity/1/change/"


def picture(width: int = 600, height: int = 200, kind: str = "PNG", *, noise: bool = False) -> bytes:
    image = Image.new("RGB", (width, height), "#14527a")
    if noise:
        image = Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3))
    out, note = io.BytesIO(), PngImagePlugin.PngInfo()
    note.add_text("Author", "Une personne")
    image.save(out, kind, **({"pnginfo": note} if kind == "PNG" else {}))
    return out.getvalue()


@pytest.fixture
def administrateur(client):
    client.force_login(make_superuser())
    make_identity()


def give(client, content: bytes, name: str = "logo.png", **fields):
    form = client.get(URL).context["adminform"].form
    values = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, False)}
    given = SimpleUploadedFile(name, content) if content else ""
    return client.post(URL, values | {"logo_file": given} | fields)


def test_no_portal_has_a_logo_of_its_own(client):
    make_identity()
    assert "<img" not in read(client, "/contact/")
    assert client.get("/logo.png").status_code == 404
    assert client.get("/logo..png").status_code == 404


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_an_image_is_drawn_again_and_shown_with_its_words(client, administrateur, kind):
    assert give(client, picture(kind=kind)).status_code == 302
    client.logout()
    identity = SiteIdentity.objects.get()
    page = read(client, "/contact/")
    address = reverse("logo", args=[identity.logo_hash])
    assert f'src="{address}"' in page
    assert 'alt="Région d’essai"' in page
    assert 'class="brand-by"' not in page
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "public, no-cache"
    image = Image.open(io.BytesIO(answer.content))
    assert image.format == "PNG"
    assert (identity.logo_width, identity.logo_height) == (192, 64)
    assert b"Une personne" not in answer.content


def test_another_logo_has_another_address_and_the_former_one_ends(client, administrateur):
    give(client, picture())
    first = SiteIdentity.objects.get().logo_hash
    give(client, picture(height=300))
    second = SiteIdentity.objects.get().logo_hash
    assert first != second
    assert client.get(reverse("logo", args=[first])).status_code == 404
    give(client, b"", logo_removed="on")
    assert SiteIdentity.objects.get().logo_hash == ""
    assert client.get(reverse("logo", args=[second])).status_code == 404


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "content", [SVG, b"<html>", b"GIF89a", picture()[:200], b"\x89PNG\r\n\x1a\n", b"%!PS-Adobe-3.0 EPSF", b"\0" * 64]
)
def test_what_is_no_image_is_refused_and_the_rest_is_kept(client, administrateur, content):
    answer = give(client, content, region_name="Une autre Région")
    assert "que l’on sache lire" in answer.content.decode()
    assert "Une autre Région" in answer.content.decode()
    identity = SiteIdentity.objects.get()
    assert (identity.logo_hash, identity.region_name) == ("", "Région d’essai")


def test_images_that_are_too_large_are_refused():
    with pytest.raises(LogoError, match="2 Mo"):
        drawn(b"\0" * (UPLOAD_MAX + 1))
    with pytest.raises(LogoError, match="trop de points"):
        drawn(picture(6000, 5000))


@pytest.mark.parametrize("size", [(1, 1), (3000, 2), (2, 3000), (600, 200)])
def test_the_logo_is_small_whatever_it_comes_from(size):
    logo = drawn(picture(*size))
    assert 1 <= logo.width <= WIDTH and 1 <= logo.height <= HEIGHT
    assert len(logo.data) <= LOGO_MAX


def test_a_photograph_is_refused_in_words():
    with pytest.raises(LogoError, match="trop détaillée"):
        drawn(picture(noise=True))


def test_a_logo_needs_the_name_that_says_it(client, administrateur):
    answer = give(client, picture(), region_name="")
    assert "c’est ce que lit qui ne voit pas l’image" in answer.content.decode()
    assert SiteIdentity.objects.get().logo_hash == ""


def test_only_administrateurs_give_it(client):
    make_identity()
    client.force_login(make_role(kind="responsable").user)
    assert client.post(URL, {"logo_file": SimpleUploadedFile("l.png", picture())}).status_code == 403
    assert SiteIdentity.objects.get().logo_hash == ""


def test_half_a_logo_is_refused_by_the_database():
    make_identity()
    with pytest.raises(IntegrityError, match="identity_logo_whole"):
        SiteIdentity.objects.update(logo_hash="abc")


def test_the_heaviest_logo_leaves_the_first_view_in_one_window(client):
    portal = make_portal(3)
    data = random.Random(1).randbytes(LOGO_MAX)
    SiteIdentity.objects.update(logo=data, logo_hash="a" * 16, logo_width=220, logo_height=64)
    shared = [gzip.compress((STATIC / name).read_bytes(), 9) for name in ("css/site.css", "img/favicon.svg")]
    weights = {
        page: len(gzip.compress(client.get(address).content, 6)) + sum(map(len, shared)) + LOGO_MAX
        for page, address in portal.named.items()
    }
    assert {page: weight for page, weight in weights.items() if weight >= FIRST_VIEW} == {}
