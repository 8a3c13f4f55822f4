"""Looking at a list of people, and taking one away, are written down (that it stays: test_access_kept.py).

The walk below writes over every address, number and name of the database, then opens every page of the admin: one
that shows any of them without writing it down fails, whoever adds it.
"""

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import call_command
from django.db import connection, models, transaction
from django.utils import timezone

from consultation.choices import RoleKind
from participons.data import FIELDS
from socle.access import actions
from socle.access.models import Act, Trace
from socle.comptes.models import Personne
from socle.exports.models import Export
from socle.personaldata import OPEN
from tests.factories import (
    make_contribution,
    make_demarche,
    make_inscription,
    make_rencontre,
    make_role,
    make_superuser,
    make_user,
)
from tests.test_rights_matrix import (
    ADMINISTRATEUR,
    MODELS,
    TEAM,
    body_of,
    client_of,
    doors,
    in_folder,
    make_world,
)

pytestmark = pytest.mark.django_db

NAMED = {"name", "phone", "author_name", "to"}  # beside every address
MARK = "quidam"
# One person's own page, opened from a list that is written down.
ONE_PERSON = {
    "admin/consultation/rencontre/<int:pk>/attestations/<str:code>/",
    "admin/comptes/user/<id>/password/",
    "admin/courriels/envoi/gardes/<str:name>/",
}
# Files that hold no list of people; any other file of the admin is written down.
NOBODYS = {
    "admin/ateliers/atelier/<int:pk>/seances/<int:rank>/absents/feuille.pdf",
    "admin/ateliers/atelier/<int:pk>/seances/<int:rank>/productions/fiches.pdf",
    "admin/consultation/rencontre/<int:pk>/avis/feuille.pdf",
    "admin/consultation/rencontre/<int:pk>/images/<int:media>/image.jpg",
    "admin/consultation/rencontre/<int:pk>/images/<int:media>/vignette.jpg",
    "admin/consultation/transcription/<int:pk>/scan/",
    "admin/consultation/transcription/<int:pk>/scan/<int:number>/",
    "admin/consultation/transcription/<int:pk>/recu.pdf",
    "admin/consultation/cahieracteur/<int:pk>/document/",
    "admin/privacy/visa/<int:pk>/bordereau.pdf",  # the references of documents
    "admin/jsi18n/",
}
# Their rows come from somebody; what the list shows is what was said, never who said it or where to reach them.
SAID_ONLY = {
    "consultation.contribution",
    "consultation.question",
    "consultation.signalement",
    "consultation.reexamen",
    "consultation.transcription",
    "consultation.cahieracteur",
    "exports.export",
    "privacy.opposition",
    "privacy.depart",
}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


def says_who(model):
    """The columns of a model that say who somebody is, or how to reach them, by the classification of columns."""
    label = model._meta.concrete_model._meta.label
    if label.startswith(("auth.", "participons.")):
        return []
    shut = [model._meta.get_field(name) for name, access in FIELDS[label].items() if access != OPEN]
    text = [field for field in shut if isinstance(field, models.CharField)]
    return [field for field in text if isinstance(field, models.EmailField) or field.name in NAMED]


def mark_everybody():
    for model in apps.get_models():
        for field in says_who(model) if model._meta.managed and model._meta.label in FIELDS else []:
            rows = model._base_manager.exclude(**{field.name: ""})
            for pk in rows.values_list("pk", flat=True):
                told = f"{MARK}-{model._meta.model_name}-{pk}"[: (field.max_length or 60) - 12]
                rows.filter(pk=pk).update(**{field.name: told + "@example.org" * (field.max_length > 60)})


def pages(portal):
    """(key in the URL map, address): the pages of the team, the list of each model and the page of one of its rows."""
    yield from ((key, door.address) for key, door in zip(TEAM, doors(portal), strict=False))
    for label in MODELS:
        key = f"admin/{label.replace('.', '/')}/"
        yield key, f"/{key}"
        yield "a row", f"/{key}{portal.words[f'{label}:ours']}/change/"


