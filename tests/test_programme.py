"""The programme of 2011, to the letter: the file, the rows it becomes, loading again, and what is refused."""

import copy
import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from ateliers.models import Atelier, Membre, Seance
from consultation.actions.contributions import change_state
from consultation.choices import ContributionState
from consultation.models import (
    College,
    Contribution,
    Decision,
    Demarche,
    Enjeu,
    Etape,
    Inscription,
    Lieu,
    Rencontre,
    Theme,
)
from forums.models import Forum
from participons.models import ProgrammeLoad
from participons.programme.load import load_exemple, load_programme
from participons.programme.reading import MAX_BYTES, Node, ProgrammeError, leaves, read_file
from participons.programme.schema import read_programme
from socle.courriels.actions import enqueue
from socle.courriels.models import Envoi
from socle.dates import day_label
from socle.identity.models import SiteIdentity
from socle.pagecache.models import Generation
from tests.factories import (
    make_contribution,
    make_demarche,
    make_inscription,
    make_personne,
    make_rencontre,
    make_superuser,
)
from tests.programme_source import EXEMPLE, FIXTURE, ROOT, plain, read_source

TODAY = date(2026, 9, 17)
TABLES = (Demarche, Etape, Enjeu, Theme, College, Lieu, Rencontre, Atelier, Seance, Forum, Contribution, Decision)


def programme() -> dict:
    return json.loads(FIXTURE.read_text())


def exemple() -> dict:
    return json.loads(EXEMPLE.read_text())


def rows() -> dict:
    """Every column of every row that a load may write."""
    return {
        model: list(model.objects.order_by("pk").values()) for model in (*TABLES, Membre, Inscription, SiteIdentity)
    }


def local_days(atelier: Atelier) -> list[date]:
    return [timezone.localdate(seance.rencontre.starts_at) for seance in atelier.seances.select_related("rencontre")]


# To the letter


def test_source_is_read_whole():
    source = read_source()
    counts = [len(part) for part in (source.paragraphs, source.enjeux, source.ateliers, source.etapes)]
    assert counts == [5, 4, 7, 7]
    assert sum(len(atelier.days) for atelier in source.ateliers) == 21


def test_demarche_says_what_the_source_says(db):
    source = read_source()
    demarche = load_programme(programme()).demarche
    assert plain(demarche.title) == plain(source.title)
    assert demarche.owner == "Région Nord-Pas de Calais"
    said = plain(f"{demarche.summary}\n{demarche.call}\n{demarche.remote_call}")
    assert [paragraph for paragraph in source.paragraphs if paragraph not in said] == []
    assert timezone.localdate(demarche.contributions_open_at) == date(2010, 10, 1)
    assert demarche.contributions_close_at is None
    assert demarche.takes_contributions()
    assert not demarche.example_dates
    assert Demarche.objects.current() == demarche


def test_enjeux_are_the_whole_sentences(db):
    source = read_source()
    load_programme(programme())
    assert [plain(enjeu.sentence) for enjeu in Enjeu.objects.order_by("rank")] == source.enjeux
    assert [plain(enjeu.short_title) for enjeu in Enjeu.objects.order_by("rank")] == source.verbs


def test_etapes_have_the_texts_the_numbers_and_the_periods(db):
    source = read_source()
    load_programme(programme())
    etapes = list(Etape.objects.order_by("rank"))
    assert [etape.text.lower() for etape in map(plained, etapes)] == [text.lower() for _, text in source.etapes]
    periods = ["octobre 2010", "27 janvier 2011", "du 7 mars au 19 avril 2011", "17 mai 2011", "mai/juin 2011"]
    assert [etape.period_label for etape in etapes] == [*periods, "juin 2011", "automne 2011"]
    assert all(
        label.startswith(when)
        for label, (when, _) in zip([etape.period_label for etape in etapes], source.etapes, strict=True)
    )
    assert [etape.people_count for etape in etapes] == [120, 450, None, None, None, None, None]
    for etape in etapes[:2]:
        assert str(etape.people_count) in source.whole
        assert plain(etape.people_label) in source.whole


