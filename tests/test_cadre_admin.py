"""Staff write the frame, see what is missing before the démarche opens, and open it; what is in force is read only."""

import html
from datetime import timedelta
from threading import Thread

import pytest
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import IntegrityError, OperationalError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from consultation.actions.demarches import FrameMissingError, StaleDemarcheError, archive_demarche, open_demarche
from consultation.choices import DemarcheState, RoleKind
from consultation.models import Cadre, FrequentQuestion
from socle.registre.models import Entree
from tests.factories import FRAME, make_cadre, make_demarche, make_role, make_superuser
from tests.test_admin_demarche import empty_forms, posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return make_demarche(state=DemarcheState.DRAFT)


@pytest.fixture
def responsable(client, draft):
    role = make_role(demarche=draft, kind=RoleKind.RESPONSABLE)
    client.force_login(role.user)
    return role.user


def today(days: int = 0) -> str:
    return str(timezone.localdate() + timedelta(days=days))


def words(response) -> str:
    return html.unescape(response.content.decode()).replace("\N{NO-BREAK SPACE}", " ")


def frame(demarche, **changes) -> dict:
    return {"demarche": demarche.pk, "published_on": today()} | FRAME | changes


def of(demarche, name: str) -> str:
    return reverse(f"admin:consultation_demarche_{name}", args=[demarche.pk])


ADD = "/admin/consultation/cadre/add/"


def test_the_page_of_a_draft_names_each_missing_part_with_where_it_is_written(client, responsable, draft):
    page = words(client.get(of(draft, "change")))
    for label, name in (("règles de modération", "moderation_rules"), ("niveau de participation", "level")):
        assert label in page
        assert f"{ADD}?demarche={draft.pk}#id_{name}" in page
    assert of(draft, "ouvrir") not in page
    version = make_cadre(demarche=draft, charte="")
    page = words(client.get(of(draft, "change")))
    assert f"/admin/consultation/cadre/{version.pk}/change/#id_charte" in page
    assert "#id_level" not in page
    Cadre.objects.update(charte="Chacun écoute.")
    page = words(client.get(of(draft, "change")))
    assert "Le cadre est entier" in page
    assert of(draft, "ouvrir") in page


def test_a_frame_is_written_in_several_sittings_then_the_demarche_opens(client, responsable, draft):
    assert client.post(ADD, frame(draft, charte="", level="")).status_code == 302
    refused = client.post(of(draft, "ouvrir"))
    assert refused.status_code == 422
    assert "Rien n’a été changé." in words(refused)
    assert "#id_charte" in words(refused) and "#id_level" in words(refused)
    draft.refresh_from_db()
    assert draft.state == DemarcheState.DRAFT
    version = Cadre.objects.get()
    url = reverse("admin:consultation_cadre_change", args=[version.pk])
    assert client.post(url, posted(client.get(url), charte="Chacun écoute.", level="concertation")).status_code == 302
    assert "Ce cadre ne se corrigera plus" in words(client.get(of(draft, "ouvrir")))
    assert client.post(of(draft, "ouvrir")).status_code == 302
    connection.check_constraints()
    client.logout()
    assert "Chacun écoute." in words(client.get(reverse("cadre", args=[draft.slug])))
    kinds = list(Entree.objects.order_by("pk").values_list("kind", "role", "subject"))
    assert kinds == [
        ("demarche.ouverte", "responsable", f"demarche:{draft.pk}"),
        ("cadre.version", "responsable", f"cadre:{today()}"),
    ]


def test_a_get_opens_nothing(client, responsable, draft):
    make_cadre(demarche=draft)
    for name in ("ouvrir", "archiver"):
        assert client.get(of(draft, name)).status_code == 200
    draft.refresh_from_db()
    assert draft.state == DemarcheState.DRAFT
    assert not Entree.objects.exists()


