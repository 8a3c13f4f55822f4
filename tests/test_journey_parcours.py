"""A contribution on paper, from the desk where it is typed to the measure that is carried out, by the pages alone."""

from __future__ import annotations

import io
import os
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from ateliers.models import Atelier, Seance
from consultation.choices import RoleKind
from consultation.models import Contribution, Demarche, Texte
from forums.models import Forum, Moment, MomentKind
from socle.pagecache.store import store
from tests.browsing import needs_chromium, overflow
from tests.factories import (
    local,
    make_atelier,
    make_demarche,
    make_forum,
    make_identity,
    make_role,
    make_seance,
    make_theme,
)
from tests.hands import Visitor
from tests.passing import days_pass

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]
LOOK = os.environ.get("LOOK")  # a folder: what the last pages look like is kept there

CAR, WANTED = "Un car après le dernier train", "Il faut un car le soir jusqu’au port."
SAID = f"Le dernier train part trop tôt. {WANTED}"
GROUP, PASSAGE, ORIENTATION = "Des cars le soir", "Rentrer le soir", "Relier les villes la nuit"
AMENDED = "La Région fait rouler un car chaque soir."
TEXTES, SUITE = "/admin/consultation/texte/", "Un car à 22 h"
# What is told in the end, and of what.
STEPS = [
    ("Reçue",),
    ("Publiée",),
    ("Elle a nourri une production du groupe de l’atelier 1 – Dunkerque", GROUP),
    ("Par là, elle est restituée au forum", "Forum de Lille"),
    ("Avec une autre, elle est reprise au passage 1 de la synthèse intermédiaire", PASSAGE),
    ("Par là, elle est reprise à l’orientation 1 du rapport d’orientations", ORIENTATION),
    ("Le rapport qui vient aussi d’elle est présenté à la séance commune du Conseil régional et du CESER",),
    ("Un amendement, le n° 1, est déposé sur l’orientation 1, qui vient d’elle", "le groupe des Verts, adopté depuis"),
    ("Le CESER rend son avis sur ce rapport : favorable",),
    ("Le Conseil régional délibère : l’orientation 1, qui vient d’elle, est adoptée après amendement", "2011-06-12"),
    ("Par là, elle est reprise à l’article 1 de la politique adoptée", ORIENTATION),
    (f"Une suite est annoncée : « {SUITE} »", "Direction des transports"),
    *((f"La même suite est {state} : « {SUITE} »", "Direction des transports") for state in ("engagée", "réalisée")),
]
OWN_ACTS = ("Reçue", "Publiée")  # told with their hour to whoever wrote it
STOPS = ["Reçue", "Publiée", "En atelier", "Au forum", "Synthèse intermédiaire", "Dans le rapport"]
STOPS += ["En séance commune", "Avis du CESER", "Au vote", "Dans la politique", "Suites données"]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    store.clear()
    expect.set_options(timeout=10_000)
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def demarche() -> Demarche:
    make_identity()
    demarche = make_demarche(title="Bien vivre ici")
    make_atelier(town="Dunkerque", themes=[make_theme(question="Comment circuler ?")])
    return demarche


@pytest.fixture
def visitor(browser, live_server):
    """Opens the browser of one more person, of the team or not."""
    opened = []

    def visit(user=None) -> Visitor:
        opened.append(Visitor(browser, live_server.url, keyboard=False, user=user))
        return opened[-1]

    yield visit
    for one in opened:
        one.close()


def test_from_a_paper_to_what_was_done_and_back(visitor, demarche):
    moderator, writer, responsable = (
        visitor(make_role(kind=kind).user) for kind in (RoleKind.MODERATEUR, RoleKind.REDACTEUR, RoleKind.RESPONSABLE)
    )
    anyone = visitor()
    number = on_paper(moderator)
    read_again_and_published(responsable)
    days_pass(7)
    in_atelier(responsable, anyone)
    days_pass(30)
    at_the_forum(responsable)
    days_pass(15)
    write(writer, "synthèse intermédiaire", PASSAGE, "Il est demandé un car le soir.")
    cite(writer)
    publish(writer)
    days_pass(30)
    write(writer, "rapport d’orientations", ORIENTATION, "La Région étudie un car du soir.")
    writer.press("Citer ce passage")
    writer.sees("Ses sources (1)")
    publish(writer)
    days_pass(10)
    present_and_amend(responsable)
    days_pass(10)
    vote(responsable)
    days_pass(2)
    make_the_policy(responsable)
    days_pass(20)
    promise(responsable)
    for state in ("engagée", "réalisée"):
        days_pass(90)
        advance(responsable, state)
    days_pass(1)
    it_is_all_told(anyone, number)
    and_back(anyone)