def plained(etape: Etape) -> Etape:
    etape.text = plain(etape.text)
    return etape


def test_ateliers_have_town_question_place_and_days(db):
    source = read_source()
    load_programme(programme())
    ateliers = list(Atelier.objects.select_related("lieu").order_by("rank"))
    assert len(ateliers) == len(source.ateliers)
    for atelier, said in zip(ateliers, source.ateliers, strict=True):
        assert (atelier.rank, atelier.town, plain(atelier.question)) == (said.rank, said.town, said.question)
        assert plain(", ".join(filter(None, [atelier.lieu.name, atelier.lieu.street]))) == said.place
        days = [day_label(day, weekday=False) for day in local_days(atelier)]
        assert days == [f"{day} 2011" for day in said.days]
        assert [plain(theme.question) for theme in atelier.themes.all()] == [said.question]


def test_what_the_source_does_not_say_stays_open(db):
    """No hour, no capacity, no place for the forum, no postcode, no coordinates, no objective."""
    load_programme(programme())
    assert set(Rencontre.objects.values_list("precision", "capacity", "ends_at").distinct()) == {
        ("jour", None, None),
        ("mois", None, None),
        ("saison", None, None),
    }
    assert not Rencontre.objects.exclude(kind="seance").filter(lieu__isnull=False).exists()
    assert not Lieu.objects.exclude(postcode="", latitude=None, access="").exists()
    assert not Seance.objects.exclude(objective="", ordre_du_jour="").exists()
    assert not Rencontre.objects.filter(example=True).exists()


def test_atelier_7_starts_before_atelier_6_which_ends_on_a_tuesday(db):
    load_programme(programme())
    sixth, seventh = Atelier.objects.filter(rank__in=(6, 7)).order_by("rank")
    assert local_days(seventh)[0] < local_days(sixth)[0]
    assert day_label(local_days(sixth)[-1]) == "mardi 12 avril 2011"


def test_launch_forum_sitting_and_meetings(db):
    load_programme(programme())
    launch = Rencontre.objects.get(kind="lancement")
    assert (launch.title, launch.other_title) == (
        "Réunion de lancement de la démarche de coproduction",
        "Forum de lancement",
    )
    assert launch.when_label == "jeudi 27 janvier 2011"
    forum = Forum.objects.select_related("rencontre").get()
    assert (forum.edition, forum.periodicity, forum.rencontre.when_label) == (2, "biennal", "mardi 17 mai 2011")
    assert "deuxième Forum régional de la démocratie participative" in forum.purpose
    day = list(forum.moments.values_list("rank", "kind", "atelier__rank", "at"))
    assert day[:7] == [(rank, "restitution", rank, None) for rank in range(1, 8)]
    assert day[7:] == [(8, "debat", None, None), (9, "croisement", None, None)]
    assert forum.remarks_open_at is None  # the source does not say
    assert Rencontre.objects.get(kind="seance_pleniere").when_label == "juin 2011"
    assert Rencontre.objects.get(kind="reunion_publique").when_label == "automne 2011"
    sitting = Rencontre.objects.get(kind="seance_pleniere")
    assert sitting.title == "Séance commune du Conseil régional Nord-Pas de Calais et du CESER"


# Words of the file that the source has in another number only.
SINGULAR = {"élu", "technicien", "collectivité", "territoriale", "représentant", "associatif", "lycée", "habitant"}


