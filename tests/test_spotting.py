"""What is pointed out in a text before it is published, and what is left in peace."""

import csv
import gzip
from itertools import islice
from pathlib import Path

import pytest

from consultation.spotting import Kind, spot

REAL = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def spotted(text):
    return [(one.kind, text[one.start : one.end]) for one in spot(text)]


@pytest.mark.parametrize(
    "address",
    [
        "jean.dupont@exemple.fr",
        "josé.étienne+vote@mairie-lille.asso.fr",
        "A@B.CO",
        "jean (at) exemple.fr",
        "jean[arobase]exemple.fr",
    ],
)
@pytest.mark.parametrize("around", ["{}", "Écrivez à {}.", "({}, le soir)", "mailto:{}?"])
def test_an_address_is_spotted_whatever_is_around(address, around):
    assert spotted(around.format(address)) == [(Kind.EMAIL, address)]


@pytest.mark.parametrize(
    "number",
    [
        "0612345678",
        "06 12 34 56 78",
        "06\u00a012\u00a034\u00a056\u00a078",
        "03.20.12.34.56",
        "03-20-12-34-56",
        "03/20/12/34/56",
        "03 20.12 34.56",
        "(0)3 20 12 34 56",
        "0 800 123 456",
        "0692 12 34 56",  # La Réunion
        "0590 81 00 00",  # la Guadeloupe
        "05 96 59 63 00",  # la Martinique
        "0594 29 00 00",  # la Guyane
        "0269 61 00 00",  # Mayotte
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "0033 6 12 34 56 78",
        "+262 692 12 34 56",
    ],
)
@pytest.mark.parametrize("around", ["{}", "Appelez le {}.", "tél. : {}, 59000 Lille", "n° {} 62000 Arras"])
def test_a_telephone_is_spotted_as_people_write_it(number, around):
    assert spotted(around.format(number)) == [(Kind.PHONE, number)]


def test_a_telephone_of_a_neighbour_is_one():
    assert spotted("Mon numéro : +32 2 555 12 12, à Tournai.") == [(Kind.PHONE, "+32 2 555 12 12")]


@pytest.mark.parametrize("number", ["FR76 3000 6000 0112 3456 7890 189", "FR1420041010050500013M02606"])
@pytest.mark.parametrize("around", ["{}", "Mon compte : {} merci", "{}."])
def test_an_iban_is_spotted_without_the_word_behind_it(number, around):
    assert spotted(around.format(number)) == [(Kind.IBAN, number)]
    assert spotted(around.format(number.lower())) == [(Kind.IBAN, number.lower())]
    assert spot(around.format(number.replace("6", "7"))) == []


def test_an_iban_of_a_neighbour_is_one():
    assert spotted("BE68 5390 0754 7034") == [(Kind.IBAN, "BE68 5390 0754 7034")]


@pytest.mark.parametrize("number", ["2 95 10 99 126 111 93", "295109912611193", "2 53 07 2A 073 004 43"])
def test_a_social_security_number_is_spotted_once_its_key_is_right(number):
    assert spotted(f"Mon numéro est le {number}, voilà.") == [(Kind.NIR, number)]
    assert spot(f"Mon numéro est le {number[:-1]}0, voilà.") == []


def test_several_are_told_in_the_order_of_the_text():
    text = "06 12 34 56 78 ou 06 12 34 56 79, a@example.org ; 2 95 10 99 126 111 93"
    assert [kind for kind, _ in spotted(text)] == [Kind.PHONE, Kind.PHONE, Kind.EMAIL, Kind.NIR]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "le 07/03/2011 à 18 h 30, puis le 08/04/2011",
        "09/11/2019 21:26",
        "2011-2012, 2012-2013",
        "59000 Lille, 62000 Arras",
        "un budget de 1 250 000 000 euros, dont 12 500 000,50 €",
        "0,612345678 %",
        "le 15, le 18, le 112, le 3615 et le 36 46",
        "entre 05 2010 2011",
        "article L131-1 du CRPA, loi n° 2005-102 du 11 février 2005",
        "FR76, la TVA FR12345678901 et le SIRET 732 829 320 00074",
        "@lille et #budget, a@b, 5 € @ 20 %",
        "https://example.org/prison-3395148-2780.php?id=20190109",
    ],
)
def test_dates_sums_and_names_are_left_in_peace(text):
    assert spot(text) == []


@pytest.mark.skipif(not REAL.is_dir(), reason="the real texts are not on this machine")
def test_nothing_is_spotted_in_real_texts_whose_addresses_were_taken_out():
    csv.field_size_limit(10**7)
    with gzip.open(REAL / "granddebat_reponses.csv.gz", "rt", encoding="utf-8") as file:
        texts = [row["reponse"] for row in islice(csv.DictReader(file), 0, 60_000, 10)]
    with gzip.open(REAL / "rua_export_capcollectif.csv.gz", "rt", encoding="utf-8", errors="replace") as file:
        texts += islice(file, 2000)  # whole lines: dates with hours, identifiers, sums
    assert len(texts) == 8000
    assert [(spotted(text), text) for text in texts if spot(text)] == []


# Pieces of what is looked for: a pattern that looked back would not come to the end of them (bench/spotting.py).
HOSTILE = ["a", "1", "0", "06 ", "06 12 34 ", "a@", "a@a.", "a@a.b-", "@", "FR76 ", "1 ", "aa11", "(0", "+", " "]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_text_made_of_pieces_is_read_to_its_end(piece):
    text = (piece * 100_000)[:100_000]
    assert len(spot(text + " alice@example.org")) >= len(spot(text))
