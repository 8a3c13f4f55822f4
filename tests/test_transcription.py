"""Papers and calls: received, typed beside their scan, read again by another, then moderated like the rest."""

import io
import re
from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pypdf import PdfReader

from consultation import numero
from consultation.actions.contributions import StaleState, change_state
from consultation.actions.papers import OWN, READ, enter, forget_scans, read_again
from consultation.models import Contribution, Decision, Transcription, Version
from socle.documents.actions import keep_scan, purge
from socle.documents.files import path_of, storage
from socle.documents.models import Document
from tests.factories import local, make_demarche, make_identity, make_reason, make_role, make_theme, make_user
from tests.papers import image, pdf, upload
from tests.writing import link_in, mails, text_of

LIST = "/admin/consultation/transcription/"
ADD = f"{LIST}add/"
TYPED = {
    "theme": "autre",
    "nature": "proposition",
    "title": "Des bus le soir",
    "body": "Après 20 h, plus rien ne [illisible] du lycée.",
    "display": "anonyme",
    "speaks_as": "personnel",
}
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


@pytest.fixture
def bob(demarche):
    """He reads again."""
    return make_role(demarche=demarche, kind="moderateur").user


def receive(client, demarche, scan=None, **fields):
    said = {"demarche": demarche.pk, "origine": "courrier", "received_on": timezone.localdate().isoformat()}
    return client.post(ADD, said | ({"scan": scan} if scan else {}) | fields)


def type_in(client, demarche, scan=None, received=None, **fields):
    """The row of a paper that was received, then typed."""
    arrived = receive(client, demarche, scan, **(received or {}))
    assert arrived.status_code == 302, text_of(arrived)
    response = client.post(arrived.url, TYPED | fields)
    assert response.status_code == 302, text_of(response)
    return Transcription.objects.select_related("contribution__demarche").latest("entered_at")


def entered(demarche, by, **fields):
    said = {"nature": "proposition", "title": "Des bus", "body": "Le soir.", "origine": "papier"}
    known = {"demarche": demarche, "submission_key": uuid4(), "by": by, "received_on": timezone.localdate()}
    return enter(**(known | said | fields)).transcription


def page(client, user, address):
    client.force_login(user)
    return client.get(address)


def test_a_letter_is_scanned_typed_and_waits(client, demarche, alice):
    make_theme(demarche=demarche, question="Comment se déplacer ?", contributions_close_at=timezone.now())
    client.force_login(alice)
    day = timezone.localdate() - timedelta(days=3)
    arrived = receive(client, demarche, upload(pdf(pages=2), "lettre.pdf"), received_on=day.isoformat())
    shown = client.get(arrived.url)
    assert text_of(shown).count('alt="Page ') == 2
    assert "Insérer [illisible]" in text_of(shown)
    assert client.get(f"{arrived.url}scan/2/").content.startswith(b"\xff\xd8\xff")
    response = client.post(arrived.url, TYPED | {"theme": "1"}, follow=True)
    row = Transcription.objects.select_related("contribution__demarche").get()
    contribution = row.contribution
    assert (contribution.state, contribution.origine) == ("en_attente", "courrier")
    assert contribution.theme.question == "Comment se déplacer ?"  # it has closed since the letter was written
    assert (row.received_on, row.transcriber, row.reader) == (day, alice, None)
    assert timezone.localdate(contribution.submitted_at) == day
    given = numero.numero_of(contribution.submission_key)
    assert given in text_of(response)
    assert client.get(f"/suivi/{given}/").status_code == 200


def test_a_call_needs_no_scan(client, demarche, alice):
    client.force_login(alice)
    row = type_in(client, demarche, received={"origine": "telephone"})
    assert (row.scan, row.contribution.origine) == (None, "telephone")


@pytest.mark.parametrize(
    ("content", "name"), [(b"<svg/>", "lettre.pdf"), (image(), "lettre.pdf"), (b"%PDF-1.7\nrien", "lettre.pdf")]
)
def test_a_scan_that_is_none_is_refused_in_place(client, demarche, alice, content, name):
    client.force_login(alice)
    response = receive(client, demarche, upload(content, name))
    assert response.status_code == 422
    assert "recommencez" in text_of(response) or "corrigez la fin de son nom" in text_of(response)
    assert not Document.objects.exists()