def test_file_states_nothing_that_the_source_does_not():
    """Every word and every number of every value is in the source; the rest of the file is keys and kinds."""
    source = set(re.findall(r"[\w-]+", read_source().whole.lower()))
    content = programme()
    for etape in content["etapes"]:
        etape.pop("type")
    for rencontre in content["rencontres"]:
        rencontre.pop("kind"), rencontre.pop("key")
        for part in rencontre.get("forum", {}).get("programme", []):
            part.pop("kind")
    content["demarche"].pop("slug"), content["demarche"].pop("code"), content["cadre"].pop("level")
    unknown = set()
    for node in leaves([Node(content, "")]):
        unknown |= set(re.findall(r"[\w-]+", re.sub(r"\{.*?\}", "", plain(node.value)).lower())) - source
    assert unknown <= SINGULAR | {"entreprise"}


def test_numbers_of_the_file_are_ranks_or_counts_of_the_source():
    numbers = {int(number) for number in re.findall(r"\d+", read_source().whole)}
    content = programme()
    assert {etape["people_count"] for etape in content["etapes"] if "people_count" in etape} <= numbers
    keys = {key for part in content.values() for row in ([part] if isinstance(part, dict) else part) for key in row}
    assert keys.isdisjoint({"capacity", "from", "to", "postcode", "latitude"})


# Again and again


def test_second_load_changes_nothing(db):
    load_programme(programme(), today=TODAY)
    load_exemple(exemple())
    before, generation = rows(), Generation.objects.get().number
    for report in (load_programme(programme(), today=TODAY), load_exemple(exemple())):
        assert (report.created, report.changed, report.kept) == (0, 0, 0)
    assert rows() == before
    assert Generation.objects.get().number == generation


def test_pages_change_when_a_load_changed_something(db):
    load_programme(programme())
    generation = Generation.objects.get().number
    load_programme(programme(), today=TODAY)
    assert Generation.objects.get().number == generation + 1


def test_moving_again_comes_back_to_the_same_rows(db):
    """Months and seasons are computed from the file each time: nothing drifts."""
    load_programme(programme())
    load_exemple(exemple())
    before = rows()
    for day in (TODAY, TODAY + timedelta(days=8), date(2031, 12, 27)):
        load_programme(programme(), today=day)
    load_programme(programme())
    after = rows()
    for model, found in before.items():
        for old, new in zip(found, after[model], strict=True):
            old.pop("ics_sequence", None), new.pop("ics_sequence", None)
    assert after == before


def test_inscriptions_and_contributions_of_people_stay(db):
    load_programme(programme(), today=TODAY)
    seance = Seance.objects.select_related("rencontre").first()
    inscription = make_inscription(rencontre=seance.rencontre, personne=make_personne())
    said = make_contribution(title="À moi")
    load_programme(programme(), today=TODAY + timedelta(days=7))
    load_exemple(exemple())
    moved = Inscription.objects.select_related("rencontre").get(pk=inscription.pk).rencontre
    assert moved.pk == seance.pk
    assert moved.starts_at - seance.rencontre.starts_at >= timedelta(days=7)
    assert Contribution.objects.get(pk=said.pk).submitted_at == said.submitted_at


def test_mails_about_a_moved_rencontre_are_called_back(db):
    load_programme(programme(), today=TODAY)
    rencontre = Rencontre.objects.filter(kind="seance").first()
    enqueue(to="a@example.org", subject="Rappel", text="…", dedupe_key="k", subject_key=f"rencontre:{rencontre.pk}")
    load_programme(programme(), today=TODAY + timedelta(days=14))
    assert Envoi.objects.get().state == "annule"
    assert Rencontre.objects.get(pk=rencontre.pk).ics_sequence == rencontre.ics_sequence + 1


def test_what_staff_wrote_wins(db):
    load_programme(programme(), today=TODAY)
    Enjeu.objects.filter(rank=1).update(sentence="Récrit par l’équipe.")
    Rencontre.objects.filter(kind="lancement").update(title="Renommée")
    deleted = Theme.objects.get(rank=7)
    deleted.delete()
    report = load_programme(programme(), today=TODAY)
    assert (report.created, report.changed, report.kept) == (0, 0, 2)
    assert Enjeu.objects.get(rank=1).sentence == "Récrit par l’équipe."
    assert Rencontre.objects.get(kind="lancement").title == "Renommée"
    assert not Theme.objects.filter(rank=7).exists()


