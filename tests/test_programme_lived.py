"""What the demonstration has lived through: its synthèse, its atelier, its draw, a full séance; again and again."""

from __future__ import annotations

import copy
import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from ateliers.models import (
    Atelier,
    Candidature,
    CompteRendu,
    Devenir,
    Lecture,
    Membre,
    Production,
    ProductionVersion,
    Seance,
    Tirage,
)
from consultation.actions.contributions import change_state
from consultation.choices import ContributionState, DecisionCause
from consultation.models import Citation, Contribution, Inscription, Passage, Rencontre, Reponse, TexteVersion
from participons.programme.exemple import read_exemple
from participons.programme.load import load_exemple, load_programme
from participons.programme.reading import ProgrammeError
from participons.programme.schema import read_programme
from tests.factories import make_animation, make_contribution, make_personne, make_reason, make_superuser
from tests.minutes import files_made
from tests.programme_source import EXEMPLE, FIXTURE

pytestmark = pytest.mark.django_db

LIVED = (Membre, Inscription, Contribution, Production, ProductionVersion, Devenir, Lecture, CompteRendu)
LIVED += (TexteVersion, Passage, Citation, Reponse, Tirage, Candidature)


def loaded(*, content: dict | None = None, run_by: bool = True) -> Atelier:
    """At the dates of 2011, long over."""
    load_programme(json.loads(FIXTURE.read_text()))
    atelier = Atelier.objects.get(rank=1)
    if run_by:
        make_animation(atelier=atelier)
    load_exemple(content or exemple())
    return atelier


def exemple() -> dict:
    return json.loads(EXEMPLE.read_text())


def rows() -> dict:
    return {model: list(model.objects.order_by("pk").values()) for model in LIVED}


