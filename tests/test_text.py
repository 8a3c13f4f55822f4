import unicodedata

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from socle.forms import PlainCharField, PlainTextField
from socle.french import plural
from socle.personaldata import NEVER, OPEN, merge
from socle.text import clean_text, fold, sort_key

ANY_TEXT = st.text(alphabet=st.characters(codec=None))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  deux\t \n mots ", "deux mots"),
        ("nom\r\nBcc: x@example.org", "nom Bcc: x@example.org"),
        ("a\x00b\x07c\x9fd", "abcd"),
        ("a\ud800b\udfffc", "abc"),
        ("\ud83d\ude00", "😀"),
        ("e\u0301te\u0301", "été"),
        ("e\u202e\u0301", "é"),
        ("\u202emoc.elpmaxe\u2066", "moc.elpmaxe"),
        ("Pourquoi\u00a0?", "Pourquoi\u00a0?"),
        ("Pourquoi\u00a0 ?", "Pourquoi ?"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("\ufeff\u200b \u2060", ""),
        ("", ""),
    ],
)
def test_single_line_text_is_cleaned(typed, kept):
    assert clean_text(typed, multiline=False) == kept


def test_several_lines_keep_their_lines_and_paragraphs():
    assert clean_text("\r\nun  \r\n\r\ndeux\rtrois\u2028quatre\x0b\n", multiline=True) == "un\n\ndeux\ntrois\nquatre"


@given(ANY_TEXT, st.booleans())
def test_clean_text_is_stable_encodable_and_never_raises(value, multiline):
    cleaned = clean_text(value, multiline=multiline)
    assert clean_text(cleaned, multiline=multiline) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert "\x00" not in cleaned and "\r" not in cleaned
    assert multiline or "\n" not in cleaned
    cleaned.encode()


@pytest.mark.parametrize(
    ("value", "folded"),
    [
        ("Démocratie", "democratie"),
        ("ŒUVRE", "oeuvre"),
        ("Ægir", "aegir"),
        ("L\u2019ATELIER", "l'atelier"),
        ("E\u0301taples", "etaples"),
        ("garçon", "garcon"),
    ],
)
def test_fold(value, folded):
    assert fold(value) == folded


def test_sort_key_orders_names_as_a_french_reader_does():
    names = ["Zuydcoote", "Étaples", "Eecke", "Fourmies", "« École »", "Mons-en-Barœul", "Mons en Pévèle"]
    assert sorted(names, key=sort_key) == [
        "« École »",
        "Eecke",
        "Étaples",
        "Fourmies",
        "Mons-en-Barœul",
        "Mons en Pévèle",
        "Zuydcoote",
    ]
    assert len(sort_key("œ" * 300)) == 200


class _Form(forms.Form):
    title = PlainCharField(max_length=5)
    body = PlainTextField(max_length=4, required=False)


def test_fields_clean_what_is_posted_and_count_a_line_end_once():
    form = _Form({"title": " a\x00b\r\nc ", "body": "a\r\nbc"})
    assert form.is_valid()
    assert form.cleaned_data == {"title": "ab c", "body": "a\nbc"}


def test_field_of_invisible_characters_counts_as_empty():
    assert _Form({"title": "\u200b\x00 "}).has_error("title", "required")


@given(ANY_TEXT)
def test_fields_never_raise_and_are_shown_again(value):
    form = _Form({"title": value, "body": value})
    form.is_valid()
    form.as_p().encode()


def test_merge_refuses_a_model_classified_twice():
    table = {"courriels.Envoi": {"to": NEVER}}
    assert merge(table, {"x.Y": {"title": OPEN}}) == {"courriels.Envoi": {"to": "never"}, "x.Y": {"title": "open"}}
    with pytest.raises(ValueError, match=r"courriels\.Envoi"):
        merge(table, table)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 est"),
        (1, "1 est"),
        (1.5, "1.5 est"),
        (2, "2 sont"),
        (-2, "-2 sont"),
        ("1 020", "1 020 sont"),
        ("", " est"),
    ],
)
def test_the_plural_begins_at_two(count, said):
    assert f"{count} {plural(count, 'est,sont')}" == said


def test_what_is_counted_has_its_ending():
    assert [f"place{plural(rows)}" for rows in ([], ["a"], ["a", "b"], None)] == ["place", "place", "places", "place"]
    assert (plural(2, "x"), plural(0, "x")) == ("x", "")
