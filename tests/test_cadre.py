"""The frame: no démarche is open without the whole of it, whoever writes; what has been in force stays as it was."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from consultation.cadres import changes
from consultation.choices import DemarcheState, Level
from consultation.models import Cadre, Demarche
from consultation.views.demarches import until
from socle.dates import next_midnight
from tests.factories import FRAME, archived, local, make_cadre, make_demarche
from tests.test_public_pages import flat, read

pytestmark = pytest.mark.django_db

FIRST = date(2011, 1, 27)  # the day of the version that make_demarche writes


@pytest.fixture
def draft():
    return make_demarche(state=DemarcheState.DRAFT)


def at_the_end(sql: str, *params) -> None:
    """Raw SQL, and what the database says of it when a transaction ends."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def refused_at_the_end(sentence: str) -> None:
    """What the test has written would not be committed."""
    with pytest.raises(IntegrityError, match=sentence):
        connection.check_constraints()
    transaction.set_rollback(True)


def opened(demarche: Demarche) -> None:
    at_the_end("UPDATE consultation_demarche SET state = 'publiee' WHERE id = %s", demarche.pk)


def days(count: int) -> date:
    return timezone.localdate() + timedelta(days=count)


# What the database holds


def test_a_demarche_without_a_frame_does_not_open(draft):
    with pytest.raises(IntegrityError, match="a un cadre entier, en vigueur"):
        opened(draft)
    make_cadre(demarche=draft)
    opened(draft)


@pytest.mark.parametrize("part", Cadre.NEEDED)
@pytest.mark.parametrize("blank", ["", " \n\t"])
def test_each_part_of_the_frame_is_needed(draft, part, blank):
    make_cadre(demarche=draft, **{part: blank})
    connection.check_constraints()
    with pytest.raises(IntegrityError, match="a un cadre entier"):
        opened(draft)


def test_a_frame_for_another_day_opens_nothing(draft):
    make_cadre(demarche=draft, published_on=days(1))
    with pytest.raises(IntegrityError, match="en vigueur"):
        opened(draft)


def test_a_demarche_is_not_born_open_without_its_frame():
    Demarche.objects.create(title="T", slug="t", code="TT", owner="O", state=DemarcheState.PUBLISHED)
    refused_at_the_end("a un cadre entier")


def test_an_archived_demarche_does_not_open_again_without_its_frame(draft):
    archived(draft)
    with pytest.raises(IntegrityError, match="a un cadre entier"):
        opened(draft)


def test_what_was_open_before_the_rule_lives_on():
    """Its frame is not whole: its other columns change, and its frame may be completed, not emptied further."""
    demarche = make_demarche()
    with connection.cursor() as cursor:
        connection.check_constraints()
        cursor.execute("ALTER TABLE consultation_cadre DISABLE TRIGGER USER")
        cursor.execute("UPDATE consultation_cadre SET charte = '', level = ''")
        connection.check_constraints()
        cursor.execute("ALTER TABLE consultation_cadre ENABLE TRIGGER USER")
    demarche.title = "Un autre titre"
    demarche.save()
    connection.check_constraints()
    with pytest.raises(IntegrityError, match="chaque version du cadre est entière"):
        at_the_end("UPDATE consultation_cadre SET level = 'concertation'")
    at_the_end("UPDATE consultation_cadre SET level = 'concertation', charte = 'Chacun écoute.'")
    with pytest.raises(IntegrityError, match="ne se corrige plus"):
        at_the_end("UPDATE consultation_cadre SET charte = 'Chacun parle.'")


@pytest.mark.parametrize(
    "change", ["object = 'Autre'", "level = 'information'", "published_on = '2011-01-28'", "change_reason = 'Rien'"]
)
@pytest.mark.parametrize("state", [DemarcheState.PUBLISHED, DemarcheState.ARCHIVED])
def test_a_version_in_force_is_not_rewritten(change, state):
    make_demarche(state=state)
    with pytest.raises(IntegrityError, match="ne se corrige plus"):
        at_the_end(f"UPDATE consultation_cadre SET {change}")


def test_a_version_that_has_been_in_force_is_not_deleted():
    demarche = make_demarche()
    make_cadre(demarche=demarche)
    for day in (FIRST, days(0)):
        with pytest.raises(IntegrityError, match="reste lisible"):
            at_the_end("DELETE FROM consultation_cadre WHERE published_on = %s", day)