def test_the_state_is_not_changed_through_the_form(client, responsable, draft):
    url = of(draft, "change")
    assert client.post(url, posted(client.get(url), state="publiee", title="Autre")).status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.title) == (DemarcheState.DRAFT, "Autre")


@pytest.mark.parametrize("kind", [RoleKind.LECTEUR, RoleKind.MODERATEUR, RoleKind.REDACTEUR])
def test_others_see_what_is_missing_and_open_nothing(client, draft, kind):
    make_cadre(demarche=draft)
    client.force_login(make_role(demarche=draft, kind=kind).user)
    assert of(draft, "ouvrir") not in words(client.get(of(draft, "change")))
    assert client.get(reverse("admin:consultation_cadre_apercu", args=[draft.cadres.get().pk])).status_code == 200
    for name in ("ouvrir", "archiver"):
        assert client.post(of(draft, name)).status_code == 403
    assert client.post(ADD, frame(draft, published_on=today(1))).status_code in (200, 403)
    assert draft.cadres.count() == 1


def test_an_opened_demarche_is_archived_and_opened_again(client, responsable, draft):
    make_cadre(demarche=draft)
    for name, state in (("ouvrir", "publiee"), ("archiver", "archivee"), ("ouvrir", "publiee")):
        assert client.post(of(draft, name), {"reason": "Renoncement."}).status_code == 302
        # Twice is said, and changes nothing.
        assert client.post(of(draft, name), {"reason": "Renoncement."}).status_code == 422
        draft.refresh_from_db()
        assert draft.state == state
    assert Entree.objects.filter(kind="demarche.archivee").count() == 1


# The versions


def test_a_version_in_force_is_read_and_followed_by_another(client, responsable, draft):
    make_cadre(demarche=draft)
    client.post(of(draft, "ouvrir"))
    version = draft.cadres.get()
    url = reverse("admin:consultation_cadre_change", args=[version.pk])
    page = client.get(url)
    assert "elle ne se corrige plus" in words(page)
    assert 'name="charte"' not in page.content.decode()
    refused = client.post(url, frame(draft, charte="Des mots longuement pesés"))
    assert "Copiez vos mots" in words(refused)
    assert "Des mots longuement pesés" in words(refused)
    follow = f"{ADD}?demarche={draft.pk}"
    assert follow in words(page)
    started = client.get(follow).context["adminform"].form.initial
    assert started["charte"] == FRAME["charte"]
    assert str(started["published_on"]) == today(1)


def open_with(client, draft, **version):
    make_cadre(demarche=draft, **version)
    client.post(of(draft, "ouvrir"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"published_on": today(1)}, ("change_reason", "Dites ce que cette version change")),
        ({"published_on": today(-1), "change_reason": "x"}, ("published_on", "aujourd’hui au plus tôt")),
        ({"published_on": today(1), "change_reason": "x", "charte": ""}, ("charte", "son cadre est entier")),
        (
            {"published_on": today(), "change_reason": "x"},
            (NON_FIELD_ERRORS, "Une version du cadre porte déjà cette date."),
        ),
    ],
)
def test_a_version_that_would_not_do_is_refused_and_nothing_is_lost(client, responsable, draft, changes, said):
    open_with(client, draft)
    answer = client.post(ADD, frame(draft, object="Un objet longuement pesé", **changes))
    field, sentence = said
    assert sentence in answer.context["adminform"].form.errors[field][0]
    assert "Un objet longuement pesé" in words(answer)
    assert draft.cadres.count() == 1


