"""The news and what is given to read: their pages, their feed, their admin; an item is sent once."""

import io
import re
import threading
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from consultation.actions import news
from consultation.choices import DemarcheState, RoleKind
from consultation.models import Actualite, Ressource
from consultation.tasks import announce_due
from socle.courriels.models import Envoi
from tests.factories import (
    make_abonnement,
    make_actualite,
    make_atelier,
    make_demarche,
    make_document,
    make_personne,
    make_ressource,
    make_role,
    make_theme,
)
from tests.papers import pdf
from tests.writing import mails, text_of

pytestmark = pytest.mark.django_db
XSS = '"><svg onload=alert(1)>'
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def demarche(monkeypatch, settings, tmp_path):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)
    settings.DOCUMENT_STORAGE = tmp_path / "documents"
    return make_demarche(slug="ecrire", title="Écrire ensemble")


@pytest.fixture
def redacteur(client, demarche):
    client.force_login(make_role(demarche=demarche, kind=RoleKind.REDACTEUR).user)
    return client


def hidden_ones(demarche):
    """What nobody may read yet."""
    draft = make_demarche(state=DemarcheState.DRAFT, courante=False)
    return [
        make_actualite(demarche=demarche, title="Zirconium brouillon", published_at=None),
        make_actualite(demarche=demarche, title="Zirconium demain", published_at=timezone.now() + timedelta(days=1)),
        make_actualite(demarche=draft, title="Zirconium ailleurs"),
    ]


def test_list_page_feed_and_sitemap_show_what_is_published(client, demarche):
    shown = make_actualite(title="Le forum est avancé", body="Il aura lieu le 10 mai.\n\n- à 9 h")
    hidden = hidden_ones(demarche)
    listed = client.get("/actualites/").text
    page = client.get(shown.get_absolute_url()).text
    feed = client.get("/flux/actualites.atom")
    assert "Le forum est avancé" in listed and "<li>à 9 h</li>" in page.replace("\u00a0", " ")
    entries = ElementTree.fromstring(feed.content).findall(f"{ATOM}entry")
    assert [entry.find(f"{ATOM}title").text for entry in entries] == ["Le forum est avancé"]
    assert shown.get_absolute_url() in client.get("/sitemap.xml").text
    assert 'href="/actualites/"' in client.get("/").text
    for address in ("/actualites/", "/flux/actualites.atom", "/", "/sitemap.xml"):
        assert "Zirconium" not in client.get(address).text, address
    for one in hidden:
        assert client.get(one.get_absolute_url()).status_code == 404
        assert one.get_absolute_url() not in client.get("/sitemap.xml").text


def test_empty_states_say_what_will_come(client):
    assert "La première nouvelle paraîtra ici" in text_of(client.get("/actualites/"))
    assert "paraîtront ici" in text_of(client.get("/ressources/"))
    assert ElementTree.fromstring(client.get("/flux/actualites.atom").content).findall(f"{ATOM}entry") == []


def test_pages_without_any_demarche(client, demarche):
    demarche.delete()
    for address in ("/actualites/", "/ressources/", "/flux/actualites.atom"):
        assert client.get(address).status_code == 200, address
    assert client.get("/lettre/")["Location"] == "/demarches/"


def test_atelier_shows_its_own_news(client, demarche):
    atelier = make_atelier(demarche=demarche, town="Lens")
    make_actualite(title="Compte rendu en ligne", topic=atelier.topic)
    make_actualite(title="Le forum est avancé")
    page = client.get(atelier.get_absolute_url()).text
    assert "Compte rendu en ligne" in page and "Le forum est avancé" not in page
    narrowed = client.get("/actualites/?sujet=atelier:1").text
    assert "Compte rendu en ligne" in narrowed and "Le forum est avancé" not in narrowed
    assert "Le forum est avancé" in client.get("/actualites/?sujet=atelier:99").text


