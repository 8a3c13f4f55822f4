"""« Composer le groupe » in the admin: who reads what, each gesture by its form, a file, the launch, a draw."""

import csv
import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from ateliers.actions.composition import leave
from ateliers.models import CameBy, Candidature, Cible, Membre, Tirage
from consultation.choices import DemarcheState, InscriptionState, RencontreKind, RencontreState, RoleKind
from consultation.models import Inscription
from socle.courriels.models import Envoi
from tests.composing import address, make_group, organiser, people, put_in, states
from tests.factories import (
    make_animation,
    make_candidature,
    make_college,
    make_commune,
    make_demarche,
    make_inscription,
    make_membre,
    make_personne,
    make_rencontre,
    make_role,
    make_seance,
    make_superuser,
)
from tests.test_admin_demarche import posted

pytestmark = pytest.mark.django_db

CSV = "Nom;Prénom;Adresse mail;Collège;Commune;Structure\n"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def group():
    return make_group(capacity=4)


@pytest.fixture
def staff(client, group):
    return organiser(client, group)


def said(answer):
    return " ".join(answer.content.decode().replace("&nbsp;", " ").replace("\xa0", " ").split())


def told(client, answer):
    """The messages of the page one is sent to."""
    assert answer.status_code == 302
    return said(client.get(answer["Location"]))


def do(client, group, gesture, end="groupe/", **fields):
    return client.post(address(group, end), {"geste": gesture, **fields})


# Who reads, who changes


@pytest.mark.parametrize("role", [RoleKind.LECTEUR, RoleKind.MODERATEUR, RoleKind.REDACTEUR])
def test_who_only_looks_sees_references_and_no_button(client, group, role):
    make_membre(atelier=group, name="Zoé Secrète", personne=make_personne(email="zoe@secret.fr"))
    make_candidature(atelier=group, name="Zoé Secrète")
    client.force_login(make_role(demarche=group.demarche, kind=role).user)
    for end in ("groupe/", "tirage/"):
        page = said(client.get(address(group, end)))
        assert "zoe@secret.fr" not in page and "Zoé" not in page and 'name="geste"' not in page
        assert client.post(address(group, end), {"geste": "libres"}).status_code == 403
    for end in ("groupe/fichier/", "groupe/lancement/", "groupe/cibles/", "tirage/fichier/"):
        assert client.get(address(group, end)).status_code == 403


def test_who_runs_the_atelier_sees_whom_to_call(client, group, staff):
    make_membre(atelier=group, name="Zoé", personne=make_personne(email="zoe@secret.fr", confirmed_at=None))
    answer = client.get(address(group))
    page = said(answer)
    assert "zoe@secret.fr" in page and "adresse non confirmée" in page and "1 n’a pas confirmé son adresse" in page
    assert answer["Cache-Control"] == "private, no-store"


def test_nobody_learns_of_the_group_of_another(client, group, staff):
    other = make_group()
    ended = make_animation(atelier=other, user=staff)
    ended.ends_on = timezone.localdate() - timezone.timedelta(days=1)
    ended.save()
    for end in ("groupe/", "tirage/", "groupe/fichier/", "groupe/lancement/", "groupe/cibles/"):
        assert client.get(address(other, end)).status_code == 404
        assert client.post(address(other, end), {"geste": "ouvrir"}).status_code == 404
    assert client.get(address(group).replace(str(group.pk), "999999")).status_code == 404


def test_a_member_of_another_group_is_not_reached_through_ones_own(client, group, staff):
    other = make_membre(atelier=make_group())
    for pk in (other.pk, "", "abc", "9" * 30, "-1", "١"):
        assert do(client, group, "partir", membre=pk).status_code == 404
    other.refresh_from_db()
    assert other.left_at is None


# One by one


