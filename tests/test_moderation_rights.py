"""Who moderates, and that nobody else does, by any door."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consultation.choices import Display, RoleKind
from consultation.models import Contribution
from tests.factories import make_demarche, make_personne, make_role, make_superuser, make_user
from tests.moderating import FIGURES, KEYS, LIST, WAITING, act, make_waiting, page_of, read, selection
from tests.writing import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


@pytest.fixture
def demarche():
    return make_demarche()


@pytest.fixture
def moderator(client, demarche):
    user = make_role(demarche=demarche).user
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("kind", "ends_in", "decides"),
    [
        (RoleKind.MODERATEUR, None, True),
        (RoleKind.RESPONSABLE, 0, True),
        (RoleKind.MODERATEUR, -1, False),
        (RoleKind.LECTEUR, None, False),
        (RoleKind.REDACTEUR, None, False),
    ],
)
def test_only_moderateurs_and_the_responsable_decide(client, demarche, kind, ends_in, decides):
    ends_on = None if ends_in is None else timezone.localdate() + timedelta(days=ends_in)
    client.force_login(make_role(demarche=demarche, kind=kind, ends_on=ends_on).user)
    contribution = make_waiting()
    client.post(page_of(contribution), {"to_state": "publiee"})
    client.post(LIST, selection("publish_selection", contribution, confirmed="oui", read=read(contribution)))
    contribution.refresh_from_db()
    assert contribution.is_published == decides


def test_every_door_hides_the_contributions_of_another_demarche(client, moderator):
    foreign = make_waiting(demarche=make_demarche(courante=False, title="La voisine"), title="Son texte")
    for path in (page_of(foreign), f"{LIST}{foreign.pk}/history/", f"{LIST}{foreign.pk}/delete/"):
        assert "Son texte" not in text_of(client.get(path, follow=True)), path
        assert client.get(path).status_code != 200, path
    for query in ("?etat=toutes", "?q=texte", f"?demarche__id__exact={foreign.demarche_id}", f"?q={foreign.reference}"):
        page = text_of(client.get(LIST + query))
        assert "Son texte" not in page, query
        assert "La voisine" not in page, query
    client.post(page_of(foreign), {"to_state": "publiee"})
    foreign.refresh_from_db()
    assert foreign.state == WAITING


@pytest.mark.parametrize("who", ["anonymous", "citizen", "staff without a role"])
def test_without_a_role_no_door_opens(client, demarche, who):
    contribution = make_waiting(title="Secret")
    if who != "anonymous":
        client.force_login(make_user(is_staff=who != "citizen"))
    for path in (
        LIST,
        page_of(contribution),
        f"{LIST}{contribution.pk}/history/",
        "/admin/consultation/refusalreason/",
    ):
        for method in (client.get, client.post):
            response = method(path)
            assert response.status_code in (302, 403, 404)
            assert "Secret" not in text_of(response)
    contribution.refresh_from_db()
    assert contribution.state == WAITING


def test_nobody_adds_or_deletes_a_contribution_from_here(client, demarche):
    client.force_login(make_superuser())
    contribution = make_waiting()
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{contribution.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Contribution.objects.exists()


def test_the_list_and_the_history_never_show_the_authors_address(client, moderator):
    contribution = make_waiting(
        personne=make_personne(email="alice@example.org"), display=Display.NAMED, author_name="Alice"
    )
    client.post(page_of(contribution), {"to_state": "publiee"})
    for path in (f"{LIST}?etat=toutes", page_of(contribution), f"{LIST}{contribution.pk}/history/"):
        assert "alice@example.org" not in text_of(client.get(path))


def test_who_moderates_here_and_reads_there_decides_nothing_there(client, moderator):
    there = make_demarche(courante=False)
    make_role(user=moderator, demarche=there, kind=RoleKind.LECTEUR)
    contribution = make_waiting(demarche=there, title="Lue là-bas")
    assert "Lue là-bas" in text_of(client.get(LIST))
    client.post(LIST, selection("publish_selection", contribution, confirmed="oui", read=read(contribution)))
    assert client.post(page_of(contribution), {"to_state": "publiee"}).status_code == 403
    contribution.refresh_from_db()
    assert contribution.state == WAITING


# What is between colleagues


SECRET = "Un mot entre collègues"


@pytest.fixture
def discussed(client, moderator):
    """A contribution with a note, a question, and an earlier text; and something spotted in it."""
    contribution = make_waiting(title="Le titre", body=f"Bonjour. Un nom. Appelez le 06 12 34 56 78. {SECRET} d’avant.")
    act(client, contribution, "note", note=SECRET)
    act(client, contribution, "mask", passages=f"{SECRET} d’avant", reason="Un nom.")
    act(client, contribution, "opinion", question=f"{SECRET} ?")
    assert SECRET in text_of(client.get(page_of(contribution)))
    return contribution


@pytest.mark.parametrize("kind", [RoleKind.LECTEUR, RoleKind.REDACTEUR])
def test_who_does_not_moderate_reads_the_text_and_no_word_between_colleagues(client, demarche, discussed, kind):
    client.force_login(make_role(demarche=demarche, kind=kind).user)
    for path in (page_of(discussed), LIST, f"{LIST}?avis=a-donner", f"{LIST}{discussed.pk}/history/", FIGURES):
        page = text_of(client.get(path))
        assert SECRET not in page, path
        assert "numéro de téléphone" not in page, path
        assert "avis demandé" not in page, path
    assert "Appelez le 06 12 34 56 78" in text_of(client.get(page_of(discussed)))
    assert client.get(KEYS).status_code == 403


@pytest.mark.parametrize("name", ["note", "opinion", "advice", "reformulation", "mask"])
def test_who_does_not_moderate_does_none_of_it(client, demarche, discussed, name):
    client.force_login(make_role(demarche=demarche, kind=RoleKind.LECTEUR).user)
    said = {"note": "x", "question": "x", "advice": "publier", "request": "x", "passages": "Bonjour", "reason": "x"}
    before = Contribution.objects.values().get(pk=discussed.pk)
    assert act(client, discussed, name, **said).status_code == 403
    assert Contribution.objects.values().get(pk=discussed.pk) == before


def test_notes_leave_by_no_export(client, demarche, discussed):
    client.force_login(make_role(demarche=demarche, kind=RoleKind.RESPONSABLE).user)
    fields = {"format": "0", "resource": "", **{f"contributionresource_{name}": "on" for name in ("title", "body")}}
    answer = client.post(f"{LIST}export/", fields)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert discussed.title in content.decode()
    assert SECRET not in content.decode()


def test_what_the_same_address_sent_elsewhere_is_shown_to_who_moderates_there_only(client, moderator):
    personne = make_personne()
    here = make_waiting(personne=personne)
    make_waiting(personne=personne, title="Envoyée ici aussi")
    make_waiting(personne=personne, title="Envoyée ailleurs", demarche=make_demarche(courante=False))
    page = text_of(client.get(page_of(here)))
    assert "Envoyée ici aussi" in page
    assert "Envoyée ailleurs" not in page
    assert "1 en attente de modération" in page


def test_the_demarche_is_a_column_for_those_who_read_several(client, moderator):
    make_waiting()
    assert "column-demarche" not in client.get(LIST).content.decode()
    make_role(user=moderator, demarche=make_demarche(slug="autre", code="AUTRE", courante=False))
    assert "column-demarche" in client.get(LIST).content.decode()
