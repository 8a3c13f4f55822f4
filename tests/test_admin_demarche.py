"""A démarche is made and run from the admin, by those who may."""

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from ateliers.models import Atelier, Seance
from consultation.choices import DemarcheState, RoleKind
from consultation.models import DateChange, Demarche, Etape, Inscription, Rencontre
from tests.factories import (
    FRAME,
    make_atelier,
    make_demarche,
    make_etape,
    make_inscription,
    make_rencontre,
    make_role,
    make_seance,
    make_superuser,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrateur(client):
    user = make_superuser()
    client.force_login(user)
    return user


def empty_forms(*prefixes, initial=0):
    """The management forms Django asks for."""
    return {
        f"{prefix}-{key}": n for prefix in prefixes for key, n in (("TOTAL_FORMS", initial), ("INITIAL_FORMS", initial))
    }


def posted(response, **changes):
    """What a browser would send of the page's form, with some fields typed over."""
    form = response.context["adminform"].form
    data = {}
    formsets = [inline.formset for inline in response.context["inline_admin_formsets"]]
    for one in [form, *(f for formset in formsets for f in (formset.management_form, *formset.forms))]:
        for bound in one:
            value = bound.value()
            widgets = getattr(bound.field.widget, "widgets", None)
            if widgets:
                for suffix, part in zip(
                    bound.field.widget.widgets_names, bound.field.widget.decompress(value), strict=True
                ):
                    data[bound.html_name + suffix] = part or ""
            elif value is not None and value is not False:
                data[bound.html_name] = value
    return data | changes


def refusals(response):
    return [
        re.sub(r"\s+", " ", str(error))
        for form in [response.context["adminform"].form]
        for error in form.errors.values()
    ]


def demarche_form(**changes):
    prefixes = ("etapes", "enjeux", "themes", "colleges", "frequent_questions", "roles")
    data = empty_forms(*prefixes) | {
        "title": "Une autre consultation",
        "slug": "une-autre-consultation",
        "code": "AC26",
        "owner": "La Région d’essai",
        "moderation": "avant",
        "soutiens_mode": "affiches",
        "answer_days": "30",
        "reminder_days": "7,1",
    }
    for n in range(5):
        data |= {
            f"etapes-{n}-rank": n + 1,
            f"etapes-{n}-type": "ateliers",
            f"etapes-{n}-title": f"Étape {n + 1}",
            f"etapes-{n}-starts_on": f"2026-0{n + 1}-01",
            f"etapes-{n}-ends_on": f"2026-0{n + 2}-15",
            f"etapes-{n}-precision": "jour",
        }
    return data | {"etapes-TOTAL_FORMS": 5} | changes


def atelier_form(demarche, rank, **changes):
    data = empty_forms("seances", "membres", "animations") | {
        "demarche": demarche.pk,
        "rank": rank,
        "question": f"Question {rank} ?",
        "town": f"Ville {rank}",
        "seances-TOTAL_FORMS": 2,
    }
    for n in range(2):
        data |= {
            f"seances-{n}-rank": n + 1,
            f"seances-{n}-objective": "constats",
            f"seances-{n}-starts_at_0": f"2026-0{n + 2}-{rank:02}",
            f"seances-{n}-starts_at_1": "18:30",
            f"seances-{n}-precision": "heure",
            f"seances-{n}-places": "40",
        }
    return data | changes


def test_a_second_demarche_of_another_shape_is_made_and_its_pages_are_right(client, administrateur):
    make_demarche()
    answer = client.post(reverse("admin:consultation_demarche_add"), demarche_form())
    assert answer.status_code == 302
    demarche = Demarche.objects.get(slug="une-autre-consultation")
    assert demarche.etapes.count() == 5
    frame = FRAME | {"demarche": demarche.pk, "published_on": str(timezone.localdate())}
    assert client.post(reverse("admin:consultation_cadre_add"), frame).status_code == 302
    assert client.post(reverse("admin:consultation_demarche_ouvrir", args=[demarche.pk])).status_code == 302
    for rank in range(1, 13):
        answer = client.post(reverse("admin:ateliers_atelier_add"), atelier_form(demarche, rank))
        assert answer.status_code == 302, answer.context["errors"]
    assert Atelier.objects.filter(demarche=demarche).count() == 12
    assert Seance.objects.count() == Rencontre.objects.filter(demarche=demarche).count() == 24
    client.logout()
    page = client.get("/demarches/une-autre-consultation/ateliers/12/").content.decode()
    page = page.replace("\N{NO-BREAK SPACE}", " ")
    assert "Question 12 ?" in page
    assert page.count("18 h 30") >= 2
    assert "Étape 5" in client.get("/demarches/une-autre-consultation/").content.decode()


def test_an_end_before_its_start_is_refused_and_nothing_is_written(client, administrateur):
    answer = client.post(
        reverse("admin:consultation_demarche_add"), demarche_form(**{"etapes-0-ends_on": "2025-01-01"})
    )
    assert "L’étape doit commencer avant de finir." in answer.content.decode()
    assert not Demarche.objects.exists()


def test_a_second_courante_is_refused_in_french(client, administrateur):
    make_demarche(courante=True)
    answer = client.post(reverse("admin:consultation_demarche_add"), demarche_form(courante="on"))
    assert "Une autre démarche est déjà la démarche courante." in answer.content.decode()


def test_a_public_date_moves_only_with_a_reason_that_the_page_shows(client, administrateur):
    etape = make_etape(starts_on=date(2026, 3, 7), ends_on=date(2026, 4, 19))
    url = reverse("admin:consultation_etape_change", args=[etape.pk])
    moved = posted(client.get(url), ends_on="2026-04-26")
    assert "Dites pourquoi la date change" in client.post(url, moved).content.decode()
    assert not DateChange.objects.exists()
    assert client.post(url, moved | {"date_reason": "Salle inondée."}).status_code == 302
    change = DateChange.objects.get()
    assert (change.previous_label, change.new_label) == ("du 7 mars au 19 avril 2026", "du 7 mars au 26 avril 2026")
    client.logout()
    page = client.get(etape.get_absolute_url()).content.decode()
    assert "Salle inondée." in page
    assert "19 avril 2026" in page


def test_a_draft_date_moves_without_a_reason(client, administrateur):
    etape = make_etape(demarche=make_demarche(state=DemarcheState.DRAFT))
    url = reverse("admin:consultation_etape_change", args=[etape.pk])
    assert (
        client.post(url, posted(client.get(url), ends_on=str(timezone.localdate().replace(year=2030)))).status_code
        == 302
    )
    assert not DateChange.objects.exists()


def test_a_capacity_below_the_confirmed_is_refused_with_the_figures(client, administrateur):
    rencontre = make_rencontre(capacity=2)
    make_inscription(rencontre=rencontre)
    url = reverse("admin:consultation_rencontre_change", args=[rencontre.pk])
    answer = client.post(url, posted(client.get(url), capacity="0"))
    assert "1 personnes sont déjà confirmées" in answer.content.decode()
    rencontre.refresh_from_db()
    assert rencontre.capacity == 2


def test_a_title_edited_meanwhile_moves_no_other_field_back(client, administrateur):
    rencontre = make_rencontre(capacity=2)
    url = reverse("admin:consultation_rencontre_change", args=[rencontre.pk])
    typed = posted(client.get(url), title="Un titre corrigé")
    Rencontre.objects.filter(pk=rencontre.pk).update(ics_sequence=7, text="écrit entre-temps")
    Inscription.objects.create(rencontre=rencontre, personne=make_inscription().personne, state="confirmee")
    client.post(url, typed | {"text": ""})
    rencontre.refresh_from_db()
    assert (rencontre.title, rencontre.ics_sequence) == ("Un titre corrigé", 7)


def test_adding_a_seance_to_an_atelier_keeps_the_others(client, administrateur):
    seance = make_seance()
    url = reverse("admin:ateliers_atelier_change", args=[seance.atelier.pk])
    page = client.get(url)
    more = {
        "seances-TOTAL_FORMS": 2,
        "seances-1-rank": 2,
        "seances-1-starts_at_0": "2026-05-04",
        "seances-1-starts_at_1": "18:00",
        "seances-1-precision": "heure",
    }
    assert client.post(url, posted(page, **more)).status_code == 302
    assert list(Seance.objects.order_by("rank").values_list("rank", flat=True)) == [1, 2]


def pages_of(demarche):
    atelier = make_seance(make_atelier(demarche=demarche)).atelier
    etape = make_etape(demarche=demarche)
    return [
        reverse("admin:consultation_demarche_change", args=[demarche.pk]),
        reverse("admin:consultation_etape_change", args=[etape.pk]),
        reverse("admin:consultation_rencontre_change", args=[Rencontre.objects.latest("pk").pk]),
        reverse("admin:ateliers_atelier_change", args=[atelier.pk]),
        reverse("admin:consultation_etape_history", args=[etape.pk]),
        reverse("admin:consultation_etape_delete", args=[etape.pk]),
    ]


@pytest.mark.parametrize("kind", [RoleKind.LECTEUR, RoleKind.MODERATEUR, RoleKind.REDACTEUR, RoleKind.RESPONSABLE])
def test_a_role_on_one_demarche_opens_no_page_of_another(client, kind):
    mine, other = make_demarche(), make_demarche()
    client.force_login(make_role(demarche=mine, kind=kind).user)
    for url in pages_of(other):
        assert client.get(url).status_code in {302, 403, 404}, url
        assert client.post(url, {}).status_code in {302, 403, 404}, url
    listed = client.get(reverse("admin:consultation_etape_changelist")).content.decode()
    assert Etape.objects.get(demarche=other).title not in listed or Etape.objects.filter(demarche=mine).exists()


def test_a_moderateur_reads_the_programme_and_changes_nothing(client):
    demarche = make_demarche()
    client.force_login(make_role(demarche=demarche).user)
    etape = make_etape(demarche=demarche)
    url = reverse("admin:consultation_etape_change", args=[etape.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"title": "Pirate"}).status_code == 403
    etape.refresh_from_db()
    assert etape.title != "Pirate"


def test_an_ended_role_opens_nothing(client):
    demarche = make_demarche()
    yesterday = timezone.localdate() - timezone.timedelta(days=1)
    client.force_login(make_role(demarche=demarche, kind=RoleKind.RESPONSABLE, ends_on=yesterday).user)
    assert client.get(reverse("admin:consultation_demarche_change", args=[demarche.pk])).status_code in {302, 403}


def test_what_belongs_to_a_demarche_stays_in_it(client, administrateur):
    seance, other = make_seance(), make_demarche()
    atelier = seance.atelier
    url = reverse("admin:ateliers_atelier_change", args=[atelier.pk])
    assert client.post(url, posted(client.get(url), demarche=str(other.pk), town="Lille")).status_code == 302
    atelier.refresh_from_db()
    assert (atelier.town, atelier.demarche_id) == ("Lille", seance.rencontre.demarche_id)
