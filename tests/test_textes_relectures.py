"""The second reader: drawn at random, never one's own, a disagreement goes back, the rate is public and stays."""

from __future__ import annotations

import hashlib

import pytest
from django.test import Client

from consultation.actions import relectures, reponses, textes
from consultation.actions.contributions import StaleState
from consultation.actions.textes_publish import next_version
from consultation.choices import RoleKind
from consultation.coverage import Coverage
from consultation.models import Contribution, Echantillon, Relecture
from tests.factories import make_role, make_superuser
from tests.test_textes_hold import refused, sql
from tests.test_textes_written import address, read
from tests.textes import answered, make_texte, passage, published, said

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr("socle.doorbell.ring", lambda _: None)


def reader(kind=RoleKind.REDACTEUR):
    """Somebody of the team who wrote nothing yet, and their browser."""
    user, client = make_role(kind=kind).user, Client()
    client.force_login(user)
    return user, client


def test_a_sample_is_read_by_others_goes_back_where_they_disagree_and_its_rate_is_public():
    texte = make_texte()
    passage(texte, said(title="Des trains"), said(title="Des bus"))
    answered(texte, *(said(title=f"Une piscine {number}") for number in range(4)))
    user, client = reader()
    page = address(texte, "relectures/")
    assert client.post(page, {"act": "tirer", "size": "x"}).status_code == 422
    assert client.post(page, {"act": "tirer", "size": "4"}).status_code == 302
    drawn = Echantillon.objects.get()
    numbers = Contribution.objects.order_by("pk").values_list("pk", flat=True)
    order = sorted(numbers, key=lambda pk: hashlib.sha256(f"{drawn.seed}:{pk}".encode()).hexdigest())
    rows = list(Relecture.objects.order_by("rank"))
    assert ([row.contribution_id for row in rows], drawn.pool) == (order[:4], 6)
    shown = read(client.get(page))
    assert "La Région n’a pas cette compétence." in shown or "Un passage (reprend)" in shown
    unsaid = client.post(page, {"act": "lire", "relecture": rows[0].pk, "agrees": "non"})
    assert "Dites pourquoi vous n’êtes pas d’accord" in read(unsaid)
    client.post(page, {"act": "lire", "relecture": rows[0].pk, "agrees": "non", "reason": "Elle parle d’autre chose."})
    for row in rows[1:3]:
        client.post(page, {"act": "lire", "relecture": row.pk, "agrees": "oui"})
    assert "Elle parle d’autre chose." in read(client.get(page))
    assert "1 désaccord à reprendre" in read(client.get("/admin/"))
    # It is in sight on every page, holds the definitive version back, and says where it is settled.
    assert "1 désaccord à reprendre" in read(client.get(address(texte)))
    publication = client.get(address(texte, "publier/"))
    owed = f"Un désaccord de la seconde lecture attend d’être repris : {rows[0].contribution.reference}."
    assert owed in read(publication)
    assert f"{page}#a-reprendre" in publication.content.decode()
    assert client.post(page, {"act": "reprendre", "relecture": rows[0].pk}).status_code == 422
    client.post(page, {"act": "reprendre", "relecture": rows[0].pk, "settlement": "La réponse est changée."})
    assert Relecture.objects.to_settle().count() == 0
    version = published(texte)
    public = read(Client().get(f"/textes/{texte.pk}/"))
    sentence = "Relues par une seconde personne : 3 sur 6, 4 sont tirées au sort ; désaccord : 33 %."
    assert sentence in public
    assert drawn.seed in public
    # The next version goes on from there; what has appeared keeps its figures, and its readings.
    after = next_version(texte)
    relectures.draw(after, 50, by=user)
    relectures.read(after.echantillons.get().relectures.first(), agrees=True, reason="", by=user)
    assert Coverage.of(type(after).objects.get(pk=after.pk)).checked == 4
    assert sentence in read(Client().get(f"/textes/{texte.pk}/versions/1/"))
    assert Coverage.of(type(version).objects.get(pk=version.pk)).checked == 3
    # What was drawn of a version that has appeared, and not read, is read in the next one.
    relectures.read(rows[3], agrees=True, reason="", by=user)
    assert Coverage.of(type(after).objects.get(pk=after.pk)).checked == 5
    assert sentence in read(Client().get(f"/textes/{texte.pk}/versions/1/"))
    refused(
        "UPDATE consultation_relecture SET agrees = false, reason = 'x' WHERE id = %s", rows[1].pk, by="relecture_stays"
    )
    refused("DELETE FROM consultation_relecture WHERE id = %s", rows[0].pk, by="relecture_stays")
    refused("UPDATE consultation_echantillon SET seed = 'b' WHERE id = %s", drawn.pk, by="echantillon_stays")


def test_nobody_reads_again_what_they_wrote_through_any_door():
    texte = make_texte()
    writer, client = reader()
    cited, *others = said(), said(), said()
    made = passage(texte)
    textes.cite(made, cited, quote="", by=writer)
    rows = Contribution.objects.filter(pk__in=[one.pk for one in others])
    reponses.answer(texte.draft, rows, kind="non_retenue", reason="Non.", by=writer)
    relectures.draw(texte.draft, 3, by=writer)
    assert "Rien d’autre à relire pour vous" in read(client.get(address(texte, "relectures/")))
    one = Relecture.objects.get(contribution=cited)
    told = client.post(
        address(texte, "relectures/"), {"act": "lire", "relecture": one.pk, "agrees": "oui"}, follow=True
    )
    assert "vous avez vous-même écrit ce que ce texte en fait" in read(told)
    writing = "UPDATE consultation_relecture SET agrees = true, by_id = %s, read_at = now() WHERE contribution_id = %s"
    for contribution in (cited, others[0]):
        refused(writing, writer.pk, contribution.pk, by="relecture_by_another")
    sql(writing, make_superuser().pk, cited.pk)
    with pytest.raises(StaleState, match="un collègue l’a relue"):
        relectures.read(one, agrees=True, reason="", by=reader()[0])
    with pytest.raises(StaleState, match="Rien n’est tiré"):
        relectures.draw(texte.draft, 3, by=writer)
