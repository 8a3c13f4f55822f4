"""The frame that a programme opens with: what its source says to the letter, the rest marked as an example."""

import json
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from consultation.models import Cadre
from participons.programme.load import load_exemple, load_programme
from participons.programme.reading import ProgrammeError
from tests.factories import make_cadre
from tests.programme_source import EXEMPLE, FIXTURE, plain, read_source

pytestmark = pytest.mark.django_db

SAID = ("object", "open_points", "decision", "use_of_contributions")
INVENTED = ("charte", "moderation_rules")


def programme(**cadre) -> dict:
    content = json.loads(FIXTURE.read_text())
    return content | {"cadre": content["cadre"] | cadre}


def load(content=None, *, today: date | None = None):
    """A load, and what the database says of it at the end of its transaction."""
    demarche = load_programme(content or programme(), today=today).demarche
    connection.check_constraints()
    return demarche


def exemple() -> None:
    load_exemple(json.loads(EXEMPLE.read_text()))
    connection.check_constraints()


def test_what_the_source_says_is_to_the_letter():
    source = plain(read_source().whole).lower()
    frame = load().cadres.get()
    for name in SAID:
        for line in getattr(frame, name).splitlines():
            words = re.sub(r"^(- |étape \d, [^:]+ : )", "", plain(line).lower()).rstrip(".")
            assert words in source, (name, words)
    assert frame.published_on == date(2010, 10, 1)
    assert frame.decision.startswith("Étape 6, juin 2011 :")


def test_the_level_is_the_one_the_source_names():
    assert load().cadres.get().get_level_display() == "coconstruction"
    assert "co-construire" in read_source().whole


def test_what_the_source_does_not_say_is_an_example_said_to_be_one():
    frame = load().cadres.get()
    for name in INVENTED:
        assert getattr(frame, name).startswith("Exemple, à remplacer")
    assert (frame.team, frame.garant, frame.closed_points) == ("", "", "")


def test_a_file_that_says_everything_gets_no_example():
    frame = load(programme(charte="Chacun écoute.", moderation_rules="La loi.", published_on="3 octobre 2010"))
    frame = frame.cadres.get()
    assert (frame.charte, frame.published_on) == ("Chacun écoute.", date(2010, 10, 3))
    assert not any("Exemple" in getattr(frame, name) for name in Cadre.NEEDED)


def test_a_file_without_a_frame_opens_with_an_example():
    content = programme()
    del content["cadre"]
    frame = load(content).cadres.get()
    assert all(getattr(frame, name).startswith("Exemple") for name in (*SAID, *INVENTED))


@pytest.mark.parametrize(
    ("cadre", "path"),
    [({"level": "forte"}, r"cadre\.level"), ({"charte": ""}, r"cadre\.charte"), ({"chartre": "x"}, "chartre")],
)
def test_a_wrong_frame_is_refused_with_its_path(cadre, path):
    with pytest.raises(ProgrammeError, match=path):
        load(programme(**cadre))


def test_a_programme_to_come_has_its_frame_in_force_already():
    demarche = load(today=timezone.localdate() + timedelta(days=700))
    assert demarche.cadres.in_force().published_on <= timezone.localdate()


def test_the_example_adds_a_version_that_says_what_it_changes():
    demarche = load(today=timezone.localdate())
    exemple()
    second, first = demarche.cadres.all()
    assert second == demarche.cadres.in_force()
    assert second.change_reason.startswith("Exemple")
    assert (second.object, second.decision) == (first.object, first.decision)
    assert second.garant and not first.garant


def test_the_frame_goes_along_when_the_dates_move():
    demarche = load(today=timezone.localdate())
    exemple()
    before = [version.published_on for version in demarche.cadres.all()]
    load(today=timezone.localdate() - timedelta(weeks=40))
    assert all(then > version.published_on for then, version in zip(before, demarche.cadres.all(), strict=True))
    load()
    assert [version.published_on for version in demarche.cadres.all()] == [date(2011, 3, 7), date(2010, 10, 1)]


def test_once_staff_have_written_a_version_the_others_are_history():
    demarche = load(today=timezone.localdate())
    exemple()
    make_cadre(demarche=demarche, published_on=timezone.localdate(), change_reason="À la main.")
    before = list(demarche.cadres.values())
    load(today=timezone.localdate() - timedelta(weeks=40))
    assert list(demarche.cadres.values()) == before


def test_a_file_that_rewrites_a_frame_in_force_is_refused_in_words():
    demarche = load(programme(charte="Chacun écoute."))
    with pytest.raises(ProgrammeError, match="ne se corrige plus : écrivez la version suivante"):
        load_programme(programme(charte="Chacun parle."))
    assert demarche.cadres.get().charte == "Chacun écoute."


def test_an_example_of_before_versions_were_explained_is_still_read_and_then_written_over():
    """A demonstration started with an earlier release starts again with this one."""
    load(today=timezone.localdate())
    content = json.loads(EXEMPLE.read_text())
    earlier = {name: said for name, said in content["cadre"].items() if name != "change_reason"}
    load_exemple(content | {"cadre": earlier | {"object": "Un premier exemple."}})
    assert Cadre.objects.filter(change_reason__startswith="Exemple", object="Un premier exemple.").exists()
    load(today=timezone.localdate())
    exemple()
    assert not Cadre.objects.filter(object="Un premier exemple.").exists()
