"""The difference between two texts: it gives both back, and reads as a person would say it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socle.difference import SAME, Difference, difference

WORDS = ("de ", "la ", "un ", "car ", "région ", "se réunit ", "18 h.", "\n", "\n\n", "  ", "é")
TEXTS = st.lists(st.sampled_from(WORDS)).map("".join)
CARS, RETURN = (
    "Ceux qui viennent de loin partent avant la fin.",
    "Nous proposons un retour, annoncé de la gare à la salle.",
)


def said(found: Difference) -> str:
    """« Le [car|bus] part »: what was there, what is there now."""
    before, after, parts = list(found.before), list(found.after), []
    while before or after:
        old = "" if not before or before[0].kind == SAME else before.pop(0).text.strip()
        new = "" if not after or after[0].kind == SAME else after.pop(0).text.strip()
        if old or new:
            parts.append(f"[{old}|{new}]")
        if before and after:
            parts.append(before.pop(0).text.strip())
            after.pop(0)
    return " ".join(filter(None, parts))


@given(TEXTS, TEXTS)
def test_it_gives_both_texts_back_and_what_is_the_same_is_the_same_in_both(before, after):
    found = difference(before, after)
    assert "".join(piece.text for piece in found.before) == before
    assert "".join(piece.text for piece in found.after) == after
    same = [[one.text.split() for one in side if one.kind == SAME] for side in (found.before, found.after)]
    assert same[0] == same[1]
    assert before != after or all(piece.kind == SAME for piece in found.before + found.after)


@pytest.mark.parametrize(
    ("before", "after", "reads"),
    [
        ("Le car part à 18 heures.", "Le bus part à 19 heures.", "Le [car|bus] part à [18|19] heures."),
        (CARS, RETURN, f"[{CARS}|{RETURN}]"),
        ("Un car le soir.", "Un car, un vrai, le soir.", "Un [car|car, un vrai,] le soir."),
        (
            "De cars.\n\nRien ne change.",
            "Un vélo.\n\nTout est là.",
            "[De cars.|Un vélo.] [Rien ne change.|Tout est là.]",
        ),
        ("", "Du neuf.", "[|Du neuf.]"),
        ("Rien ne change.", "Rien ne change.", "Rien ne change."),
    ],
)
def test_it_reads_as_a_person_would_say_it(before, after, reads):
    assert said(difference(before, after)) == reads
