"""Productions put side by side: composed by a rédacteur, published in one act, read thème by thème; what must hold."""

from __future__ import annotations

import itertools
import re
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from ateliers.refusals import Refusal
from consultation.choices import RoleKind
from consultation.models import Rencontre
from forums.actions import croisements
from forums.matrix import matrix
from forums.models import Croisement
from socle.registre.models import Entree
from tests.factories import (
    make_atelier,
    make_contribution,
    make_demarche,
    make_forum,
    make_production,
    make_role,
    make_seance,
    make_superuser,
    make_theme,
)
from tests.test_textes_hold import refused
from tests.textes import withdrawn

pytestmark = pytest.mark.django_db
SENTENCE = "Des trains le soir : trois groupes le demandent."


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


def make_groups(number):
    """So many ateliers, each with its thème and a production on it."""
    made = []
    for _ in range(number):
        theme = make_theme()
        seance = make_seance(make_atelier(themes=[theme]))
        made.append(make_production(seance, theme=theme, title=f"Production {theme.rank}", body=f"Dit {theme.rank}."))
    return made


def crossed(forum, productions, *, kind="convergence", sentence=SENTENCE):
    """Published."""
    by = make_superuser()
    row = croisements.compose(forum, kind=kind, sentence=sentence, by=by)
    croisements.add(row, [one.pk for one in productions])
    croisements.publish(row, seal=row.seal, by=by)
    row.refresh_from_db()
    return row


def test_a_redacteur_composes_publishes_and_withdraws_and_nothing_is_merged_away(client, django_assert_max_num_queries):
    first, second, _ = make_groups(3)
    minority = make_production(first.seance, theme=first.contribution.theme, title="Un autre avis", minority=True)
    forum = make_forum()
    client.force_login(make_role(kind=RoleKind.REDACTEUR).user)
    page = reverse("admin:forums_forum_croisements", args=[forum.pk])
    assert client.post(page, {"kind": "convergence"}).status_code == 422
    assert client.post(page, {"kind": "convergence", "sentence": SENTENCE}).status_code == 302
    row = Croisement.objects.get()
    own = reverse("admin:forums_forum_croisement", args=[forum.pk, row.pk])

    found = client.get(f"{own}?q=Dit&theme={second.contribution.theme.rank}").content.decode()
    assert "Production 2" in found
    assert "Production 1" not in found
    client.post(own, {"act": "ajouter", "production": [first.pk, minority.pk, make_contribution().pk]})
    assert set(row.productions.all()) == {first, minority}
    alone = client.post(own, {"act": "publier", "seal": row.seal}, follow=True).content.decode()
    assert "deux groupes au moins" in alone
    read = row.seal
    client.post(own, {"act": "ajouter", "production": [second.pk]})
    stale = client.post(own, {"act": "publier", "seal": read}, follow=True).content.decode()
    assert "quelqu’un d’autre vient de le modifier" in stale
    over = client.post(own, {"act": "enregistrer", "kind": "divergence", "sentence": "Non.", "seal": read})
    assert over.status_code == 409
    public = row.get_absolute_url()
    assert client.get(public).status_code == 404  # a draft is the team's
    client.post(own, {"act": "publier", "seal": row.seal})
    row.refresh_from_db()
    assert row.is_published
    act = Entree.objects.get(kind="croisement.publie")
    assert first.contribution.reference in act.facts["productions"]
    client.logout()

    with django_assert_max_num_queries(8):
        shown = client.get(public).content.decode()
    for words in ("Dit 1.", "Dit 2.", "point de vue minoritaire", "Un autre avis"):
        assert words in shown
    table = client.get(reverse("croisements", args=[forum.pk])).content.decode()
    assert "3 productions, de 2 groupes, dont 1 point de vue minoritaire" in table
    cell = reverse("croisement_cell", args=[forum.pk, 1, 2])
    assert table.count(cell) == 3  # both halves of the table, and the list
    assert SENTENCE.replace(" :", "\u00a0:") in client.get(cell).content.decode()
    assert public in client.get(f"{reverse('recherche')}?q=trains").content.decode()
    assert public in client.get(reverse("sitemap")).content.decode()
    steps = client.get(first.contribution.get_absolute_url()).content.decode()
    assert f"Elle est croisée avec {second.contribution.reference}, {minority.contribution.reference}" in steps
    assert public in steps


def test_the_history_of_a_production_tells_the_croisements_that_put_it_beside_others(
    client, django_assert_max_num_queries
):
    first, second = make_groups(2)
    minority = make_production(second.seance, title="Un autre avis", minority=True)
    forum = make_forum()
    public = crossed(forum, [first, second, minority]).get_absolute_url()
    croisements.compose(forum, kind="divergence", sentence="Un brouillon.", by=make_superuser()).productions.add(first)
    with django_assert_max_num_queries(8):
        history = client.get(first.get_absolute_url()).content.decode()
    for words in (public, second.contribution.get_absolute_url(), "Un autre avis", "point de vue minoritaire"):
        assert words in history
    assert "Un brouillon" not in history
    withdrawn(second.contribution)
    assert second.contribution.get_absolute_url() not in client.get(first.get_absolute_url()).content.decode()