def test_a_day_to_come_is_refused(client, demarche, alice):
    client.force_login(alice)
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert "pas encore venu" in text_of(receive(client, demarche, received_on=tomorrow.isoformat()))


def test_errors_keep_what_was_typed_and_the_scan(client, demarche, alice):
    client.force_login(alice)
    arrived = receive(client, demarche, upload(image(), "lettre.jpg"))
    response = client.post(arrived.url, TYPED | {"title": ""})
    assert response.status_code == 422
    assert TYPED["body"] in text_of(response)
    assert 'alt="Page 1 du papier' in text_of(response)
    assert "rien de ce que vous avez saisi n’est perdu" in text_of(response)
    assert client.post(arrived.url, TYPED).status_code == 302


def test_typed_twice_it_is_one_and_its_mail_leaves_once(client, demarche, alice):
    client.force_login(alice)
    arrived = receive(client, demarche)
    first, second = (client.post(arrived.url, TYPED | {"email": "carole@example.org"}) for _ in range(2))
    assert first.url == second.url
    assert Contribution.objects.count() == 1
    assert len(mails()) == 1


@pytest.mark.django_db(transaction=True)
def test_typed_twice_at_once_it_is_one():
    demarche = make_demarche()
    alice, key = make_user(is_staff=True), uuid4()
    at_once, found = Barrier(4), []

    def send():
        at_once.wait()
        found.append(entered(demarche, alice, submission_key=key).pk)
        connection.close()

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and len(set(found)) == 1
    assert Transcription.objects.count() == 1


def test_an_address_on_paper_joins_once_its_reader_says_so(client, demarche, alice):
    """One letter misread is a stranger's address: they learn nothing, and hold nothing."""
    client.force_login(alice)
    row = type_in(client, demarche, email="carole@example.org")
    contribution = row.contribution
    assert (contribution.personne, contribution.state) == (None, "en_attente")
    (message,) = mails()
    assert "est arrivée" in message.subject and "arrivée par courrier le" in message.body
    for secret in (TYPED["title"], TYPED["body"], numero.numero_of(contribution.submission_key)):
        assert secret not in message.body
    client.post(link_in(message))
    contribution.refresh_from_db()
    assert contribution.personne.email == "carole@example.org"
    assert contribution.state == "en_attente"


def test_second_reader_sees_both_corrects_and_signs(client, demarche, alice, bob):
    client.force_login(alice)
    row = type_in(client, demarche, upload(image(), "lettre.jpg"))
    address = f"{LIST}{row.pk}/change/"
    assert "une fois relue par quelqu’un d’autre que vous" in text_of(client.get(address))
    shown = page(client, bob, address)
    assert 'alt="Page 1 du papier' in text_of(shown) and TYPED["body"] in text_of(shown)
    said = TYPED | {"body": "Après 20 h, plus rien ne part du lycée.", "commune_name": "Lens"}
    assert client.post(address, said).status_code == 302
    row.refresh_from_db()
    contribution = Contribution.objects.get()
    assert (row.reader, contribution.body, contribution.commune_name) == (bob, said["body"], "Lens")
    version = Version.objects.get()
    assert (version.cause, version.by, version.body) == ("relecture", bob, TYPED["body"])


def test_who_typed_does_not_read_again(client, demarche, alice):
    client.force_login(alice)
    row = type_in(client, demarche)
    assert client.post(f"{LIST}{row.pk}/change/", TYPED).status_code == 403
    with pytest.raises(StaleState, match=re.escape(OWN)):
        read_again(row, alice, title="Des bus", body="Le soir.")
    with pytest.raises(DatabaseError, match="transcription_read_by_another"), transaction.atomic():
        Transcription.objects.update(reader=alice, read_at=timezone.now())


def test_reading_is_signed_once(demarche, alice, bob):
    row = entered(demarche, alice)
    read_again(row, bob, title="Des bus", body="Le soir.")
    with pytest.raises(StaleState, match=re.escape(READ)):
        read_again(row, make_user(is_staff=True), title="Des bus", body="Autre.")
    assert not Version.objects.exists()  # nothing was corrected


def test_nothing_appears_unread_whoever_writes(demarche, alice, bob):
    row = entered(demarche, alice)
    contribution = Contribution.objects.select_related("demarche").get()
    with pytest.raises(StaleState, match="attend sa seconde lecture"):
        change_state(contribution, "publiee", by=bob)
    with pytest.raises(DatabaseError, match="seconde lecture"), transaction.atomic():
        Contribution.objects.update(state="publiee", published_at=timezone.now())
    assert not Decision.objects.exists()
    read_again(row, bob, title="Des bus", body="Le soir.")
    assert change_state(contribution, "publiee", by=bob).to_state == "publiee"