def test_dates_that_staff_chose_move_by_the_same_weeks(db):
    demarche = load_programme(programme(), today=TODAY).demarche
    chosen = timezone.make_aware(timezone.datetime(2026, 9, 25, 19, 30))
    seance = Rencontre.objects.filter(kind="seance").first()
    Rencontre.objects.filter(pk=seance.pk).update(starts_at=chosen, precision="heure")
    added = make_rencontre(demarche=demarche, starts_at=chosen, precision="heure")
    load_programme(programme(), today=TODAY + timedelta(days=56))  # past the change of clocks
    for pk in (seance.pk, added.pk):
        moved = timezone.localtime(Rencontre.objects.get(pk=pk).starts_at)
        assert f"{moved:%Y-%m-%d %H:%M}" == "2026-11-20 19:30"


def test_file_that_changed_brings_its_changes(db):
    load_programme(programme())
    content = programme()
    content["enjeux"][0]["short_title"] = "mieux faire"
    content["themes"].append({"rank": 8, "question": "Et encore ?"})
    report = load_programme(content)
    assert (report.created, report.changed, report.kept) == (1, 1, 0)


def test_demarche_made_by_hand_is_not_taken_over(db):
    make_demarche(slug="democratie-participative", title="À la main")
    with pytest.raises(ProgrammeError, match=r"demarche\.slug : une autre démarche porte déjà"):
        load_programme(programme())
    assert list(Demarche.objects.values_list("title", flat=True)) == ["À la main"]


def test_another_courante_demarche_stays_the_courante(db):
    other = make_demarche()
    demarche = load_programme(programme()).demarche
    assert Demarche.objects.current() == other
    assert not demarche.courante


# The example


def test_example_is_marked_and_completes_what_was_open(db):
    load_programme(programme(), today=TODAY)
    load_exemple(exemple())
    detailed = Rencontre.objects.filter(precision="heure")
    assert detailed.count() == 22
    assert not detailed.exclude(example=True, capacity__gt=0, ends_at__isnull=False, lieu__isnull=False).exists()
    assert not Rencontre.objects.exclude(precision="heure").filter(example=True).exists()
    assert not Contribution.objects.filter(example=False).exists()
    assert not Contribution.objects.exclude(origine="seance").filter(submitted_at__date__gt=TODAY).exists()
    published = Contribution.objects.published()
    assert published.count() >= 12
    assert published.filter(display="nom").exists()
    assert published.filter(display="anonyme").exists()
    assert {"temoignage", "reflexion", "proposition", "question"} == set(published.values_list("nature", flat=True))
    assert Contribution.objects.filter(state=ContributionState.WAITING).count() >= 3
    assert all(
        email.endswith(("example.org", ".invalid"))
        for email in Membre.objects.values_list("personne__email", flat=True)
    )
    assert SiteIdentity.current().region_name == "Région de démonstration"
    forum = Forum.objects.get()
    assert not forum.moments.filter(at=None).exists()
    assert forum.remarks_open_at < forum.rencontre.starts_at < forum.remarks_close_at
    # Another load leaves alone what the team wrote of it, and adds nothing to a programme of theirs.
    forum.moments.filter(rank=8).update(at="15:00", title="Le grand débat")
    Forum.objects.update(remarks_close_at=forum.rencontre.starts_at)
    load_programme(programme(), today=TODAY)
    assert forum.moments.filter(rank=8, at="15:00").exists()
    assert Forum.objects.get().remarks_close_at == forum.rencontre.starts_at
    assert forum.moments.count() == 9


