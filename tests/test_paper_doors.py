"""The doors of scans and documents: who is let in is asked at each request (T02). Who else: the matrix of rights."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consultation.actions.moderation import mask
from consultation.models import Role, Transcription
from socle.documents.actions import keep_scan
from socle.documents.files import path_of
from tests.factories import make_contribution, make_demarche, make_role, make_superuser, make_user
from tests.papers import image, pdf, taken, upload
from tests.writing import SAID, text_of

LIST = "/admin/consultation/transcription/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(tmp_path, settings):
    settings.DOCUMENT_STORAGE = tmp_path / "documents"


@pytest.fixture
def demarche():
    return make_demarche()


@pytest.fixture
def alice(demarche):
    """She types."""
    return make_role(demarche=demarche, kind="moderateur").user


def typed(demarche, by, content=None, name="papier.pdf"):
    contribution = make_contribution(demarche=demarche, state="en_attente", origine="papier")
    scan = keep_scan(upload(content or pdf(pages=2), name), by)
    today = timezone.localdate()
    return Transcription.objects.create(contribution=contribution, received_on=today, scan=scan, transcriber=by)


def arrive(client, demarche):
    """Received, not typed yet: the signed address of its typing."""
    said = {"demarche": demarche.pk, "origine": "papier", "received_on": timezone.localdate().isoformat()}
    return client.post(f"{LIST}add/", said | {"scan": upload(image(), "papier.jpg")}).url


def people(demarche):
    """Everybody who must be turned away; None is nobody."""
    ended = make_role(demarche=demarche, kind="moderateur", ends_on=timezone.localdate() - timedelta(days=1)).user
    return {
        "anonymous": None,
        "citizen": make_user(),
        "lecteur": make_role(demarche=demarche, kind="lecteur").user,
        "rédacteur": make_role(demarche=demarche, kind="redacteur").user,
        "role ended": ended,
        "moderator elsewhere": make_role(demarche=make_demarche(), kind="moderateur").user,
    }


def status(client, user, address):
    client.logout()
    if user:
        client.force_login(user)
    response = client.get(address)
    assert not response.streaming
    assert not response.content.startswith((b"\xff\xd8\xff", b"%PDF"))
    return response.status_code


@pytest.mark.parametrize("page", ["scan/", "scan/1/", "recu.pdf", "change/"])
def test_scan_is_for_who_moderates_the_demarche(client, demarche, alice, page):
    address = f"{LIST}{typed(demarche, alice).pk}/{page}"
    refused = {name: status(client, user, address) for name, user in people(demarche).items()}
    assert set(refused.values()) <= {302, 403, 404}, refused
    for user in (alice, make_role(demarche=demarche, kind="responsable").user, make_superuser()):
        client.force_login(user)
        response = client.get(address)
        assert response.status_code == 200
        assert response["Cache-Control"] == "private, no-store"
        if response.streaming:
            taken(response)


def test_right_that_ends_closes_the_door_at_once(client, demarche, alice):
    address = f"{LIST}{typed(demarche, alice).pk}/scan/1/"
    client.force_login(alice)
    assert client.get(address).status_code == 200
    Role.objects.filter(user=alice).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert client.get(address).status_code in (403, 404)


@pytest.mark.parametrize(
    ("content", "name"),
    [(pdf(pages=2), "a.pdf"), (image(), "a.jpg"), (image("PNG"), "a.png")],
    ids=["pdf", "jpg", "png"],
)
def test_pages_are_pixels_and_the_file_an_inert_attachment(client, demarche, alice, content, name):
    row = typed(demarche, alice, content, name)
    shown = "image/png" if name == "a.png" else "image/jpeg"
    client.force_login(alice)
    page = client.get(f"{LIST}{row.pk}/scan/1/")
    assert (page["Content-Type"], page["X-Content-Type-Options"]) == (shown, "nosniff")
    assert "sandbox" in page["Content-Security-Policy"]
    file = client.get(f"{LIST}{row.pk}/scan/")
    assert file["Content-Disposition"].startswith("attachment")
    assert file["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in file["Content-Security-Policy"]
    assert taken(file) == path_of(row.scan).read_bytes()
    for number in (0, row.scan.pages + 1, 99_999):
        assert client.get(f"{LIST}{row.pk}/scan/{number}/").status_code == 404


def test_what_was_just_scanned_is_its_own_readers(client, demarche, alice):
    client.force_login(alice)
    address = arrive(client, demarche)
    assert client.get(f"{address}scan/1/").content.startswith(b"\xff\xd8\xff")
    everybody = people(demarche) | {"colleague": make_role(demarche=demarche, kind="moderateur").user}
    for page in (address, f"{address}scan/1/", f"{LIST}saisie/{'x' * 40}/"):
        assert {status(client, user, page) for user in everybody.values()} <= {302, 403, 404}
    client.force_login(alice)
    Role.objects.filter(user=alice).delete()
    assert client.get(address).status_code == 403


def test_a_lost_file_is_not_there_and_breaks_nothing(client, demarche, alice):
    row = typed(demarche, alice)
    path_of(row.scan).unlink()
    client.force_login(alice)
    assert client.get(f"{LIST}{row.pk}/change/").status_code == 200
    assert [client.get(f"{LIST}{row.pk}/{page}").status_code for page in ("scan/", "scan/1/")] == [404, 404]


def test_forged_entry_writes_nothing(client, demarche, alice):
    """A démarche that is not one's own, another origin than what staff receive."""
    theirs = make_demarche()
    client.force_login(alice)
    said = {"received_on": timezone.localdate().isoformat()}
    for fields in ({"demarche": theirs.pk, "origine": "papier"}, {"demarche": demarche.pk, "origine": "en_ligne"}):
        assert client.post(f"{LIST}add/", said | fields).status_code == 422
    address = f"/admin/consultation/cahieracteur/add/?demarche={theirs.pk}"
    assert "Pour quelle démarche" in client.get(address).content.decode()
    assert not Transcription.objects.exists()


def test_a_second_reader_does_not_bring_back_what_was_masked_since(client, demarche, alice):
    row = typed(demarche, make_user(is_staff=True))
    contribution, address = row.contribution, f"{LIST}{row.pk}/change/"
    shown, read = contribution.body, contribution.words_seal
    client.force_login(alice)
    assert f'name="seen" value="{read}"' in client.get(address).content.decode()
    mask(contribution, by=alice, passages=[shown.split()[0]], reason="Un nom.")
    said = SAID | {"title": contribution.title, "body": shown, "seen": read}
    assert "Relisez-les" in text_of(client.post(address, said, follow=True))
    contribution.refresh_from_db()
    row.refresh_from_db()
    assert contribution.body.startswith("[passage masqué]")
    assert row.read_at is None