def test_one_person_by_their_address(client, group, staff):
    college, commune = make_college(demarche=group.demarche), make_commune(name="Wambrechies")
    fields = {"email": "alice@example.org", "name": "Alice", "college": college.pk, "commune": "wambrechies"}
    page = told(client, do(client, group, "ajouter", **fields, organisation="Les Amis", came_by="candidature"))
    assert "1 personne entre dans le groupe." in page and "Séance 1 : 1 place donnée. 3 places restent." in page
    membre = Membre.objects.get()
    assert (membre.name, membre.college, membre.commune, membre.came_by) == ("Alice", college, commune, "candidature")
    assert membre.events.get().by == staff
    again = told(client, do(client, group, "ajouter", **fields, came_by="candidature"))
    assert "1 y était déjà" in again and Envoi.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"email": "alice"}, "mal écrite"),
        ({"email": "a@exémple.org"}, "accentuée"),
        ({"commune": "Nulle-Part"}, "Cette commune n’est pas connue"),
        ({"commune": "Deux"}, "Plusieurs communes"),
        ({"name": "x" * 121}, "120"),
        ({"came_by": "tirage_au_sort"}, "tirage_au_sort"),
        ({"college": "\0"}, ""),
        ({"college": "9" * 40}, ""),
        ({"email": "a\0b@", "came_by": "x"}, ""),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, group, staff, fields, words):
    make_commune(name="Deux"), make_commune(name="Deux")
    good = {"email": "alice@example.org", "name": "Alice Martin", "came_by": "candidature"}
    answer = client.post(address(group), {"geste": "ajouter"} | good | fields)
    assert answer.status_code == 422
    assert words in said(answer) and ("Alice Martin" in said(answer) or "name" in fields)
    assert not Membre.objects.exists()


def test_a_college_of_another_demarche_is_refused(client, group, staff):
    foreign = make_college(demarche=make_demarche(courante=False))
    fields = {"email": "alice@example.org", "college": foreign.pk, "came_by": "candidature"}
    assert do(client, group, "ajouter", **fields).status_code == 422


def test_leaving_is_asked_then_done_by_name_and_undone(client, group, staff):
    put_in(group, people(5))
    membre = Membre.objects.order_by("pk").first()
    assert "quitte le groupe ?" in said(client.get(f"{address(group)}?partir={membre.pk}"))
    assert "3 places rendues à la liste" in told(client, do(client, group, "partir", membre=membre.pk))
    assert membre.events.latest("pk").by == staff
    page = told(client, do(client, group, "revenir", membre=membre.pk))
    assert "1 y revient" in page and "0 place donnée, 1 sur la liste d’attente. Complet : une personne attend." in page


def test_whole_group_gestures(client, group, staff):
    assert "3 séances sont réservées au groupe." in told(client, do(client, group, "fermer"))
    assert "3 séances s’ouvrent à tous" in told(client, do(client, group, "ouvrir"))
    alice = make_personne()
    for seance in group.seances.all():
        make_inscription(rencontre=seance.rencontre, personne=alice)
    assert "1 personne s’est inscrite à toutes les séances" in said(client.get(address(group)))
    assert "1 personne entre" in told(client, do(client, group, "libres"))
    make_membre(atelier=group)
    assert "1 membre n’a jamais été inscrit" in said(client.get(address(group)))
    assert "Séance 3 : 1 place donnée" in told(client, do(client, group, "rattraper"))
    assert "Rien n’a été changé" in told(client, do(client, group, "autre"))


def test_a_draft_is_refused_with_its_sentence(client):
    group = make_group(demarche=make_demarche(state=DemarcheState.DRAFT, courante=False))
    organiser(client, group)
    fields = {"email": "alice@example.org", "came_by": "candidature"}
    assert "n’est pas ouverte" in told(client, do(client, group, "ajouter", **fields))
    assert not Membre.objects.exists()


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_page_costs_the_same_queries_at_any_size(client, group, staff, count, django_assert_max_num_queries):
    college = make_college(demarche=group.demarche)
    for _ in range(count):
        make_membre(atelier=group, college=college, commune=make_commune())
        make_candidature(atelier=group, college=college)
    with django_assert_max_num_queries(20):
        client.get(address(group))
    with django_assert_max_num_queries(20):
        client.get(address(group, "tirage/"))


def test_what_was_said_of_a_member_is_put_right_in_the_form_and_nobody_is_deleted(client, group):
    make_membre(atelier=group)
    client.force_login(make_role(demarche=group.demarche, kind=RoleKind.RESPONSABLE).user)
    page = client.get(address(group, "change/")).content.decode()
    assert f'href="{address(group)}"' in page and "membres-0-DELETE" not in page and "membres-0-organisation" in page