def test_someone_is_to_be_reminded(db):
    load_programme(programme(), today=timezone.localdate())
    load_exemple(exemple())
    coming = Inscription.objects.confirmed().filter(rencontre__starts_at__gt=timezone.now())
    assert coming.exclude(personne__confirmed_at=None).exists()


def test_decided_example_keeps_its_history(db):
    load_programme(programme(), today=TODAY)
    load_exemple(exemple())
    waiting = Contribution.objects.filter(state=ContributionState.WAITING).first()
    change_state(waiting, ContributionState.PUBLISHED, by=make_superuser())
    load_programme(programme(), today=TODAY + timedelta(days=28))
    after = Contribution.objects.get(pk=waiting.pk)
    assert (after.state, after.submitted_at) == (ContributionState.PUBLISHED, waiting.submitted_at)


def test_towns_of_the_example_are_facts():
    """Codes, postcodes and coordinates, held against INSEE's list."""
    listing = ROOT.parent / "shared" / "data" / "communes_hdf.csv"
    if not listing.exists():
        pytest.skip("the list of communes is not beside this clone")
    import csv

    with listing.open(newline="") as file:
        known = {row["code_insee"]: row for row in csv.DictReader(file)}
    content, places = exemple(), {}
    towns = {atelier["rank"]: atelier["town"] for atelier in programme()["ateliers"]}
    for commune in content["communes"]:
        row = known[commune["insee_code"]]
        assert (commune["name"], commune["departement"], commune["epci_code"], commune["population"]) == (
            row["nom"],
            row["departement"],
            row["epci_code"],
            int(row["population"]),
        )
        places[commune["name"]] = row
    for lieu in content["lieux"]:
        row = places[towns[lieu["atelier"]]]
        assert lieu["postcode"] in row["codes_postaux"].split("|")
        assert (lieu["longitude"], lieu["latitude"]) == (float(row["lon"]), float(row["lat"]))


def test_example_needs_its_programme(db):
    with pytest.raises(ProgrammeError, match=r"demarche : aucun programme n’a été chargé"):
        load_exemple(exemple())
    load_programme(programme())
    with pytest.raises(ProgrammeError, match=r"lieux\[0\]\.atelier : le programme n’a pas d’atelier .* de rang 9"):
        load_exemple({"demarche": "democratie-participative", "lieux": [{"atelier": 9}]})


# Refused


def changed(path: str, value: object) -> dict:
    """The programme with one value replaced; « … » removes the key."""
    content = copy.deepcopy(programme())
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    target = content
    for part in parents:
        target = target[part]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return content


