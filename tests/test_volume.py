"""The commands that make a large démarche and that compute the search again."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from consultation.models import Contribution, Demarche, Inscription
from consultation.volume import build
from socle.comptes.models import Personne
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def generate(count: int = 60, **options) -> Demarche:
    call_command("generate_volume", contributions=count, **options)
    return Demarche.objects.get(slug=f"volume-{count}")


@pytest.mark.parametrize("batch", [50_000, 25])
def test_a_large_demarche_is_made_and_searched(client, monkeypatch, batch):
    monkeypatch.setattr(build, "BATCH", batch)
    factories.make_contribution(title="La péniche")
    demarche = generate(people=20, inscriptions=35)
    assert demarche.contributions.count() == 60
    assert Inscription.objects.filter(rencontre__demarche=demarche).count() == 35
    assert Personne.objects.count() == 20
    page = client.get(reverse("contributions"), {"demarche": demarche.slug, "q": "transports"})
    assert "<mark>transports</mark>" in page.text
    assert Demarche.objects.current() != demarche
    assert Contribution.objects.published().matching("peniche").count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexname = 'contribution_search'")
        assert cursor.fetchone() == (1,)


def test_the_same_seed_says_the_same():
    texts = [list(generate(seed=7, replace=True).contributions.values_list("title", "body")) for _ in range(2)]
    assert texts[0] == texts[1]


def test_an_existing_demarche_is_left_alone():
    other = factories.make_contribution()
    generate()
    with pytest.raises(CommandError, match="existe déjà"):
        generate()
    generate(replace=True)
    assert Contribution.objects.count() == 61
    assert Contribution.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize("options", [{"count": 0}, {"people": -1}, {"people": 0, "inscriptions": 5}])
def test_numbers_that_make_no_sense_are_refused(options):
    with pytest.raises(CommandError):
        generate(**options)
    assert not Demarche.objects.exists()


def test_reindex_search_computes_the_words_again():
    factories.make_contribution(title="Le vélo")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM consultation_contribution WHERE search @@ 'velo'")
        assert cursor.fetchone() == (1,)
    call_command("reindex_search")
    assert Contribution.objects.published().matching("velo").count() == 1