def on_paper(moderator: Visitor) -> str:
    """The numéro de suivi that its receipt gives."""
    moderator.open("/admin/consultation/transcription/add/")
    moderator.tick("sur papier")
    moderator.press("Passer à la saisie")
    moderator.tick("Comment circuler")
    moderator.tick("Une proposition")
    moderator.write("Titre", CAR)
    moderator.write("Votre texte", SAID)
    moderator.press("Enregistrer la contribution")
    moderator.sees("Imprimez son reçu.")
    receipt = PdfReader(io.BytesIO(moderator.take("Imprimer le reçu"))).pages[0].extract_text()
    return re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", receipt)[0]


def read_again_and_published(responsable: Visitor) -> None:
    """By another than who typed it."""
    responsable.open("/admin/consultation/transcription/")
    responsable.follow(CAR)
    responsable.press("J’ai relu")
    responsable.sees("est relue")
    responsable.open("/admin/consultation/contribution/")
    responsable.follow(CAR)
    responsable.press("Publier")
    responsable.sees(": publiée.")


def in_atelier(organiser: Visitor, scribe: Visitor) -> None:
    """At its table a group takes it up in a production, that the organiser publishes."""
    seance: Seance = make_seance(Atelier.objects.get(), starts_at=local())
    page = f"/admin/ateliers/atelier/{seance.atelier_id}/seances/1/productions/"
    organiser.open(page)
    organiser.press("Ouvrir une table")
    organiser.follow("Lien et code de la table 1")
    scribe.open(organiser.read(".code-address"))
    scribe.write("Titre", GROUP)
    scribe.write("Texte", "Nous voulons des cars le soir, jusqu’au port.")
    scribe.page.get_by_text("Fiche de papier, ce qu’elle reprend").click()
    scribe.write("Vient de", Contribution.objects.get().reference)
    scribe.press("Enregistrer et passer à la suivante")
    scribe.sees(GROUP, where="#ecrites")
    organiser.open(page)
    organiser.press("Publier celles qui sont cochées")
    organiser.sees("Publiées : 1.")


def at_the_forum(responsable: Visitor) -> None:
    forum: Forum = make_forum(title="Forum de Lille", starts_at=local())
    Moment.objects.create(forum=forum, rank=1, kind=MomentKind.RESTITUTION, atelier=Seance.objects.get().atelier)
    responsable.open(f"/admin/forums/forum/{forum.pk}/restitutions/")
    responsable.tick(GROUP)
    responsable.press("Enregistrer")
    responsable.sees("1 production")


def write(writer: Visitor, kind: str, title: str, text: str) -> None:
    """A texte begun, closed on what came until yesterday, with one passage; it stays open on its sources."""
    writer.open(f"{TEXTES}add/")
    writer.choose("Démarche", "Bien vivre ici")
    writer.choose("Genre", kind)
    writer.write("Titre", f"{kind.capitalize()} de 2011")
    writer.press("Enregistrer")
    writer.sees("Un passage de plus")
    writer.write("Traite les contributions", str(timezone.localdate() - timedelta(1)))
    with writer.page.expect_navigation():
        writer.press("Enregistrer le cadre")
    writer.write("Titre", title)
    writer.page.get_by_label("Texte", exact=True).fill(text)
    writer.press("Ajouter")
    writer.sees("Aucune encore")


def cite(writer: Visitor) -> None:
    """What was said on paper, with its words, and what the group made of it."""
    paper, group = Contribution.objects.order_by("pk")
    writer.write(f"Mots cités de {paper.reference}", WANTED)
    for number, one in enumerate((paper, group), 1):
        writer.page.locator(f"#citer-{one.pk}").get_by_role("button", name="Citer").click()
        writer.sees(f"Ses sources ({number})")


def publish(writer: Visitor) -> None:
    texte = Texte.objects.latest("pk")
    writer.open(f"{TEXTES}{texte.pk}/publier/")
    writer.press("Publier la version définitive")
    writer.sees("définitive, est en ligne")


def adoption() -> str:
    return f"{TEXTES}{Texte.objects.get(kind='rapport').pk}/adoption/"