def test_list_goes_on_by_keyset_and_takes_any_cursor(client):
    for day in range(45):
        make_actualite(title=f"Nouvelle numéro {day}", published_at=timezone.now() - timedelta(days=day))
    seen, address = [], "/actualites/"
    while address:
        page = client.get(address).text
        seen += re.findall(r"Nouvelle numéro (\d+)", page)
        following = re.search(r'href="(\?[^"]+)" rel="next"', page)
        address = "/actualites/" + following[1].replace("&amp;", "&") if following else ""
    assert [int(number) for number in seen] == list(range(45))
    for cursor in ("forged", "-1", "\x00", "1~2"):
        assert client.get("/actualites/", {"apres": cursor}).status_code in {200, 400}


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_the_same_questions_whatever_they_show(client, count, django_assert_max_num_queries):
    theme = make_theme()
    for _ in range(count):
        make_actualite()
        make_ressource(themes=[theme], document=make_document())
    for address in ("/actualites/", "/ressources/", theme.get_absolute_url()):
        with django_assert_max_num_queries(14):
            client.get(address)


def test_hostile_words_are_shown_as_the_text_they_are(client):
    actualite = make_actualite(title=XSS, body=f"{XSS}\njavascript:alert(1)")
    make_ressource(title=XSS, description=XSS, source=XSS)
    make_abonnement()
    announce_due()
    [message] = mails()
    pages = [client.get(a).text for a in ("/", "/actualites/", actualite.get_absolute_url(), "/ressources/")]
    for page in [*pages, client.get("/flux/actualites.atom").text, message.alternatives[0].content]:
        assert "<svg onload" not in page


def test_item_is_sent_once_however_often_it_is_corrected_or_announced():
    make_abonnement()
    actualite = make_actualite(title="Première version")
    announce_due()
    Actualite.objects.update(title="Corrigée")
    announce_due()
    Actualite.objects.update(published_at=timezone.now() + timedelta(days=1))
    announce_due()
    Actualite.objects.update(published_at=Now())
    announce_due()
    assert not news.announce(actualite)
    assert [message.subject for message in mails()] == ["Première version"]