def test_a_seance_planned_in_the_form_says_who_waits(client, group):
    put_in(group, people(3))
    client.force_login(make_role(demarche=group.demarche, kind=RoleKind.RESPONSABLE).user)
    url = address(group, "change/")
    from tests.test_admin_demarche import posted

    fields = {"seances-TOTAL_FORMS": 4, "seances-3-rank": 4, "seances-3-precision": "jour", "seances-3-places": 1}
    fields |= {"seances-3-starts_at_0": "01/03/2030", "seances-3-starts_at_1": "18:00", "seances-3-objective": ""}
    answer = client.post(url, posted(client.get(url), **fields))
    assert "Séance 4 : 1 membres ont une place, 2 attendent." in told(client, answer)


# A file


def upload(text, name="liste.csv", encoding="utf-8"):
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode(encoding))


def give(client, group, file, end="groupe/fichier/", **fields):
    return client.post(address(group, end), {"file": file, "came_by": "designe_au_lancement", **fields})


def confirm(client, group, preview, end="groupe/fichier/"):
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', preview.content.decode()))
    return client.post(address(group, end), {name: hidden[name] for name in ("lignes", "came_by")})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_usual_files_are_read_shown_then_written(client, group, staff, encoding, separator):
    make_college(demarche=group.demarche, label="Élus locaux")
    make_commune(name="Hénin-Beaumont")
    text = CSV + "Léger;Zoé;zoe@example.org;élus locaux;Henin Beaumont;Les Amis\n"
    preview = give(client, group, upload(text.replace(";", separator), encoding=encoding))
    page = said(preview)
    assert "1 à ajouter (désigné au lancement), 0 à corriger. <strong>Rien n’est encore écrit.</strong>" in page
    assert "Entre dans le groupe" in page and "assez de places pour tous" in page
    assert not Membre.objects.exists()
    assert "1 personne entre dans le groupe" in told(client, confirm(client, group, preview))
    membre = Membre.objects.get()
    assert (membre.name, membre.organisation, membre.came_by) == ("Zoé Léger", "Les Amis", CameBy.LANCEMENT)
    assert membre.college.label == "Élus locaux" and membre.commune.name == "Hénin-Beaumont"


def test_every_line_has_its_verdict(client, group, staff):
    make_college(demarche=group.demarche, label="Habitants")
    put_in(group, people(2))
    from ateliers.actions.composition import leave

    leave(Membre.objects.order_by("pk").first())
    lines = [
        ";;;;;",
        "A;;nouvelle@example.org;Habitants;;",
        "B;;pas une adresse;;;",
        "C;;;;;",
        "D;;Nouvelle@Example.org;;;",
        "E;;e@example.org;Martiens;;",
        "F;;f@example.org;;Nulle-Part;",
        "G;;g@example.org;;;;trop",
        f"{'H' * 130};;h@example.org;;;",
        "I;;membre0@example.org;;;",
        "J;;membre1@example.org;;;",
        "K;;k@exémple.org;;;",
    ]
    page = said(give(client, group, upload(CSV + "\n".join(lines))))
    for words in (
        "« pas une adresse » n’est pas une adresse électronique. Corrigez-la.",
        "la cellule est vide",
        "même adresse qu’à la ligne 3",
        "« Martiens » n’est pas un collège de la démarche",
        "Commune non reconnue",
        "7 colonnes au lieu de 6",
        "130 caractères, 120 au plus",
        "Revient dans le groupe",
        "Déjà du groupe : rien ne change",
        "lettre accentuée",
        "3 à ajouter",
        "7 à corriger",
    ):
        assert words in page, words
    assert "laisser le reste" in page


def test_before_and_after_the_figures_of_the_places(client, group, staff):
    lines = "\n".join(f"A{n};;a{n}@example.org;;;" for n in range(6))
    preview = give(client, group, upload(CSV + lines))
    assert "2 des 6 iraient sur la liste d’attente" in said(preview)
    page = told(client, confirm(client, group, preview))
    assert "Séance 1 : 4 places données, 2 sur la liste d’attente. Complet : 2 personnes attendent." in page