def test_a_version_to_come_is_corrected_whole_and_deleted():
    make_cadre(demarche=make_demarche(), published_on=days(3))
    at_the_end("UPDATE consultation_cadre SET charte = 'Mieux dite.' WHERE published_on = %s", days(3))
    with pytest.raises(IntegrityError, match="chaque version du cadre est entière"):
        at_the_end("UPDATE consultation_cadre SET charte = ' ' WHERE published_on = %s", days(3))
    at_the_end("DELETE FROM consultation_cadre WHERE published_on = %s", days(3))


def test_a_version_that_is_not_whole_is_refused_where_the_demarche_is_open():
    demarche = make_demarche()
    make_cadre(demarche=demarche, charte="", published_on=days(3))
    refused_at_the_end("chaque version du cadre est entière")


def test_a_draft_is_written_rewritten_and_deleted_at_will(draft):
    make_cadre(demarche=draft, charte="")
    at_the_end("UPDATE consultation_cadre SET object = 'Autre'")
    at_the_end("DELETE FROM consultation_cadre")
    draft.delete()
    connection.check_constraints()


def test_a_demarche_goes_with_its_frame():
    demarche = make_demarche()
    demarche.delete()
    connection.check_constraints()
    assert not Cadre.objects.exists()


# What the public reads


def test_the_page_shows_the_version_in_force_and_no_empty_part(client):
    demarche = make_demarche()
    make_cadre(demarche=demarche, published_on=days(0), decision="Le Conseil régional, en juin.", change_reason="Juin.")
    make_cadre(demarche=demarche, published_on=days(1), decision="Personne.")
    text = flat(read(client, reverse("cadre", args=[demarche.slug])))
    assert "Le Conseil régional, en juin." in text
    assert "Concertation" in text and "La collectivité décide, et explique ses choix." in text
    assert "Le garant" not in text
    assert "Personne." not in text
    assert text.index("Version du", text.index("Les versions")) < text.index("La première version.")
    assert "Juin." in text


def test_earlier_versions_stay_readable_with_what_each_changed(client):
    demarche = make_demarche()
    make_cadre(demarche=demarche, charte="Chacun parle. <b>Chacun</b> écoute les autres.", change_reason="La charte.")
    address = reverse("cadre_version", args=[demarche.slug, days(0)])
    page = read(client, address)
    assert "La charte." in flat(page)
    assert "<del>Chacun écoute les autres.</del>" in page
    assert "<ins>Chacun parle.</ins>" in page
    assert "&lt;b&gt;Chacun&lt;/b&gt;" in page
    first = flat(read(client, reverse("cadre_version", args=[demarche.slug, FIRST])))
    assert "Cette version n’est plus en vigueur" in first
    assert "Chacun écoute les autres." in first
    assert "Ce qu’elle change" not in first


@pytest.mark.parametrize("day", ["2011-01-28", "2011-02-30", "9999-99-99", "0000-00-00"])
def test_a_day_without_a_version_is_no_address(client, day):
    demarche = make_demarche()
    assert client.get(f"/demarches/{demarche.slug}/cadre/{day}/").status_code == 404


def test_a_draft_and_a_version_to_come_answer_nowhere(client, draft):
    make_cadre(demarche=draft, object="Encore secret", published_on=FIRST)
    coming = make_cadre(demarche=make_demarche(), published_on=days(1), object="Pas avant demain")
    addresses = [reverse("cadre", args=[draft.slug]), reverse("cadre_version", args=[draft.slug, FIRST])]
    for address in [*addresses, coming.get_absolute_url()]:
        answer = client.get(address)
        assert answer.status_code == 404
        assert "secret" not in answer.content.decode()
    assert "demain" not in read(client, reverse("cadre", args=[coming.demarche.slug]))


def test_the_page_ends_at_midnight_with_the_version_it_shows(rf):
    make_cadre(demarche=make_demarche(), published_on=days(1))
    assert until(rf.get("/")) <= next_midnight(timezone.now())
    assert Cadre.objects.in_force(days(0)).published_on == FIRST
    assert Cadre.objects.in_force(timezone.localdate(local(1))).published_on == days(1)


def test_changes_are_told_sentence_by_sentence():
    before = Cadre(**FRAME | {"open_points": "- Les bus.\n- Les trains.", "garant": "Alice."})
    after = Cadre(**FRAME | {"open_points": "- Les bus.\n- Les cars.", "level": Level.CODECISION})
    found = {change.heading: (change.removed, change.added) for change in changes(before, after)}
    assert found["Ce qui est ouvert à la discussion"] == (["Les trains."], ["Les cars."])
    assert found["Le garant"] == (["Alice."], [])
    assert found["Le niveau de participation"][1][0] == "Codécision"
    assert len(found) == 3
    assert not changes(before, before)
