"""La parole des absents: each contribution read once, on a sheet with numbers that stay, and answered by numbers."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from ateliers.actions.comptes_rendus import NotYet
from ateliers.actions.lectures import Said, number, tell
from ateliers.models import Lecture, Outcome
from ateliers.printing.absents import data_of, sheet
from consultation.actions.contributions import StaleState, change_state
from consultation.choices import ContributionState, Nature
from consultation.models import Contribution
from tests.factories import (
    local,
    make_atelier,
    make_contribution,
    make_seance,
    make_superuser,
    make_theme,
)
from tests.minutes import adopted, animator, held, taken_down
from tests.writing import contribute, follow

pytestmark = pytest.mark.django_db


@pytest.fixture
def theme():
    return make_theme(question="Comment se déplacer ?")


@pytest.fixture
def atelier(theme):
    return make_atelier(themes=[theme], town="Valenciennes")


@pytest.fixture
def seance(atelier):
    """Tonight."""
    return make_seance(atelier, starts_at=local(0, 23, 30), precision="heure")


@pytest.fixture
def staff(client, seance):
    client.force_login(animator(seance))
    return client


def address(seance, name="absents"):
    return reverse(f"admin:ateliers_seance_{name}", args=[seance.atelier_id, seance.rank])


def numbers(seance):
    return {row.number: row.contribution.title for row in Lecture.objects.filter(seance=seance).order_by("number")}


def text(content):
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\xa0", " ").split())


def said(found, outcome="reprise", words=""):
    return [Said(frozenset(found), outcome, words)]


def typed(*rows, read_at=""):
    data = {"dit-TOTAL_FORMS": str(len(rows)), "dit-INITIAL_FORMS": "0", "read_at": read_at}
    for place, (found, outcome, words) in enumerate(rows):
        data |= {f"dit-{place}-numbers": found, f"dit-{place}-outcome": outcome, f"dit-{place}-words": words}
    return data


def test_what_is_read_is_what_was_said_from_afar_on_the_themes_of_the_atelier(theme, seance):
    for origine in ("en_ligne", "papier", "courrier", "telephone"):
        make_contribution(theme=theme, origine=origine, title=f"lue {origine}")
    parent = make_contribution(theme=theme, title="lue, et commentée")
    make_contribution(theme=theme, parent=parent, stance="pour", title="réaction")
    make_contribution(theme=theme, nature=Nature.QUESTION, title="question")
    make_contribution(theme=theme, origine="seance", title="dite dans une salle")
    make_contribution(theme=theme, origine="import", title="reprise d’un autre outil")
    make_contribution(theme=theme, state=ContributionState.WAITING, title="pas publiée")
    make_contribution(theme=make_theme(), title="autre thème")
    make_contribution(title="sans thème")
    assert number(seance) == 5
    assert all(title.startswith("lue") for title in numbers(seance).values())


def test_over_three_seances_each_is_read_once_whatever_the_dates(theme, atelier):
    """Decided by rows: what was published before a list, and only joined the thème after it, is in the next."""
    seances = [make_seance(atelier, starts_at=local(days, 18), precision="heure") for days in (0, 7, 14)]
    for rank in range(3):
        make_contribution(theme=theme, title=f"au {rank}")
    late = make_contribution(title="classée plus tard", published_at=local(-30))
    number(seances[0])
    Contribution.objects.filter(pk=late.pk).update(theme=theme)
    make_contribution(theme=theme, title="entre les deux")
    number(seances[1])
    number(seances[2])
    assert sorted(numbers(seances[1]).values()) == ["classée plus tard", "entre les deux"]
    assert numbers(seances[2]) == {}
    assert Lecture.objects.count() == 5


def test_what_the_group_kept_for_later_comes_back_at_the_next_and_once(theme, atelier):
    seances = [make_seance(atelier, starts_at=local(days, 18), precision="heure") for days in (0, 7, 14)]
    make_contribution(theme=theme, title="gardée")
    make_contribution(theme=theme, title="reprise")
    number(seances[0])
    kept = next(count for count, title in numbers(seances[0]).items() if title == "gardée")
    tell(seances[0], said([kept], "reportee"), None)
    number(seances[1])
    number(seances[2])
    assert [numbers(one) for one in seances[1:]] == [{1: "gardée"}, {}]


def test_nothing_can_be_kept_for_later_where_no_seance_follows(theme, seance):
    make_contribution(theme=theme)
    number(seance)
    with pytest.raises(NotYet, match="aucune séance ne suit"):
        tell(seance, said([1], "reportee"), None)


def test_printed_again_the_numbers_stay_and_the_new_ones_follow(theme, seance):
    for rank in range(3):
        make_contribution(theme=theme, title=f"première {rank}")
    number(seance)
    before = numbers(seance)
    make_contribution(theme=theme, title="arrivée entre-temps", published_at=local(-9))
    assert number(seance) == 1
    assert numbers(seance) == before | {4: "arrivée entre-temps"}
    assert number(seance) == 0


def test_they_are_numbered_by_theme_and_nature_those_that_begin_alike_together(atelier, seance, theme):
    other = make_theme(question="Et la nuit ?")
    atelier.themes.add(other)
    same = "Nous demandons tous ensemble que le dernier bus parte à vingt-trois heures, y compris le dimanche. " * 2
    make_contribution(theme=other, title="E")
    make_contribution(theme=theme, title="B", body=f"{same} Anne", published_at=local(-5))
    make_contribution(theme=theme, title="D", published_at=local(-4))
    make_contribution(theme=theme, title="C", body=f"{same} Bruno", published_at=local(-3))
    make_contribution(theme=theme, title="A", nature=Nature.TEMOIGNAGE)
    number(seance)
    assert list(numbers(seance).values()) == ["A", "B", "C", "D", "E"]


def test_the_same_words_sent_by_several_are_printed_once_under_all_their_numbers(theme, seance):
    for _ in range(3):
        make_contribution(theme=theme, title="Un bus", body="Un bus le soir.")
    number(seance)
    [one] = data_of(seance)["themes"][0]["natures"][0]["entries"]
    assert one["numbers"] == "N°\xa01, 2, 3"
    assert "envoyé 3 fois" in one["signed"]


def test_once_its_day_is_past_nothing_is_added(theme, atelier):
    over = held(-1, atelier=atelier)
    make_contribution(theme=theme)
    with pytest.raises(NotYet, match="à la suivante"):
        number(over)


def test_the_sheet_is_tagged_large_and_holds_what_people_wrote_as_they_wrote_it(theme, seance):
    hostile = '#read("/etc/passwd") **gras** <script>alert(1)</script> $x$ {{ site }} \\u{41} 🌍 שלום'
    make_contribution(theme=theme, title=hostile, body=f"- une chose\n- {hostile}\n\nFin.")
    make_contribution(theme=theme, title="Long", body="mot " * 2_000)
    number(seance)
    content = sheet(seance)
    shown = text(content)
    assert "Comment se déplacer ?" in shown and "2 contributions ont été faites à distance" in shown
    for words in ('#read("/etc/passwd")', "**gras**", "<script>alert(1)</script>", "$x$", "{{ site }}", "N° 1"):
        assert words in shown, words
    assert "Texte raccourci" in shown and "localhost:8000/contributions/" in shown
    reader = PdfReader(io.BytesIO(content))
    assert b"pdfuaid:part" in reader.root_object["/Metadata"].get_object().get_data()
    assert len(PdfReader(io.BytesIO(sheet(seance, whole=True))).pages) > len(reader.pages)
    sizes = []
    for page in reader.pages:
        page.extract_text(visitor_text=lambda words, _a, _b, _c, size: words.strip() and sizes.append(size))
    assert sorted(sizes)[len(sizes) // 2] >= 16 and min(sizes) >= 12


def test_a_sheet_without_anything_says_so(seance):
    assert "Rien n’a été écrit à distance" in text(sheet(seance))


def test_four_hundred_are_printed_with_their_numbers(theme, seance, django_assert_max_num_queries):
    Contribution.objects.bulk_create(
        Contribution(
            demarche=theme.demarche, theme=theme, nature="proposition", title=f"Idée {n}", body=f"Le texte {n}. " * 30,
            state="publiee", published_at=timezone.now() + timedelta(seconds=n),
        )
        for n in range(400)
    )  # fmt: skip
    with django_assert_max_num_queries(9):
        assert number(seance) == 400
    with django_assert_max_num_queries(3):
        shown = text(sheet(seance))
    assert all(f"Idée {n}" in shown for n in (0, 199, 399)) and "N° 400" in shown


def test_what_is_taken_down_disappears_from_the_page_and_the_sheet_its_number_is_not_given_again(staff, theme, seance):
    gone = make_contribution(theme=theme, title="À retirer")
    make_contribution(theme=theme, title="Reste")
    number(seance)
    taken_down(gone)
    assert "À retirer" not in staff.get(address(seance)).content.decode()
    assert "À retirer" not in text(staff.get(address(seance, "absents_feuille")).content)
    make_contribution(theme=theme, title="Nouvelle")
    number(seance)
    assert numbers(seance)[3] == "Nouvelle"
    with pytest.raises(NotYet, match="pas de numéro 1"):
        tell(seance, said([1]), None)


def test_the_page_numbers_prints_and_says_what_is_new(staff, theme, seance):
    make_contribution(theme=theme, title="Un bus le soir")
    assert "Numéroter 1 contribution" in staff.get(address(seance)).content.decode()
    answered = staff.post(address(seance), {"numeroter": "oui"}, follow=True)
    assert "Une contribution a reçu son numéro." in answered.content.decode()
    make_contribution(theme=theme, title="Un vélo")
    staff.post(address(seance), {"numeroter": "oui"})
    shown = staff.get(address(seance)).content.decode()
    assert "à partir du n° 2" in shown
    only_new = text(staff.get(address(seance, "absents_feuille"), {"depuis": "2"}).content)
    assert "Un vélo" in only_new and "Un bus le soir" not in only_new
    for bad in ("", "0", "abc", "9" * 50, "-1"):
        assert staff.get(address(seance, "absents_feuille"), {"depuis": bad}).status_code == 200


def test_sixty_lines_are_said_in_one_form_by_numbers(staff, theme, seance):
    for _ in range(60):
        make_contribution(theme=theme)
    number(seance)
    rows = [("1-40, 42", "reprise", ""), ("41; 43 à 50", "discutee", "Longuement."), ("51–60", "ecartee", "Trop cher.")]
    answered = staff.post(address(seance), typed(*rows, ("", "", "")), follow=True)
    assert "C’est noté pour 60 contributions." in answered.content.decode()
    kept = Lecture.objects.filter(seance=seance)
    counts = {outcome: kept.filter(outcome=outcome).count() for outcome in Outcome.values}
    assert counts == {"reprise": 41, "discutee": 9, "ecartee": 10, "reportee": 0}


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("1-x", "reprise", ""), "Écrivez des numéros de la feuille"),
        (("5-2", "reprise", ""), "Écrivez des numéros de la feuille"),
        (("0", "reprise", ""), "Écrivez des numéros de la feuille"),
        (("99999", "reprise", ""), "Écrivez des numéros de la feuille"),
        (("٣", "reprise", ""), "Écrivez des numéros de la feuille"),
        (("1", "", ""), "Dites ce que le groupe en a fait."),
        (("", "reprise", ""), "De quelles contributions ?"),
        (("1", "ecartee", ""), "Dites pourquoi"),
        (("1", "inventee", ""), "Choisissez une des réponses proposées."),
        (("1", "reprise", "m" * 1001), "1000"),
    ],
)
def test_a_line_that_is_wrong_is_told_and_nothing_of_the_form_is_lost(staff, theme, seance, row, sentence):
    make_contribution(theme=theme)
    number(seance)
    answered = staff.post(address(seance), typed(row, ("1", "discutee", "Gardé à l’écran")))
    assert answered.status_code == 422
    assert sentence in answered.content.decode() and "Gardé à l’écran" in answered.content.decode()
    assert not Lecture.objects.exclude(outcome="").exists()


def test_one_number_in_two_lines_is_refused(staff, theme, seance):
    make_contribution(theme=theme)
    number(seance)
    answered = staff.post(address(seance), typed(("1", "reprise", ""), ("1", "discutee", "")))
    assert "déjà dans une ligne plus haut" in answered.content.decode()


def test_a_number_the_sheet_has_not_changes_nothing_at_all(staff, theme, seance):
    make_contribution(theme=theme)
    number(seance)
    answered = staff.post(address(seance), typed(("1", "reprise", ""), ("2-30", "discutee", "")))
    assert answered.status_code == 409
    assert "pas de numéro 2, 3, 4" in answered.content.decode()
    assert not Lecture.objects.exclude(outcome="").exists()


def test_what_a_colleague_said_meanwhile_is_not_written_over(staff, theme, seance):
    for _ in range(2):
        make_contribution(theme=theme)
    number(seance)
    tell(seance, said([1], "discutee", "Dit par Anne"), None)
    answered = staff.post(address(seance), typed(("1-2", "reprise", "Dit par Bruno"), read_at=""))
    shown = answered.content.decode()
    assert answered.status_code == 409
    assert "quelqu’un d’autre a répondu entre-temps pour le n° 1" in shown
    assert "Dit par Anne" in shown and "Dit par Bruno" in shown
    # Read, it may be corrected.
    seen = Lecture.objects.get(number=1).answered_at.isoformat()
    assert staff.post(address(seance), typed(("1-2", "reprise", "Dit par Bruno"), read_at=seen)).status_code == 303
    assert set(Lecture.objects.values_list("words", flat=True)) == {"Dit par Bruno"}


@pytest.mark.parametrize("forged", [{"read_at": "hier"}, {"dit-TOTAL_FORMS": "x"}, {"dit-TOTAL_FORMS": "100000"}])
def test_a_forged_form_breaks_nothing(staff, theme, seance, forged):
    make_contribution(theme=theme)
    number(seance)
    assert staff.post(address(seance), typed(("1", "reprise", "")) | forged).status_code in (303, 409, 422)


def test_after_the_adoption_nothing_is_numbered_nor_said(theme, atelier):
    over = held(0, atelier=atelier)
    type(over.rencontre).objects.filter(pk=over.pk).update(starts_at=local(0, 0))
    over.rencontre.refresh_from_db()
    make_contribution(theme=theme)
    number(over)
    tell(over, said([1]), None)
    adopted(over)
    for change in (lambda: number(over), lambda: tell(over, said([1], "discutee"), timezone.now())):
        with pytest.raises(StaleState, match="adopté"):
            change()


def test_the_contribution_and_its_number_say_where_it_was_read_once_adopted(client, theme, atelier):
    over = held(0, atelier=atelier, rank=2)
    type(over.rencontre).objects.filter(pk=over.pk).update(starts_at=local(0, 0))
    over.rencontre.refresh_from_db()
    read = contribute(client, theme=str(theme.rank))
    change_state(read, ContributionState.PUBLISHED, by=make_superuser())
    number(over)
    tell(over, said([1], "ecartee", "Trop cher <b>ici</b>"), None)
    label = f"Elle est lue à la séance 2 de l’atelier {atelier.rank}"
    pages = (read.get_absolute_url(), follow(read))
    for page in pages:
        assert label not in client.get(page).content.decode()
    adopted(over)
    for page in pages:
        shown = client.get(page).content.decode().replace("\xa0", " ")
        assert label in shown and "écartée : Trop cher &lt;b&gt;ici&lt;/b&gt;" in shown
        assert "seances/2/compte-rendu/" in shown