def what_is_wrong(client, key, address):
    """Opened alone, and the traces it left."""
    before = list(Trace.objects.values_list("pk", flat=True))
    with transaction.atomic():
        answer = client.get(address)
        shown = set(re.findall(rf"{MARK}-[a-z]+-[0-9]+", body_of(answer)))
        acts = set(Trace.objects.exclude(pk__in=before).values_list("act", flat=True))
        transaction.set_rollback(True)
    is_file = answer.status_code == 200 and not answer["Content-Type"].startswith(("text/html", "application/json"))
    if is_file and key not in NOBODYS and Act.TAKEN not in acts:
        return f"{address}: a file left, and nothing says so"
    one_by_one = key == "a row" or key in ONE_PERSON
    if len(shown) > one_by_one and not acts:
        return f"{address}: {sorted(shown)} were shown, and nothing says so"
    return ""


def test_no_page_of_the_admin_shows_people_without_writing_it_down(tmp_path):
    with in_folder(tmp_path):
        world = make_world()
        mark_everybody()
        client = client_of(world, ADMINISTRATEUR)
        wrong = [found for key, address in pages(world) if (found := what_is_wrong(client, key, address))]
    assert not wrong, "\n".join(wrong)


def test_every_list_whose_rows_are_people_says_its_name():
    """By what the columns say, whatever the list shows today."""
    for model, page in admin.site._registry.items():
        links = [field for field in model._meta.concrete_fields if field.related_model is Personne]
        label = model._meta.label_lower
        if (links or says_who(model)) and label not in SAID_ONLY:
            assert page.people_list, f"{label}: give its admin a people_list, or say in SAID_ONLY why not"
        assert not (page.people_list and label in SAID_ONLY)


# One by one


@pytest.fixture
def evening(client):
    """A rencontre with three people who left a number, and its responsable, logged in."""
    demarche = make_demarche()
    rencontre = make_rencontre(demarche=demarche, title="La soirée")
    for number in range(3):
        make_inscription(rencontre=rencontre, phone=f"06 00 00 00 0{number}", name=f"Nom {number}")
    client.force_login(make_role(demarche=demarche, kind=RoleKind.RESPONSABLE).user)
    return rencontre


def traces():
    return list(Trace.objects.order_by("pk").values_list("act", "what", "rows"))


def test_a_look_is_written_once_an_hour_and_again_when_more_people_are_seen(client, evening):
    calls = f"/admin/consultation/rencontre/{evening.pk}/appels/"
    for _ in range(3):
        client.get(calls)
    assert traces() == [("vue", "Liste d’appel", 3)]
    seen = Trace.objects.get()
    assert (seen.scope, seen.subject) == (f"demarche:{evening.demarche_id}", f"rencontre:{evening.pk}")
    make_inscription(rencontre=evening, phone="06 00 00 00 09")
    client.get(calls)
    client.get(f"/admin/consultation/rencontre/{evening.pk}/liste/")
    assert traces()[1:] == [("vue", "Liste d’appel", 4), ("vue", "Places et liste d’attente", 4)]
    text = "".join(str(row) for row in Trace.objects.values_list())
    assert "06 00" not in text and "Nom" not in text and "@" not in text


def test_a_look_of_an_hour_ago_does_not_count_for_this_one():
    by = make_user(is_staff=True)
    actions.looked(by, "Liste", 3)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE access_trace DISABLE TRIGGER access_stays")
        cursor.execute("UPDATE access_trace SET at = at - interval '61 minutes'")
        cursor.execute("ALTER TABLE access_trace ENABLE TRIGGER access_stays")
    actions.looked(by, "Liste", 3)
    actions.looked(make_user(is_staff=True), "Liste", 3)
    actions.looked(by, "Liste", 0)
    assert Trace.objects.count() == 3