def test_a_version_to_come_is_entered_in_the_register_and_may_still_be_corrected(client, responsable, draft):
    open_with(client, draft)
    coming = frame(draft, published_on=today(2), change_reason="Le calendrier a changé.")
    assert client.post(ADD, coming).status_code == 302
    entree = Entree.objects.filter(kind="cadre.version").latest("pk")
    assert (entree.subject, entree.facts["version"]) == (f"cadre:{today(2)}", 2)
    assert entree.fingerprint
    version = draft.cadres.get(change_reason="Le calendrier a changé.")
    url = reverse("admin:consultation_cadre_change", args=[version.pk])
    assert client.post(url, posted(client.get(url), charte="Mieux dite.")).status_code == 302
    assert (
        client.post(reverse("admin:consultation_cadre_delete", args=[version.pk]), {"post": "yes"}).status_code == 302
    )
    connection.check_constraints()
    assert draft.cadres.count() == 1


def test_a_version_that_has_been_in_force_has_no_way_to_be_deleted(client, responsable, draft):
    open_with(client, draft)
    pk = draft.cadres.get().pk
    assert client.post(reverse("admin:consultation_cadre_delete", args=[pk]), {"post": "yes"}).status_code == 403
    ticked = {"action": "delete_selected", "_selected_action": [pk], "post": "yes"}
    client.post(reverse("admin:consultation_cadre_changelist"), ticked)
    assert draft.cadres.count() == 1


def test_the_preview_shows_the_page_before_the_public_can(client, responsable, draft):
    version = make_cadre(demarche=draft, object="<b>Bientôt</b>")
    answer = client.get(reverse("admin:consultation_cadre_apercu", args=[version.pk]))
    assert "Aperçu pour l’équipe" in words(answer)
    assert "&lt;b&gt;Bientôt&lt;/b&gt;" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    other = make_cadre(demarche=make_demarche(state=DemarcheState.DRAFT))
    assert client.get(reverse("admin:consultation_cadre_apercu", args=[other.pk])).status_code == 404


def test_questions_are_written_on_the_page_of_the_demarche(client, responsable, draft):
    url = of(draft, "change")
    typed = {
        **empty_forms("frequent_questions", initial=0),
        "frequent_questions-TOTAL_FORMS": 1,
        "frequent_questions-0-rank": 1,
        "frequent_questions-0-question": "Et le bus ?",
        "frequent_questions-0-answer": "Il passe.",
    }
    assert client.post(url, posted(client.get(url)) | typed).status_code == 302
    assert FrequentQuestion.objects.get().question == "Et le bus ?"


# At the same moment


def elsewhere(act) -> list[Exception]:
    """Done by another connection, which waits for nobody's lock; what it was refused."""
    met = []

    def run():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '50ms'")
                act()
                connection.check_constraints()
        except (FrameMissingError, IntegrityError, OperationalError) as refusal:
            met.append(refusal)
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()
    return met


@pytest.mark.django_db(transaction=True)
def test_a_frame_is_not_taken_away_while_its_demarche_opens():
    draft, by = make_demarche(state=DemarcheState.DRAFT), make_superuser()
    make_cadre(demarche=draft)
    with transaction.atomic():
        open_demarche(draft, by=by)
        connection.check_constraints()  # all is well for this one: the other has to wait
        (waited,) = elsewhere(lambda: Cadre.objects.all().delete())
    assert isinstance(waited, OperationalError)
    (refused,) = elsewhere(lambda: Cadre.objects.all().delete())
    assert isinstance(refused, IntegrityError)


@pytest.mark.django_db(transaction=True)
def test_a_demarche_does_not_open_while_its_frame_is_taken_away():
    draft, by = make_demarche(state=DemarcheState.DRAFT), make_superuser()
    make_cadre(demarche=draft)
    with transaction.atomic():
        Cadre.objects.all().delete()
        connection.check_constraints()
        (waited,) = elsewhere(lambda: open_demarche(draft, by=by))
    assert isinstance(waited, OperationalError)
    (refused,) = elsewhere(lambda: open_demarche(draft, by=by))
    assert isinstance(refused, FrameMissingError)


def test_archiving_asks_for_a_demarche_that_is_open(draft):
    with pytest.raises(StaleDemarcheError, match="n’est pas ouverte"):
        archive_demarche(draft, by=make_superuser())
