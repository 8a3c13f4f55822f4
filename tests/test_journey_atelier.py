"""The programme of 2011 lived through at atelier 7, Étaples, from registering to what its second séance carries on.

Walked twice: with a mouse and scripts, then by keyboard alone with JavaScript off.
"""

from __future__ import annotations

import io
import json
import re
import zipfile

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from ateliers.models import Atelier
from consultation.models import Demarche
from participons.programme.load import load_programme
from socle.pagecache.store import store
from tests.browsing import needs_chromium
from tests.factories import make_animation, make_identity, make_reason, make_role, make_user
from tests.hands import Visitor
from tests.passing import bells_ring, days_pass
from tests.programme_source import FIXTURE

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]

CLAIRE, DENIS = "claire@example.org", "denis@example.org"
AFAR = "Des arbres avant des parkings"
DURABLE, CARS, AGAINST = "Une région qui replante", "Des cars le soir", "Non aux cars vides"
REMARK, ANSWER = "Il manque la question du littoral.", "C’est vrai : ajoutée au premier point."


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    store.clear()
    expect.set_options(timeout=10_000)  # milliseconds: on a busy machine three answers take more than five seconds
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def atelier() -> Atelier:
    """The evening of 7 March: the first atelier opens, the seventh is in eight days."""
    make_identity()
    load_programme(json.loads(FIXTURE.read_text()), today=timezone.localdate())
    opening = Demarche.objects.get().etapes.get(rank=3).starts_on
    days_pass((opening - timezone.localdate()).days)
    return Atelier.objects.select_related("demarche").get(rank=7)


@pytest.fixture(params=[False, True], ids=["mouse and scripts", "keyboard alone, no script"])
def visitor(request, browser, live_server):
    """Opens the browser of one more person."""
    opened = []

    def visit(user=None) -> Visitor:
        opened.append(Visitor(browser, live_server.url, keyboard=request.param, user=user))
        return opened[-1]

    yield visit
    for one in opened:
        one.close()


def test_from_registering_to_what_the_second_seance_carries_on(visitor, atelier):
    organiser = make_user(is_staff=True, display_name="Camille")
    make_animation(atelier=atelier, user=organiser)
    claire, denis, camille, scribe = visitor(), visitor(), visitor(organiser), visitor()
    register(claire)
    number = contribute(denis)
    moderate(visitor(moderator(atelier)))
    days_pass(7)
    [reminder] = mails_to(CLAIRE)
    assert "demain" in reminder.subject + reminder.body and "Hôtel de Ville" in reminder.body
    days_pass(1)
    read_the_absent(camille, atelier)
    welcome(camille, atelier)
    produce(camille, scribe, atelier)
    minutes(camille, atelier)
    remark(claire)
    answer(camille, atelier)
    days_pass(29)  # the day of the second séance
    adopt(camille, atelier)
    everybody_reads(visitor(), atelier)
    told(denis, number)
    carry_on(camille, scribe, atelier)
    the_thread_is_public(visitor())


def mails_to(address: str) -> list:
    return [message for message in bells_ring() if message.to == [address]]


def link_in(message, path: str) -> str:
    return re.search(rf"https?://[^/]+({path}\S+)", message.body)[1]


def moderator(atelier: Atelier):
    user = make_user(is_staff=True)
    make_role(user=user, demarche=atelier.demarche)
    make_reason()
    return user


def evening(atelier: Atelier, page: str, rank: int = 1) -> str:
    return f"/admin/ateliers/atelier/{atelier.pk}/seances/{rank}/{page}/"


def register(claire: Visitor) -> None:
    """For the three séances at once, from the accueil."""
    claire.open("/")
    claire.follow("Étaples")
    claire.follow("S’inscrire aux séances")
    claire.write("Votre adresse électronique", CLAIRE)
    claire.press("Recevoir le lien")
    claire.sees("Vous n’êtes pas encore inscrit.")
    [message] = mails_to(CLAIRE)
    claire.open(link_in(message, "/inscriptions/"))
    claire.write("Votre nom, pour vous accueillir", "Claire Martin")
    claire.press("Confirmer mon inscription")
    claire.sees("Votre place est confirmée")
    [message] = mails_to(CLAIRE)
    assert message.body.count("Atelier 7 – Étaples, séance") >= 3


def contribute(denis: Visitor) -> str:
    """From a distance, confirmed by the link of the mail; the numéro de suivi."""
    denis.open("/ateliers/7/")
    denis.follow("Contribuer à distance")
    denis.tick("Une proposition")
    denis.write("Titre", AFAR)
    denis.write("Votre texte", "Sur la place, on a coupé les tilleuls pour douze voitures.")
    denis.write("Votre adresse électronique", DENIS)
    denis.press("Envoyer ma contribution")
    number = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", denis.read("main"))[0]
    [message] = mails_to(DENIS)
    denis.open(link_in(message, "/contributions/confirmer/"))
    denis.press("Oui, c’est bien moi")
    return number


def moderate(moderator: Visitor) -> None:
    moderator.open("/admin/consultation/contribution/")
    moderator.follow(AFAR)
    moderator.press("Publier")
    [message] = mails_to(DENIS)
    assert "publiée" in message.subject


def read_the_absent(camille: Visitor, atelier: Atelier) -> None:
    camille.open(f"/admin/ateliers/atelier/{atelier.pk}/tableau/")
    camille.follow("La parole des absents")
    camille.press("Numéroter 1 contribution")
    assert AFAR in text_of(camille.take("La feuille à imprimer"))