REFUSED = [
    ("ateliers.3.seances.1", "31 février 2011", "ateliers[3].seances[1] : « 31 février 2011 » n’est pas une date."),
    ("ateliers.3.seances.1", "mardi 24 mars 2011", "« mardi 24 mars 2011 » : ce jour-là est un jeudi."),
    ("ateliers.3.seances.1", "24 mars", "« 24 mars » n’est pas une date."),
    ("ateliers.3.seances.1", "9 mars 2011", "ne vient pas après la précédente (10 mars 2011)"),
    ("ateliers.3.seances.1", "avril 2011", "il faut un seul jour"),
    ("ateliers.3.seances.1", "du 24 au 25 mars 2011", "une séance tient en un jour"),
    ("ateliers.3.seances", "10 mars 2011", "ateliers[3].seances : on attend une liste […], et non un texte."),
    ("ateliers.0.rank", 2, "ateliers[1] : le rang « 2 » est déjà pris."),
    ("ateliers.0.rank", True, "ateliers[0].rank : on attend un nombre entier, et non vrai ou faux."),
    ("ateliers.0.rank", 0, "le nombre doit être entre 1 et 999"),
    ("ateliers.0.themes", [8], "ateliers[0].themes[0] : aucun thème de rang 8 dans le fichier."),
    ("ateliers.0.etape", 9, "ateliers[0].etape : aucune étape de rang 9 dans le fichier."),
    ("ateliers.0.lieu.postcode", "5937O", "ateliers[0].lieu.postcode : « 5937O » n’est pas un code postal"),
    ("ateliers.0.lieu.latitude", 91, "ateliers[0].lieu.latitude : on attend un nombre de degrés"),
    ("ateliers.0.lieu.latitude", 50, "latitude et longitude vont ensemble"),
    ("ateliers.0.town", "Mons\u0000", "ateliers[0].town : le caractère U+0000 n’est pas permis."),
    ("ateliers.0.town", "\ud800", "le caractère U+D800 n’est pas permis"),
    ("ateliers.0.town", "a" * 81, "le texte a 81 caractères, 80 au plus"),
    ("ateliers.0.town", "  ", "le texte est vide"),
    ("ateliers.0.town", "Mons\nBarœul", "le texte tient sur une ligne"),
    ("ateliers.0.ville", "Mons", "ateliers[0] : la clé « ville » n’est pas connue ; on attend rank, town"),
    ("ateliers.0.town", ..., "ateliers[0] : la clé « town » manque."),
    ("etapes.2.period", "du 19 avril au 7 mars 2011", "« du 19 avril au 7 mars 2011 » finit avant de commencer."),
    ("etapes.2.period", "7 mars 20111", "n’est pas une date"),
    ("etapes.2.period", "7 mars 1789", "l’année doit être entre 1990 et 2199"),
    ("etapes.2.period", None, "etapes[2].period : on attend un texte, et non rien."),
    ("etapes.2.type", "atelier", "etapes[2].type : « atelier » n’est pas l’un de : recueil"),
    ("etapes.0.people_count", 1.5, "etapes[0].people_count : on attend un nombre entier"),
    ("demarche.slug", "Été 2011", "demarche.slug : on attend des lettres sans accent"),
    ("demarche.code", "dp", "demarche.code : De 2 à 8 capitales"),
    ("demarche.summary", ["Depuis {etape 9}."], "demarche.summary[0] : « {etape 9} » ne désigne aucune date"),
    ("demarche.summary", ["Depuis {etape 1, jour}."], "cette date n’est pas connue au jour"),
    ("demarche.call", "Venez { vite", "demarche.call : une accolade"),
    ("rencontres.1.forum", ..., "rencontres[1] : la clé « forum » va avec la nature « forum »"),
    ("rencontres.1.forum.programme.0.atelier", 9, "programme[0].atelier : aucun atelier de rang 9 dans le fichier."),
    ("rencontres.1.forum.programme.0.atelier", 2, "programme[1] : l’atelier « 2 » est déjà pris."),
    ("rencontres.1.forum.programme.7.atelier", 2, "programme[7] : la clé « atelier » va avec la nature"),
    ("rencontres.0.kind", "seance", "rencontres[0].kind : « seance » n’est pas l’un de"),
    ("rencontres.2.date", "mai/juin 2011", "rencontres[2].date : une rencontre a un jour, un mois ou une saison"),
    ("etapes", ..., "le fichier : la clé « etapes » manque."),
]


@pytest.mark.parametrize(
    ("path", "value", "reason"), REFUSED, ids=[f"{path}={value!r:.20}" for path, value, _ in REFUSED]
)
def test_wrong_value_is_refused_with_its_path(path, value, reason):
    with pytest.raises(ProgrammeError) as refusal:
        read_programme(changed(path, value))
    assert reason in str(refusal.value)