def test_item_leaves_at_its_hour_and_not_before(demarche):
    make_abonnement()
    hidden_ones(demarche)
    announce_due()
    assert mails() == []
    Actualite.objects.filter(title="Zirconium demain").update(published_at=timezone.now() - timedelta(seconds=1))
    announce_due()
    assert [message.subject for message in mails()] == ["Zirconium demain"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_letter_once():
    for number in range(30):
        make_abonnement(personne=make_personne(email=f"p{number}@example.org"))
    make_actualite()
    start = threading.Barrier(2)

    def announce():
        start.wait()
        announce_due()
        connection.close()

    threads = [threading.Thread(target=announce) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert Envoi.objects.count() == 30
    assert len(set(Envoi.objects.values_list("to", flat=True))) == 30


def test_death_in_the_middle_leaves_nothing_half_announced(monkeypatch):
    """Claimed and written in one transaction: all the letters, or none and it begins again."""
    for _ in range(3):
        make_abonnement()
    make_actualite()
    first = iter([True])

    def dies(self, reader, email):
        if next(first, False):
            return to(self, reader, email)
        raise KeyboardInterrupt

    to = news.emails.Letter.to
    monkeypatch.setattr(news.emails.Letter, "to", dies)
    with pytest.raises(KeyboardInterrupt):
        announce_due()
    monkeypatch.setattr(news.emails.Letter, "to", to)
    assert (Envoi.objects.count(), Actualite.objects.get().announced_at) == (0, None)
    announce_due()
    assert Envoi.objects.count() == 3


def test_subscribers_are_never_all_in_memory(monkeypatch):
    """Read and written a batch at a time, whatever their number."""
    monkeypatch.setattr("socle.courriels.actions.BATCH", 4)
    sizes = []
    bulk_create = QuerySet.bulk_create

    def counted(self, rows, **options):
        sizes.append(len(rows))
        return bulk_create(self, rows, **options)

    for _ in range(10):
        make_abonnement()
    make_actualite()
    monkeypatch.setattr(QuerySet, "bulk_create", counted)
    announce_due()
    assert sizes == [4, 4, 2]


def test_ressources_say_what_they_are_and_where_they_lead(client, demarche):
    theme = make_theme(demarche=demarche, question="Comment se déplacer ?")
    document = make_ressource(title="Étude", document=make_document(size=1_400_000, pages=12), themes=[theme])
    make_ressource(title="Chiffres", url="https://www.insee.fr/fr/statistiques")
    make_ressource(title="Zirconium", published_at=None)
    for address in ("/ressources/", theme.get_absolute_url()):
        page = text_of(client.get(address))
        assert "PDF, 12 pages, 1,4 Mo" in page
        assert "Zirconium" not in page
    assert "Autre site : insee.fr" in text_of(client.get("/ressources/"))
    served = client.get(f"/ressources/{document.pk}/document/")
    assert served["Content-Disposition"] == 'attachment; filename="etude.pdf"'
    assert served["X-Content-Type-Options"] == "nosniff"
    assert b"".join(served.streaming_content).startswith(b"%PDF")
    for close in served._resource_closers:
        close()
    Ressource.objects.update(published_at=None)
    assert client.get(f"/ressources/{document.pk}/document/").status_code == 404


ADD = "/admin/consultation/{}/add/"
LINK = {"kind": "lien", "title": "Chiffres", "url": "https://www.insee.fr/", "description": "", "source": ""}


def test_redacteur_writes_sees_and_publishes_news(redacteur, demarche):
    make_atelier(demarche=demarche, town="Lens")
    make_abonnement(topic="atelier:1")
    values = {"demarche": demarche.pk, "topic": "atelier:1", "title": "Séance déplacée", "body": "Au 12 mai."}
    redacteur.post(ADD.format("actualite"), values)
    draft = Actualite.objects.get()
    preview = text_of(redacteur.get(f"/admin/consultation/actualite/{draft.pk}/apercu/"))
    assert "Brouillon : personne ne la voit" in preview and "<strong>1</strong> abonné" in preview
    assert "Objet : <strong>Séance déplacée</strong>" in preview and "Au 12 mai." in preview
    change = f"/admin/consultation/actualite/{draft.pk}/change/"
    when = {"published_at_0": timezone.localdate().isoformat(), "published_at_1": "00:00:00"}
    redacteur.post(change, values | when)
    announce_due()
    assert len(mails()) == 1
    said = text_of(redacteur.post(change, values | when | {"title": "Séance déplacée (corrigé)"}, follow=True))
    assert "ne repart pas" in said
    assert "Parti : <strong>1</strong>" in text_of(redacteur.get(f"/admin/consultation/actualite/{draft.pk}/apercu/"))
    assert redacteur.post(change.replace("change", "delete"), {"post": "yes"}).status_code == 403


def test_news_stay_in_their_demarche(redacteur, demarche):
    other = make_demarche(courante=False)
    make_atelier(demarche=other)
    forged = {"demarche": other.pk, "topic": "", "title": "Pirate", "body": "Pirate"}
    assert redacteur.post(ADD.format("actualite"), forged).status_code == 200
    ours_about_theirs = forged | {"demarche": demarche.pk, "topic": "atelier:1"}
    assert redacteur.post(ADD.format("actualite"), ours_about_theirs).status_code == 200
    with_their_theme = LINK | {"demarche": demarche.pk, "themes": [make_theme(demarche=other).pk]}
    assert redacteur.post(ADD.format("ressource"), with_their_theme).status_code == 200
    assert (Actualite.objects.count(), Ressource.objects.count()) == (0, 0)


def test_redacteur_gives_a_document_or_a_link_to_read(redacteur, demarche):
    redacteur.post(ADD.format("ressource"), LINK | {"demarche": demarche.pk})
    paper = {"demarche": demarche.pk, "kind": "document", "title": "Étude", "url": "", "description": "", "source": ""}
    assert "Choisissez le fichier PDF" in text_of(redacteur.post(ADD.format("ressource"), paper))
    upload = SimpleUploadedFile("etude.pdf", pdf(pages=2))
    redacteur.post(ADD.format("ressource"), paper | {"file": upload})
    assert list(Ressource.objects.order_by("pk").values_list("kind", flat=True)) == ["lien", "document"]
    assert Ressource.objects.get(kind="document").document.pages == 2


@pytest.mark.parametrize("content", [b"", b"<html>", b"%PDF-1.7 broken"])
def test_file_that_is_no_pdf_is_refused_with_its_reason(redacteur, demarche, content):
    values = {"demarche": demarche.pk, "kind": "document", "title": "Étude", "url": "", "description": "", "source": ""}
    upload = io.BytesIO(content)
    upload.name = "etude.pdf"
    page = redacteur.post(ADD.format("ressource"), values | {"file": upload})
    assert page.status_code == 200 and "errorlist" in page.text
    assert Ressource.objects.count() == 0