def present_and_amend(responsable: Visitor) -> None:
    today = str(timezone.localdate())
    responsable.open(adoption())
    responsable.write("Présenté le", today)
    responsable.press("Enregistrer")
    responsable.sees("La présentation est enregistrée")
    responsable.follow(ORIENTATION)
    responsable.write("Déposé par", "le groupe des Verts")
    responsable.write("Texte proposé", AMENDED)
    responsable.write("Exposé des motifs", "Étudier ne suffit plus.")
    responsable.press("Enregistrer l’amendement")
    responsable.sees("Amendement n° 1 enregistré")


def vote(responsable: Visitor) -> None:
    """The avis, the délibération, then the sort of the amendment and what becomes of the orientation."""
    today = str(timezone.localdate())
    responsable.open(adoption())
    responsable.write("Rendu le", today)
    responsable.tick("favorable")
    responsable.press("Enregistrer")
    responsable.sees("L’avis est enregistré")
    for label, typed in (("Délibéré le", today), ("Numéro", "2011-06-12"), ("Voix pour", "61"), ("Voix contre", "40")):
        responsable.write(label, typed)
    responsable.write("Abstentions", "12")
    responsable.write("Conseillers en exercice", "113")
    responsable.tick("adopté")
    responsable.press("Enregistrer")
    responsable.sees("La délibération est enregistrée")
    responsable.follow(ORIENTATION)
    responsable.choose("Sort", "adopté")
    responsable.press("Enregistrer le sort")
    responsable.sees("le sort est enregistré")
    responsable.press("Enregistrer la décision")
    responsable.sees("La décision est enregistrée")


def make_the_policy(responsable: Visitor) -> None:
    responsable.open(adoption())
    responsable.write("Titre de la politique", "Politique régionale de 2011")
    responsable.press("Écrire la politique")
    responsable.sees("La politique est écrite")
    publish(responsable)


def promise(responsable: Visitor) -> None:
    responsable.open("/admin/consultation/suite/add/")
    responsable.choose("Article de la politique", f"1. {ORIENTATION} (Politique régionale de 2011)")
    responsable.write("Ce qui est fait", SUITE)
    responsable.write("Qui en est chargé", "Direction des transports")
    responsable.press("Enregistrer")
    responsable.sees(SUITE)


def advance(responsable: Visitor, state: str) -> None:
    responsable.open("/admin/consultation/suite/")
    responsable.follow(SUITE)
    responsable.choose("État", state)
    responsable.press("Enregistrer")
    responsable.sees(state, where="#result_list")


def it_is_all_told(anyone: Visitor, number: str) -> None:
    """In order, with the same words to whoever has the number and to all; the drawing stops where the list does."""
    anyone.open(f"/suivi/{number}/")
    look(anyone, "suivi")
    told_in_order(anyone)
    anyone.open(Contribution.objects.earliest("pk").get_absolute_url())
    look(anyone, "contribution")
    told_in_order(anyone)


def told_in_order(anyone: Visitor) -> None:
    steps = [clean(one) for one in anyone.page.locator(".parcours li").all_inner_texts()]
    assert len(steps) == len(STEPS), steps
    for told, words in zip(steps, STEPS, strict=True):
        assert told.startswith(words[0]) and all(one in told for one in words), (told, words)
        assert words[0] in OWN_ACTS or not re.search(r", à \d+ h", told), told
    assert anyone.page.locator(".tram text").all_text_contents() == STOPS


def and_back(anyone: Visitor) -> None:
    """From the article of the policy down to the words on paper."""
    anyone.follow("à l’article 1")
    anyone.sees(AMENDED, SUITE, "Sur papier : 1")
    for title in (f"1. {ORIENTATION}", f"1. {PASSAGE}"):
        anyone.follow(title)
        anyone.page.wait_for_load_state()
    anyone.sees(f"«\u00a0{WANTED}\u00a0»")
    anyone.follow(CAR)
    anyone.sees(SAID)


def clean(text: str) -> str:
    return " ".join(text.split())


def look(anyone: Visitor, name: str) -> None:
    for width in (360, 1280):
        anyone.page.set_viewport_size({"width": width, "height": 900})
        assert overflow(anyone.page) <= 0, (name, width)
        if LOOK:
            anyone.page.screenshot(path=f"{LOOK}/{name}-{width}.png", full_page=True)