FILES = [
    (b"", "ce n’est pas du JSON"),
    (b'{"demarche": ', "ligne 1, colonne 14 : ce n’est pas du JSON"),
    ('{"demarche": "é"}'.encode("latin-1"), "n’est pas en UTF-8 (octet 0xe9 à la position 14)"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", "n’est pas en UTF-8"),
    (b"[1, 2]", "le fichier : on attend un objet {…}, et non une liste."),
    (b'{"etapes": 1, "etapes": 2}', "la clé « etapes » est écrite deux fois"),
    (b'{"etapes": NaN}', "« NaN » n’est pas un nombre"),
    (b"[" * 200_000, "pas du JSON que l’on sache lire"),
    (b"9" * 5_000, "pas du JSON que l’on sache lire"),
    (b" " * (MAX_BYTES + 1), "le fichier dépasse 2 Mo"),
]


@pytest.mark.parametrize(("content", "reason"), FILES, ids=[reason[:24] for _, reason in FILES])
def test_wrong_file_is_refused_and_nothing_is_written(db, tmp_path, content, reason):
    path = tmp_path / "programme.json"
    path.write_bytes(content)
    with pytest.raises(CommandError) as refusal:
        call_command("load_programme", path)
    said = str(refusal.value).replace("\u00a0", " ")
    assert said.endswith("Rien n’a été écrit.")
    assert reason in said
    assert not ProgrammeLoad.objects.exists()
    assert not Demarche.objects.exists()


def test_missing_file_and_folder_are_said(db, tmp_path):
    for path in (tmp_path / "absent.json", tmp_path):
        with pytest.raises(CommandError, match="ce fichier ne peut pas être lu"):
            call_command("load_programme", path)


def test_byte_order_mark_is_welcome(db, tmp_path):
    path = tmp_path / "programme.json"
    path.write_bytes(b"\xef\xbb\xbf" + FIXTURE.read_bytes())
    assert read_file(path) == programme()


def test_what_the_database_refuses_writes_nothing(db):
    """A capacity below the people already confirmed is held by a trigger, not by the reading."""
    load_programme(programme())
    rencontre = Rencontre.objects.filter(kind="seance").first()
    for _ in range(2):
        make_inscription(rencontre=rencontre)
    before = rows()
    content = exemple()
    content["seances"]["capacity"] = 1
    with pytest.raises(ProgrammeError, match="2 personnes sont déjà confirmées"):
        load_exemple(content)
    assert rows() == before


def test_constraint_is_said_with_its_sentence(db):
    """Staff wrote for one collège what the file now says of another."""
    load_programme(programme())
    College.objects.filter(rank=1).update(label="Autre")
    content = programme()
    content["colleges"][1]["label"] = "Autre"
    with pytest.raises(ProgrammeError, match=r"refuse ce programme : Ce collège existe déjà\."):
        load_programme(content)


def test_command_says_what_it_did(db):
    out = StringIO()
    call_command("load_programme", FIXTURE, shift_to_today=True, today=TODAY, stdout=out)
    call_command("load_exemple", EXEMPLE, stdout=out)
    first, shifted, added = out.getvalue().splitlines()
    assert re.search(r"96 éléments créés, 0 élément modifié\.$", first)
    assert shifted.endswith("semaines, pour le jeudi 17 septembre 2026.")
    assert "créés" in added


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_nothing_is_half_written(database_url):
    """The transaction holds: a load killed while it waits, its rows written, leaves none of them."""
    script = (
        "import django, os, json, sys, time; django.setup()\n"
        "from participons.programme import load\n"
        "def wait(): print('written', flush=True); time.sleep(60)\n"
        "load.bump = wait\n"
        f"load.load_programme(json.load(open({str(FIXTURE)!r})))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "participons.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "written\n"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert not Demarche.objects.exists()
    for _ in range(100):  # the server notices that its client is gone
        try:
            report = load_programme(programme())
            break
        except ProgrammeError:
            time.sleep(0.1)
    assert report.created == 96


@pytest.mark.django_db(transaction=True)
def test_two_loads_at_once_make_one_demarche():
    def load() -> int:
        try:
            return load_programme(programme()).created
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        created = sorted(future.result() for future in [pool.submit(load), pool.submit(load)])
    assert created == [0, 96]
    assert Demarche.objects.count() == 1