def test_the_same_file_twice_changes_nothing(client, group, staff):
    text = CSV + "A;;a@example.org;;;\n"
    confirm(client, group, give(client, group, upload(text)))
    before = (list(Membre.objects.values()), list(Inscription.objects.values()), Envoi.objects.count())
    preview = give(client, group, upload(text))
    assert "Il n’y a personne à ajouter" in said(preview)
    answer = client.post(address(group, "groupe/fichier/"), {"lignes": "forged", "came_by": "candidature"})
    assert "rien n’est écrit" in told(client, answer)
    assert (list(Membre.objects.values()), list(Inscription.objects.values()), Envoi.objects.count()) == before


def test_confirmed_twice_or_for_another_group_or_way(client, group, staff):
    other = make_group()
    make_animation(atelier=other, user=staff)
    preview = give(client, group, upload(CSV + "A;;a@example.org;;;\n"))
    assert "rien n’est écrit" in told(client, confirm(client, other, preview))
    assert "rien n’est écrit" in told(client, confirm(client, group, preview, "tirage/fichier/"))
    hidden = re.search(r'name="lignes" value="([^"]*)"', preview.content.decode())[1]
    forged = {"lignes": hidden, "came_by": "tirage_au_sort"}
    assert "rien n’est écrit" in told(client, client.post(address(group, "groupe/fichier/"), forged))
    client.force_login(organiser_of(group))
    assert "rien n’est écrit" in told(client, confirm(client, group, preview))
    assert not Membre.objects.exists()
    client.force_login(staff)
    for _ in range(2):
        confirm(client, group, preview)
    assert Membre.objects.count() == 1 and Envoi.objects.count() == 1


def organiser_of(group):
    return make_animation(atelier=group).user


def test_a_formula_loses_its_apostrophe_and_nothing_else(client, group, staff):
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(
        [["nom", "e-mail", "organisme"], ["'=1+1", "a@example.org", "'@Asso"], ["l'Hôte", "b@example.org", "<b>"]]
    )
    confirm(client, group, give(client, group, upload(out.getvalue())))
    found = Membre.objects.order_by("personne__email").values_list("name", "organisation")
    assert list(found) == [("=1+1", "@Asso"), ("l'Hôte", "<b>")]
    assert "&lt;b&gt;" in client.get(address(group)).content.decode()


def test_a_workbook_is_read_too(client, group, staff):
    book = openpyxl.Workbook()
    book.active.append(["Courriel", "Nom complet"])
    book.active.append(["a@example.org", "Alice"])
    out = io.BytesIO()
    book.save(out)
    confirm(client, group, give(client, group, upload(out.getvalue(), "liste.xlsx")))
    assert Membre.objects.get().name == "Alice"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vide"),
        (b"\x89PNG\r\n", "une image PNG"),
        (b"%PDF-1.7", "un document PDF"),
        (b"PK\x03\x04abc", "archive"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "XLS"),
        (b"adresse\na\0@example.org\n", "NUL"),
        (b"nom;prenom\nA;B\n", "Aucune colonne n’est titrée « adresse »"),
        (b"adresse\n", "personne à lire"),
        (b";;;\n;;;\n", "vide"),
        (b'adresse;nom\n"' + b"a" * 500_000, "démesurée"),
        (b"adresse\n" + b"\n".join(b"a%d@example.org" % n for n in range(302)), "plus de 300 lignes"),
        (b";" * 600 + b"adresse\n", "600"),
        (b"x" * (2 * 1024 * 1024 + 1), "2 Mo"),
        (b"\xff\xfe\x00\xd8", ""),
    ],
)
def test_hostile_files_give_a_sentence(client, group, staff, content, words):
    answer = give(client, group, upload(content))
    assert answer.status_code == 422, said(answer)[:2000]
    assert words in said(answer)
    assert not Membre.objects.exists()


def test_candidates_from_a_file(client, group, staff):
    put_in(group, people(1))
    text = "adresse\nmembre0@example.org\na@example.org\nb@example.org\n"
    preview = give(client, group, upload(text), "tirage/fichier/")
    assert "2 à ajouter, 0 à corriger" in said(preview)
    page = told(client, confirm(client, group, preview, "tirage/fichier/"))
    assert "2 candidatures ajoutées, 1 est déjà du groupe." in page
    assert list(Candidature.objects.order_by("number").values_list("number", flat=True)) == [1, 2]