def test_unread_it_may_still_be_refused_and_appears_where_no_reading_is_asked(demarche, alice, bob):
    entered(demarche, alice)
    contribution = Contribution.objects.select_related("demarche").get()
    change_state(contribution, "refusee", by=bob, reason=make_reason())
    plain = make_demarche(second_reading=False)
    said = entered(plain, alice).contribution
    assert change_state(said, "publiee", by=bob).to_state == "publiee"


def test_list_shows_what_is_to_be_read(client, demarche, alice, bob):
    waiting, read = entered(demarche, alice, title="À relire"), entered(demarche, alice, title="Déjà relue")
    read_again(read, bob, title="Déjà relue", body="Le soir.")
    shown = text_of(page(client, bob, LIST))
    assert "À relire" in shown and "Déjà relue" not in shown
    assert "Déjà relue" in text_of(client.get(f"{LIST}?lecture=faite"))
    assert waiting.contribution.reference in shown


def test_receipt_gives_the_number_and_no_word_of_theirs_but_the_title(client, demarche, alice):
    make_identity()
    row = entered(demarche, alice, title='#read("/etc/hostname")', body="Mon secret.", received_on=local(-2).date())
    response = page(client, alice, f"{LIST}{row.pk}/recu.pdf")
    assert response["Cache-Control"] == "private, no-store"
    reader = PdfReader(io.BytesIO(response.content))
    shown = " ".join(reader.pages[0].extract_text().split())
    given = numero.numero_of(row.contribution.submission_key)
    for said in (given, '#read("/etc/hostname")', "sur papier", "/suivi", "03 00 00 00 00"):
        assert said in shown
    assert "Mon secret" not in shown
    assert len(reader.pages) == 1 and reader.root_object["/MarkInfo"]["/Marked"]


def test_public_page_says_what_illisible_means_and_where_it_came_from(client, demarche, alice, bob):
    row = entered(demarche, alice, body="Le bus [illisible] le soir.", origine="telephone")
    read_again(row, bob, title="Des bus", body="Le bus [illisible] le soir.")
    change_state(row.contribution, "publiee", by=bob)
    shown = text_of(client.get(row.contribution.get_absolute_url()))
    assert "[illisible]" in shown and "n’a pas pu être lu" in shown
    assert "par téléphone" in shown
    assert "1 par téléphone" in text_of(client.get("/contributions/?origine=telephone"))
    assert "courrier" in text_of(client.get("/contributions/"))  # a filter offers each way


def test_scans_end_after_the_closing_and_texts_stay(demarche, alice, settings, django_capture_on_commit_callbacks):
    opened = local(-900)
    old = make_demarche(contributions_open_at=opened, contributions_close_at=local(-181))
    young = make_demarche(contributions_open_at=opened, contributions_close_at=local(-179))
    rows = [entered(one, alice, scan=keep_scan(upload(image(), "a.jpg"), alice)) for one in (old, young, demarche)]
    gone = path_of(rows[0].scan)
    with django_capture_on_commit_callbacks(execute=True):
        assert forget_scans() == 1
    for row in rows:
        row.refresh_from_db()
    assert [bool(row.scan) for row in rows] == [False, True, True]  # without a closing: counted from the entry
    assert not gone.exists()
    assert Contribution.objects.count() == 3
    with django_capture_on_commit_callbacks(execute=True):
        assert forget_scans(timezone.now() + timedelta(days=settings.SCAN_DAYS, minutes=1)) == 2
    assert list(storage().iterdir()) == []


def test_a_scan_left_without_its_text_is_purged(client, demarche, alice, django_capture_on_commit_callbacks):
    client.force_login(alice)
    receive(client, demarche, upload(image(), "lettre.jpg"))
    kept = type_in(client, demarche, upload(image(), "lettre.jpg")).scan
    Document.objects.update(created_at=timezone.now() - timedelta(days=2))
    with django_capture_on_commit_callbacks(execute=True):
        purge()
    assert list(Document.objects.all()) == [kept]
    assert [path.name for path in storage().iterdir()] == [kept.path]