def test_what_has_appeared_keeps_its_page_whatever_becomes_of_it(client):
    first, second = make_groups(2)
    forum = make_forum()
    row = crossed(forum, [first, second])
    public, own = row.get_absolute_url(), reverse("admin:forums_forum_croisement", args=[forum.pk, row.pk])
    withdrawn(second.contribution)
    after = client.get(public).content.decode()
    assert "Dit 2." not in after
    assert "n’est plus publiée" in after

    client.force_login(make_role(kind=RoleKind.REDACTEUR).user)
    assert client.post(own, {"act": "retirer", "reason": ""}).status_code == 422
    client.post(own, {"act": "retirer", "reason": "Un des groupes a changé d’avis."})
    assert "a changé d’avis" in client.get(public).content.decode()
    assert "Aucun croisement" in client.get(reverse("croisements", args=[forum.pk])).content.decode()
    assert Entree.objects.filter(kind="croisement.retire").exists()


def test_the_matrix_of_seven_themes_holds_each_pair_and_costs_the_same(client, django_assert_num_queries):
    made = make_groups(7)
    forum = make_forum()
    for first, second in itertools.pairwise(made):
        crossed(forum, [first, second], kind="divergence")
    with django_assert_num_queries(2):
        assert len(matrix(forum).filled) == 6
    crossed(forum, made[:4])
    with django_assert_num_queries(2):
        found = matrix(forum)
    filled = {(one.rank, other.rank): cell.kinds for one, other, cell in found.filled}
    assert len(filled) == 6 + 3  # the seven in a row, and three more pairs of the first four
    assert [kind for kind, _, _ in filled[(1, 2)]] == ["convergence", "divergence"]
    shown = client.get(reverse("croisements", args=[forum.pk])).content.decode()
    assert re.search(r'<th scope="row">\s*7\.', shown)
    assert shown.count(SENTENCE.replace(" :", "\u00a0:")) == 7  # each says what it says
    assert "4 productions, de 4 groupes" in shown


def test_two_groups_at_least_and_what_has_appeared_stays(transactional_db):
    first, second = make_groups(2)
    same = make_production(first.seance)
    forum = make_forum()
    row = croisements.compose(forum, kind="convergence", sentence=SENTENCE, by=make_superuser())
    croisements.add(row, [first.pk, same.pk])
    with pytest.raises(IntegrityError, match="deux groupes"), transaction.atomic():
        Croisement.objects.filter(pk=row.pk).update(published_at="2011-05-17T10:00Z")
    croisements.add(row, [second.pk])
    croisements.publish(row, seal=row.seal, by=make_superuser())
    broken = (
        "UPDATE forums_croisement SET sentence = 'Autre chose.' WHERE id = %s",
        "UPDATE forums_croisement SET published_at = NULL WHERE id = %s",
        "DELETE FROM forums_croisement_productions WHERE croisement_id = %s",
        "DELETE FROM forums_croisement WHERE id = %s",
    )
    for sql in broken:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [row.pk])
    with pytest.raises(Refusal):
        croisements.remove(row, [second.pk])


def test_what_is_not_public_or_is_of_another_demarche_is_crossed_by_no_door(client):
    first, second, third = make_groups(3)
    forum = make_forum()
    row = croisements.compose(forum, kind="convergence", sentence=SENTENCE, by=make_superuser())
    croisements.add(row, [first.pk, second.pk, third.pk])
    withdrawn(third.contribution)
    client.force_login(make_role(kind=RoleKind.REDACTEUR).user)
    own = reverse("admin:forums_forum_croisement", args=[forum.pk, row.pk])
    told = client.post(own, {"act": "publier", "seal": row.seal}, follow=True).content.decode()
    assert "une de ses productions n’est plus publiée" in told
    publishing = "UPDATE forums_croisement SET published_at = now() WHERE id = %s"
    refused(publishing, row.pk, by="croisement_of_groups")
    croisements.remove(row, [third.pk])
    Rencontre.objects.filter(pk=forum.pk).update(state="brouillon")
    unseen = client.post(own, {"act": "publier", "seal": row.seal}, follow=True).content.decode()
    assert "pas encore annoncé" in unseen
    Rencontre.objects.filter(pk=forum.pk).update(state="publiee")
    stranger = make_production(make_seance(make_atelier(demarche=make_demarche(courante=False))))
    assert croisements.add(row, [stranger.pk]) == 0
    row.productions.add(stranger)
    refused(f"{publishing}; SET CONSTRAINTS ALL IMMEDIATE", row.pk, by="croisement_of_groups")


def test_a_production_taken_out_at_the_moment_of_publishing_never_leaves_one_group(transactional_db):
    """Whoever removes it by SQL waits for the publication, then finds that it has appeared."""
    first, second = make_groups(2)
    row = croisements.compose(make_forum(), kind="convergence", sentence=SENTENCE, by=make_superuser())
    croisements.add(row, [first.pk, second.pk])
    refused = []

    def take_out():
        try:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM forums_croisement_productions WHERE production_id = %s", [second.pk])
        except IntegrityError as error:
            refused.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=take_out)
    with transaction.atomic():
        croisements.publish(row, seal=row.seal, by=make_superuser())
        other.start()
        other.join(0.5)
        assert other.is_alive()  # it waits
    other.join()
    assert refused
    assert row.productions.count() == 2