# Those who came to the launch


@pytest.fixture
def launch(group):
    return make_rencontre(demarche=group.demarche, kind=RencontreKind.LANCEMENT)


def test_from_the_launch_only_those_who_came(client, group, staff, launch):
    college = make_college(demarche=group.demarche)
    came, also = (make_inscription(rencontre=launch, attended_at=timezone.now(), name=n) for n in ("Alice", "Bob"))
    absent = make_inscription(rencontre=launch, name="Carole")
    make_membre(atelier=make_group(), personne=also.personne)
    page = said(client.get(address(group, "groupe/lancement/")))
    assert "Alice" in page and "Carole" not in page and "déjà dans l’atelier 2" in page
    url = address(group, "groupe/lancement/")
    for wrong in ({}, {"people": absent.pk}, {"people": "abc"}, {"people": [came.pk, "9" * 40]}):
        assert client.post(url, {"groupe": "", **wrong}).status_code == 422
    answer = client.post(url, {"groupe": "", "people": [came.pk, also.pk], "college": college.pk})
    assert "2 personnes entrent dans le groupe" in told(client, answer)
    mine = Membre.objects.filter(atelier=group).order_by("name")
    assert list(mine.values_list("name", "college", "came_by")) == [
        ("Alice", college.pk, CameBy.LANCEMENT),
        ("Bob", college.pk, CameBy.LANCEMENT),
    ]
    assert "1 candidature ajoutée" not in told(client, client.post(url, {"tirage": "", "people": came.pk}))


def test_an_empty_launch_says_what_to_do(client, group, staff):
    assert "notez d’abord les arrivées" in said(client.get(address(group, "groupe/lancement/")))


# The places meant for each


def cibles(*lines, initial=0):
    fields = {"cibles-TOTAL_FORMS": len(lines), "cibles-INITIAL_FORMS": initial}
    for index, line in enumerate(lines):
        fields |= {f"cibles-{index}-{name}": value for name, value in line.items()}
    return fields


def test_places_for_each_college_and_territory(client, group, staff):
    college = make_college(demarche=group.demarche)
    make_commune(epci_code="200093201", epci_name="Métropole de Lille")
    url = address(group, "groupe/cibles/")
    assert "Métropole de Lille" in said(client.get(url))
    lines = cibles({"college": college.pk, "places": 10}, {"epci_code": "200093201", "places": "20"}, {"places": ""})
    assert "Les places visées sont notées" in told(client, client.post(url, lines))
    assert list(Cible.objects.order_by("pk").values_list("college", "epci_code", "places")) == [
        (college.pk, "", 10),
        (None, "200093201", 20),
    ]
    kept = Cible.objects.order_by("pk").first()
    client.post(url, cibles({"id": kept.pk, "college": college.pk, "places": 10, "DELETE": "on"}, initial=1))
    assert not Cible.objects.filter(pk=kept.pk).exists()


@pytest.mark.parametrize(
    "line",
    [
        {"places": 10},
        {"college": "X", "places": "beaucoup"},
        {"college": "X", "places": "-1"},
        {"college": "X", "places": "9" * 30},
        {"college": "X", "epci_code": "200093201", "places": 1},
        {"epci_code": "000000000", "places": 1},
        {"college": "foreign", "places": 1},
        {"college": "\0", "places": "\0"},
    ],
)
def test_wrong_places_are_refused_with_a_sentence(client, group, staff, line):
    make_commune(epci_code="200093201", epci_name="Métropole")
    known = {"X": make_college(demarche=group.demarche).pk}
    known["foreign"] = make_college(demarche=make_demarche(courante=False)).pk
    line = line | {"college": known.get(line.get("college"), line.get("college", ""))}
    assert client.post(address(group, "groupe/cibles/"), cibles(line)).status_code == 422
    assert not Cible.objects.exists()


def test_two_lines_for_one_college_and_a_forged_form(client, group, staff):
    college = make_college(demarche=group.demarche)
    line = {"college": college.pk, "places": 1}
    assert client.post(address(group, "groupe/cibles/"), cibles(line, line)).status_code == 422
    assert client.post(address(group, "groupe/cibles/"), {"a": "b"}).status_code == 422
    theirs = Cible.objects.create(atelier=make_group(), college=college, places=7)
    client.post(address(group, "groupe/cibles/"), cibles({"id": theirs.pk, **line}, initial=1))
    theirs.refresh_from_db()
    assert theirs.places == 7


