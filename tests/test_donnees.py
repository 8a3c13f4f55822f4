"""/donnees/: the open file, its dictionary, its licence."""

import csv
import io

import pytest
from django.db import transaction

from consultation.actions.contributions import change_state
from consultation.choices import ContributionState
from consultation.columns import OPEN_COLUMNS
from socle.exports.files import storage
from socle.pagecache.actions import bump
from tests.factories import make_contribution, make_demarche, make_personne, make_reason, make_superuser

pytestmark = pytest.mark.django_db


def download(client, demarche):
    response = client.get(f"/donnees/{demarche.slug}/contributions.csv")
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(response).decode("utf-8-sig")), delimiter=";"))


def publish_change():
    with transaction.atomic():
        bump()


def test_page_has_the_dictionary_the_licence_and_the_link(client):
    demarche = make_demarche(title="Une démarche")
    text = client.get("/donnees/").content.decode()
    for column in OPEN_COLUMNS:
        assert f">{column.header}<" in text
    assert "Licence Ouverte 2.0" in text
    assert f"/donnees/{demarche.slug}/contributions.csv" in text


def test_file_has_the_open_columns_and_follows_each_publication(client):
    publish_change()
    one = make_contribution(personne=make_personne(email="secret@example.org"))
    make_contribution(state="en_attente", demarche=one.demarche)
    rows = download(client, one.demarche)
    assert list(rows[0]) == [column.header for column in OPEN_COLUMNS]
    assert [row["référence"] for row in rows] == [one.reference]
    change_state(one, ContributionState.WITHDRAWN, by=make_superuser(), reason=make_reason())
    assert download(client, one.demarche) == []
    assert len(list(storage().glob(f"open-{one.demarche.pk}-*"))) == 1


def test_file_sets_no_cookie_and_is_not_sniffed(client):
    response = client.get(f"/donnees/{make_demarche().slug}/contributions.csv")
    assert not response.cookies
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("attachment")
    response.close()


def test_draft_demarche_is_neither_listed_nor_downloaded(client):
    draft = make_demarche(state="brouillon", title="Titre secret")
    assert "Titre secret" not in client.get("/donnees/").content.decode()
    assert client.get(f"/donnees/{draft.slug}/contributions.csv").status_code == 404
    assert client.post(f"/donnees/{make_demarche().slug}/contributions.csv").status_code == 405