def welcome(camille: Visitor, atelier: Atelier) -> None:
    camille.open(f"/admin/ateliers/atelier/{atelier.pk}/tableau/")
    camille.follow("Arrivées")
    camille.press("Claire Martin")
    camille.sees("1 présent")


def produce(camille: Visitor, scribe: Visitor, atelier: Atelier) -> None:
    """The scribe has the link of a table and no account; the organiser reads, then publishes."""
    camille.open(evening(atelier, "productions"))
    camille.press("Ouvrir une table")
    camille.follow("Lien et code de la table 1")
    scribe.open(camille.read(".code-address"))
    for title in (DURABLE, CARS, AGAINST):
        scribe.write("Titre", title)
        scribe.write("Texte", f"Dans les mots du groupe : {title.lower()}.")
        if title == AGAINST:
            scribe.tick("minoritaire")
        scribe.press("Enregistrer et passer à la suivante")
        scribe.sees(title, where="#ecrites")
    camille.open(evening(atelier, "productions"))
    camille.press("Publier celles qui sont cochées")
    camille.sees("Publiées : 3.")


def minutes(camille: Visitor, atelier: Atelier) -> None:
    """Written, with what the group did with the absent, and opened to who was there."""
    camille.open(evening(atelier, "absents"))
    camille.write("Numéros, ligne 1", "1")
    camille.choose("Ce que le groupe en a fait, ligne 1", "reprise dans nos productions")
    camille.write("En quelques mots, ligne 1", "Elle a ouvert la discussion.")
    camille.press("Enregistrer ces lignes")
    camille.sees("C’est noté pour 1 contribution.")
    camille.open(evening(atelier, "compte-rendu"))
    camille.write("Ce qui s’est passé", "Le groupe s’est réuni à l’hôtel de ville.")
    camille.write("Titre, ligne 1", "Les constats")
    camille.write("Texte, ligne 1", "On manque d’arbres et de cars.")
    camille.press("Enregistrer")
    camille.sees("Compte rendu enregistré.")
    camille.press("Ouvrir et prévenir")
    camille.sees("1 personne est prévenue par courriel.")


def remark(claire: Visitor) -> None:
    [message] = [one for one in mails_to(CLAIRE) if "/compte-rendu/" in one.body]
    claire.open(link_in(message, "/compte-rendu/"))
    claire.sees(DURABLE, AFAR)
    claire.write("Votre remarque", REMARK)
    claire.press("Envoyer cette remarque")
    claire.sees("Merci, elle est enregistrée.")


def answer(camille: Visitor, atelier: Atelier) -> None:
    camille.open(evening(atelier, "compte-rendu"))
    camille.sees(REMARK)
    camille.write("Texte, ligne 1", "On manque d’arbres et de cars, et le littoral recule.")
    camille.press("Enregistrer")
    camille.write("Réponse", ANSWER)
    camille.tick("a été changé")
    camille.press("Répondre")
    camille.sees("la personne est prévenue")
    [message] = mails_to(CLAIRE)
    assert ANSWER in squeezed(message.body)


def adopt(camille: Visitor, atelier: Atelier) -> None:
    camille.open(evening(atelier, "compte-rendu"))
    camille.press("Adopter et publier")
    camille.sees("Compte rendu adopté et publié.")


def everybody_reads(stranger: Visitor, atelier: Atelier) -> None:
    """The page, the PDF and the DOCX say the same; nobody's name is in them."""
    messages = bells_ring()
    assert any("compte rendu" in one.subject.lower() for one in messages if one.to == [CLAIRE])
    assert any(AFAR in squeezed(one.body) for one in messages if one.to == [DENIS])
    stranger.open("/ateliers/7/")
    stranger.follow("Compte rendu de la séance 1")
    page = squeezed(stranger.read("main"))
    pdf, docx = text_of(stranger.take("PDF")), words_of(stranger.take("DOCX"))
    for words in (DURABLE, CARS, AGAINST, AFAR, "le littoral recule", "Elle a ouvert la discussion"):
        assert [words in text for text in (page, pdf, docx)] == [True] * 3, words
    assert not any("Claire" in text or REMARK in text for text in (page, pdf, docx))


def told(denis: Visitor, number: str) -> None:
    denis.open(f"/suivi/{number}/")
    denis.sees("Elle a ouvert la discussion.")


def carry_on(camille: Visitor, scribe: Visitor, atelier: Atelier) -> None:
    """At the second séance one is kept, one dropped with its reason."""
    camille.open(evening(atelier, "productions", 2))
    camille.press("Ouvrir une table")
    camille.follow("Lien et code de la table 1")
    scribe.open(camille.read(".code-address"))
    scribe.follow("Ce que deviennent les productions d’avant")
    scribe.press("Garder")
    scribe.follow("Reformuler ou abandonner")
    scribe.write("Pourquoi le groupe", "Le groupe n’en parle plus.")
    scribe.press("Abandonner")
    scribe.sees("Décidées à cette séance (2)")
    camille.open(evening(atelier, "productions", 2))
    camille.press("Publier ce qui est coché")
    camille.sees("Publiées : 2.")


def the_thread_is_public(stranger: Visitor) -> None:
    stranger.open("/ateliers/7/productions/")
    stranger.follow(DURABLE)
    stranger.sees("gardée")
    stranger.open("/ateliers/7/productions/")
    stranger.follow("Abandonnées")
    stranger.sees("Le groupe n’en parle plus.")


def squeezed(text: str) -> str:
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ").split())


def text_of(pdf: bytes) -> str:
    return squeezed(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


def words_of(docx: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(docx)) as found:
        return squeezed(re.sub(r"<[^>]+>", "", re.sub(r"</w:p>", " ", found.read("word/document.xml").decode())))