def read(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return " ".join(response.content.decode().replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ").split())


def test_what_was_lived_can_be_read_and_says_that_it_is_an_example(client):
    atelier = loaded()
    files_made()
    address = atelier.get_absolute_url()
    minutes = read(client, f"{address}seances/1/compte-rendu/")
    for words in ("Exemple, écrit pour la démonstration", "24 personnes inscrites", "Reprises dans nos productions"):
        assert words in minutes
    assert "Une remarque a été faite ; elle a reçu sa réponse et le texte a été changé." in minutes
    for extension, start in (("pdf", b"%PDF"), ("docx", b"PK")):
        file = client.get(f"{address}seances/1/compte-rendu.{extension}")
        assert b"".join(file).startswith(start)
    productions = read(client, f"{address}productions/")
    assert "Un retour assuré après chaque débat du soir" in productions
    assert productions.count("exemple</span>") >= 5
    assert "exemple</span>" in read(client, f"{address}groupe/")
    participation = read(client, f"{address}participation/")
    assert "exemple</span>" in participation and "deux séances" in participation
    assert not Contribution.objects.filter(example=False).exists()


def test_a_group_has_made_everything_a_group_can_make_and_a_seance_is_full():
    loaded()
    assert set(Devenir.objects.values_list("fate", flat=True)) == {"gardee", "reformulee", "fusionnee", "abandonnee"}
    assert Production.objects.filter(minority=True).count() == 1
    assert set(Lecture.objects.values_list("outcome", flat=True)) == {"reprise", "discutee", "ecartee"}
    reworded = Devenir.objects.get(fate="reformulee").production
    first, second = reworded.versions.order_by("seance__rank")
    assert first.title != second.title == reworded.contribution.title
    assert CompteRendu.objects.get().state == "adopte"
    invented = Membre.objects.filter(name__startswith="Exemple").values_list("personne__email", flat=True)
    assert len(invented) == 27
    assert all(email.endswith("@exemple.invalid") for email in invented)
    full = Seance.objects.select_related("rencontre").get(atelier__rank=7, rank=2)
    states = list(Inscription.objects.filter(rencontre=full.pk).values_list("state", flat=True))
    assert (full.rencontre.capacity, states.count("confirmee"), states.count("en_attente")) == (8, 8, 3)


def test_again_and_again_nothing_changes_and_nothing_is_lost():
    loaded()
    before = rows()
    for report in (load_programme(json.loads(FIXTURE.read_text())), load_exemple(exemple())):
        assert (report.created, report.changed, report.kept) == (0, 0, 0)
    assert rows() == before


def test_what_was_lived_stays_where_the_dates_move_again():
    loaded()
    before = {model: set(model.objects.values_list("pk", flat=True)) for model in LIVED}
    load_programme(json.loads(FIXTURE.read_text()), today=timezone.localdate())
    load_exemple(exemple())
    assert all(before[model] <= set(model.objects.values_list("pk", flat=True)) for model in LIVED)
    assert CompteRendu.objects.get().state == "adopte"


def linked(client, path: str, pattern: str) -> str:
    """The first address of this form on the page."""
    return re.search(rf'href="({pattern})[?#"]', client.get(path).content.decode())[1]


def test_the_parcours_can_be_walked_from_the_accueil_and_back_and_stays_where_the_dates_move(client):
    make_superuser(email="administrateur@participons.example", is_demonstration=True)
    load_programme(json.loads(FIXTURE.read_text()), today=timezone.localdate())
    load_exemple(exemple())
    texte = linked(client, "/", r"/textes/\d+/")
    assert "Les 16 contributions (14 en ligne, 2 sur papier) ont été lues et traitées" in read(client, texte)
    passage = linked(client, texte, rf"{texte}passages/\d+/")
    assert read(client, passage).count('<span class="tag">exemple</span>') == 3
    contribution = linked(client, passage, r"/contributions/DP11-\d+/")
    assert linked(client, contribution, rf"{texte}passages/\d+/") == passage
    assert linked(client, passage, texte) == texte
    assert "lui répond : hors compétence" in read(client, Reponse.objects.first().contribution.get_absolute_url())
    group = read(client, Atelier.objects.get(rank=5).get_absolute_url() + "groupe/")
    assert "Un tirage au sort est annoncé" in group and "exemple</span>" in group
    assert Tirage.objects.get().seed == "" and Candidature.objects.count() == 18

    before = rows()
    assert load_exemple(exemple()).created == 0
    assert rows() == before
    treated = Contribution.objects.for_synthese().filter(submitted_at__lt=TexteVersion.objects.get().received_before)
    received = dict(treated.values_list("pk", "submitted_at"))
    load_programme(json.loads(FIXTURE.read_text()), today=timezone.localdate() + timedelta(weeks=8))
    assert received.items() <= dict(Contribution.objects.values_list("pk", "submitted_at")).items()
    assert read(client, contribution) and TexteVersion.objects.get().figures["reste"] == 0


def test_what_the_synthese_would_owe_to_a_visitor_or_to_the_team_keeps_it_a_draft():
    loaded(content={key: value for key, value in exemple().items() if key != "synthese"})
    shown = Contribution.objects.get(import_key="depenser-moins")
    change_state(
        shown, ContributionState.WITHDRAWN, cause=DecisionCause.MODERATION, by=make_superuser(), reason=make_reason()
    )
    make_contribution(demarche=shown.demarche, submitted_at=shown.submitted_at)
    for _ in range(2):
        load_exemple(exemple())
        version = TexteVersion.objects.get()
        assert version.is_draft and version.figures["reste"] == 1 and version.passages.count() == 6


def test_a_seance_still_to_come_has_said_nothing():
    load_programme(json.loads(FIXTURE.read_text()), today=timezone.localdate() + timedelta(days=3650))
    load_exemple(exemple())
    assert not Production.objects.exists() and not CompteRendu.objects.exists()
    assert not Inscription.objects.exclude(attended_at=None).exists()
    assert Membre.objects.filter(atelier__rank=1, name__startswith="Exemple").count() == 27
    assert not TexteVersion.objects.exists()


def test_without_anybody_to_run_it_the_minutes_wait_and_are_adopted_later():
    atelier = loaded(run_by=False)
    assert CompteRendu.objects.get().state == "ouvert"
    make_animation(atelier=atelier)
    load_exemple(exemple())
    assert CompteRendu.objects.get().state == "adopte"


def test_a_portal_that_had_the_example_of_before_gets_the_rest():
    former = exemple()
    del former["atelier_vecu"], former["complet"]
    loaded(content=former)
    assert not Production.objects.exists()
    load_exemple(exemple())
    assert Production.objects.count() == 7
    assert CompteRendu.objects.get().state == "adopte"


def test_visitors_who_have_their_places_already_keep_them_and_the_example_takes_what_is_left():
    former = exemple()
    del former["complet"], former["atelier_vecu"]
    loaded(content=former)
    seances = {rank: Seance.objects.get(atelier__rank=rank, rank=2).pk for rank in (1, 7)}
    for rank, visitors in ((1, 38), (7, 12)):
        for _ in range(visitors):
            Inscription.objects.create(rencontre_id=seances[rank], personne=make_personne(), state="confirmee")
    load_exemple(exemple())
    assert Inscription.objects.filter(rencontre=seances[1]).count() == 40
    assert Rencontre.objects.get(pk=seances[7]).capacity == 40
    assert not Inscription.objects.filter(state="en_attente").exists()


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("atelier_vecu.atelier", 9, "le programme n’a pas d’atelier de rang 9"),
        ("atelier_vecu.seances.1.devenirs.0.production", "rien", "devenirs[0].production : « rien » n’est pas l’un de"),
        ("atelier_vecu.seances.1.devenirs.4.reason", ..., "devenirs[4] : la clé « reason » manque"),
        ("atelier_vecu.seances.0.productions.1.key", "priorites", "la clé « priorites » est déjà pris"),
        ("atelier_vecu.seances.0.compte_rendu.reponse", ..., "une remarque va avec sa réponse"),
        ("atelier_vecu.seances.0.came", [9, 4], "atelier_vecu.seances[0].came : on attend deux numéros"),
        (
            "synthese.passages.1.cites.0.quote",
            "ce qui est tranché",
            "cites[0].quote : ces mots ne sont pas, à la lettre",
        ),
        ("synthese.reponses.0.contribution", "garde-d-enfants", "la contribution « garde-d-enfants » est déjà pris"),
        ("synthese.etape", 9, "le programme n’a pas d’étape de rang 9"),
        ("tirage.candidats.0.college", 9, "le programme n’a pas de catégorie de rang 9"),
        ("complet.seance", 4, "complet.seance : le nombre doit être entre 1 et 3"),
    ],
)
def test_what_is_wrong_is_refused_with_its_path(path, value, reason):
    content = copy.deepcopy(exemple())
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    target = content
    for part in parents:
        target = target[part]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    with pytest.raises(ProgrammeError) as refusal:
        read_exemple(content, read_programme(json.loads(FIXTURE.read_text())))
    assert reason in str(refusal.value)