def test_a_refused_page_leaves_no_trace(client, evening):
    client.force_login(make_role(demarche=evening.demarche, kind=RoleKind.LECTEUR).user)
    for name in ("appels", "liste", "arrivees", "presences"):
        assert client.get(f"/admin/consultation/rencontre/{evening.pk}/{name}/").status_code == 403
    assert traces() == []


def test_the_arrival_page_is_written_down_for_a_script_as_for_a_reader(client, evening):
    address = f"/admin/consultation/rencontre/{evening.pk}/arrivees/"
    client.get(address, headers={"accept": "application/json"})
    client.get(address)
    assert traces() == [("vue", "Liste d’arrivée", 3)]


def test_each_file_that_leaves_is_written_down_each_time(client, evening, settings, tmp_path):
    settings.EXPORT_STORAGE = tmp_path
    make_contribution(demarche=evening.demarche)
    export = "/admin/consultation/contribution/export/?etat=toutes"
    form = client.get(export).context["form"]
    ticked = {name: "on" for name in form.fields if name.startswith("contributionresource_")}
    for _ in range(2):
        answer = client.post(export, {"format": "0", "resource": "0", **ticked})
        assert answer["Content-Disposition"].startswith("attachment")
        body_of(answer)
    (act, what, rows), again = traces()
    assert (act, rows) == ("export", 1) and what.startswith("Contributions (") and again == (act, what, rows)


def test_a_file_of_the_worker_is_written_down_when_it_is_taken(client, evening, settings, tmp_path):
    settings.EXPORT_STORAGE = tmp_path
    (tmp_path / "fichier").write_text("référence;titre")
    owner, later = make_role(demarche=evening.demarche).user, timezone.now() + timedelta(days=1)
    made = {"kind": "synthese", "label": "Synthèse", "state": "pret", "file": "fichier", "download_name": "s.csv"}
    params = {"demarche": evening.demarche_id}
    export = Export.objects.create(owner=owner, params=params, rows=41, expires_at=later, **made)
    client.get(f"/exports/{export.pk}/")
    assert traces() == []  # not theirs
    client.force_login(owner)
    body_of(client.get(f"/exports/{export.pk}/"))
    assert traces() == [("export", "Synthèse", 41)]


def test_the_command_line_takes_away_in_nobodys_name(tmp_path):
    demarche = make_demarche()
    make_contribution(demarche=demarche)
    call_command("export_contributions", tmp_path / "staff.csv", demarche=demarche.slug, verbosity=0)
    call_command("export_contributions", tmp_path / "open.csv", public=True, verbosity=0)
    taken = Trace.objects.get()
    assert (taken.by, taken.act, taken.rows, taken.scope) == (None, "export", 1, f"demarche:{demarche.pk}")


# Who reads them


def test_a_responsable_reads_the_traces_of_their_demarche_and_an_administrateur_all(client, evening):
    reader, other = make_user(is_staff=True, display_name="Camille"), make_demarche(courante=False)
    actions.looked(reader, "Liste d’appel", 3, scope=f"demarche:{evening.demarche_id}", subject="rencontre:1")
    actions.looked(reader, "Liste voisine", 4, scope=f"demarche:{other.pk}")
    actions.looked(reader, "Comptes", 5)
    page = client.get("/admin/access/trace/").content.decode()
    assert "Camille" in page and "Liste d’appel" in page and evening.demarche.title in page
    assert "Liste voisine" not in page and "Comptes</td>" not in page
    client.force_login(make_superuser())
    page = client.get("/admin/access/trace/").content.decode()
    assert all(words in page for words in ("Liste d’appel", "Liste voisine", "Comptes", "tout le site"))


def test_the_trace_of_an_erased_account_keeps_its_key_alone(client):
    reader = make_user(is_staff=True, display_name="Camille")
    actions.looked(reader, "Comptes", 5)
    key = reader.pk
    reader.delete()
    client.force_login(make_superuser())
    page = client.get("/admin/access/trace/").content.decode()
    assert f"compte {key}, effacé" in page and "Camille" not in page