# The draw


def test_a_draw_announced_then_done_from_the_page(client, group, staff):
    for _ in range(5):
        make_candidature(atelier=group)
    wrong = do(client, group, "tirer", "tirage/", others=2, how="a_venir")
    assert wrong.status_code == 422 and "avant qu’il soit connu" in said(wrong)
    fields = {"others": 2, "how": "a_venir", "source": "Le Loto du 5 mars"}
    assert "avec 5 numéros" in told(client, do(client, group, "tirer", "tirage/", **fields))
    assert "Rien n’a été changé" in told(client, do(client, group, "tirer", "tirage/", **fields))
    assert do(client, group, "graine", "tirage/", seed="").status_code == 422
    assert "2 personnes entrent" in told(client, do(client, group, "graine", "tirage/", seed="4 12 23"))
    assert "Rien n’a été changé" in told(client, do(client, group, "graine", "tirage/", seed="5"))
    assert Tirage.objects.get().seed == "4 12 23" and Tirage.objects.get().by == staff


def test_a_draw_with_the_seed_of_the_portal(client, group, staff, launch):
    for rencontre in (launch, launch):
        make_inscription(rencontre=rencontre, attended_at=timezone.now())
    waiting = make_personne()
    for seance in group.seances.all():
        make_inscription(rencontre=seance.rencontre, personne=waiting, state="en_attente")
    assert "2 candidatures ajoutées" in told(client, do(client, group, "lancement", "tirage/"))
    assert "1 candidature ajoutée" in told(client, do(client, group, "attente", "tirage/"))
    assert "personne à tirer" in told(client, do(client, group, "tirer", "tirage/", others=0, how="portail"))
    page = told(client, do(client, group, "tirer", "tirage/", others=3, how="portail"))
    assert "3 personnes entrent" in page and re.search(r"graine <code>[0-9a-f]{32}</code>", page)
    # Who waited keeps their rank, before those who come after.
    assert [len(one) for one in states(group)] == [3] * 3


@pytest.mark.parametrize("others", ["", "-1", "x", "9" * 40, "\0"])
def test_wrong_numbers_of_places_are_refused(client, group, staff, others):
    make_candidature(atelier=group)
    assert do(client, group, "tirer", "tirage/", others=others, how="portail").status_code == 422
    assert not Tirage.objects.exists()


def test_a_seance_that_is_announced_is_the_groups_at_once_with_one_message_each(client):
    client.force_login(make_superuser())
    make_personne(email="membre0@example.org")
    group = make_group(seances=1)
    put_in(group, people(3))
    gone = Membre.objects.get(personne__email="membre1@example.org")
    leave(gone)
    draft = make_seance(group, capacity=1, state=RencontreState.DRAFT)
    other = make_seance(group)  # as a programme loads it: its members are put down by the button, later
    meeting = make_rencontre(state=RencontreState.DRAFT)
    before = set(Envoi.objects.values_list("pk", flat=True))
    for rencontre in (draft.rencontre, meeting):
        address = reverse("admin:consultation_rencontre_change", args=[rencontre.pk])
        page = posted(client.get(address), state=RencontreState.PUBLISHED)
        answer = client.post(address, page, follow=True).content.decode()
        told = "Le groupe y est inscrit\u00a0: 1 avec une place, 1 sur la liste d’attente."
        assert (told in answer) is (rencontre is draft.rencontre)
        client.post(address, posted(client.get(address), text="Venez nombreux."))  # saved again, nothing more
    held = Inscription.objects.filter(rencontre__in=[draft.pk, meeting.pk, other.pk]).order_by("pk")
    assert list(held.values_list("personne__email", "state")) == [
        ("membre0@example.org", InscriptionState.CONFIRMED),
        ("membre2@example.org", InscriptionState.WAITING),
    ]
    # Of the two, one address was never proved: it is written to once, when it comes into the group.
    assert list(Envoi.objects.exclude(pk__in=before).values_list("to", flat=True)) == ["membre0@example.org"]
