"""What no font draws is said in words, in every PDF and drawing of the house; what can be drawn is."""

from __future__ import annotations

import io
from dataclasses import asdict
from pathlib import Path

import playwright
import pytest
from pypdf import PdfReader

from socle.papers import drawing, render, render_apart
from socle.publications.drawing import SOURCE
from socle.publications.pandoc import BARS
from socle.written import Counts, Written, heading, paragraphs

NOTE = "Le texte exact se lit sur le portail"
SAID = {
    "🌍 et 👩🏽\u200d🌾": "[globe tourné sur l’afrique et l’europe] et [fermière peau légèrement mate]",
    "1️⃣ 🇫🇷": "[touches 1] [drapeau france]",
    "李雷 漢字漢字漢": "[7 caractères chinois]",
    "李雷": "[caractères chinois U+674E U+96F7]",
    "한": "[caractère coréen U+D55C]",
    "한국 漢": "[caractères coréens U+D55C U+AD6D] [caractère chinois U+6F22]",
    "ไทย": "[caractères thaïs U+0E44 U+0E17 U+0E22]",
    "\U00012000": "[caractère U+12000]",
}
DRAWN = ("Œuvre → «\u00a0été\u00a0» ☐ ✓ Ω Ж", "שלום", "مرحبا", "हिन्दी")


def written(text: str) -> Written:
    return Written("Titre", "Dessus", (heading("Un point"), *paragraphs(f"Debut {text} fin")))


def words_of(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


@pytest.mark.parametrize("text", SAID)
def test_what_is_not_drawn_is_said_in_its_place_and_the_end_says_so(text):
    shown = words_of(render(SOURCE, written(text).data()))
    assert f"Debut {SAID[text]} fin" in shown
    assert NOTE in shown and "□" not in shown


@pytest.mark.parametrize("text", DRAWN)
def test_what_is_drawn_stays_and_nothing_is_said_of_it(text):
    shown = words_of(render(SOURCE, written(text).data()))
    assert NOTE not in shown and "[" not in shown
    assert set(text) - set(shown) <= {"\u00a0", "☐"}


def test_what_no_form_lets_in_is_in_no_paper_and_turns_no_word_of_ours_round():
    shown = words_of(render(SOURCE, written("a\x01\x1b\x9f\u202e\u2067b").data()))
    assert "Debut ab fin" in shown and NOTE not in shown


def test_a_letter_that_no_font_draws_with_what_stands_on_it_is_drawn_alone(tmp_path):
    """Each alone has a shape: only Typst, once it sets the sentence, knows that they have none together."""
    data = written("א\u064b puis é\u20dd").data()
    render_apart(SOURCE, data, tmp_path / "apart.pdf")
    for content in (render(SOURCE, data), (tmp_path / "apart.pdf").read_bytes()):
        shown = words_of(content)
        assert "א" in shown and "puis é" in shown and NOTE in shown


def test_a_drawing_holds_no_square_either():
    def drawn(label: str) -> bytes:
        return drawing(BARS, asdict(Counts("Légende", "Quoi", ("nombre",), ((label, (3,)),), drawn=1)))

    assert drawn("漢") == drawn("[caractère chinois U+6F22]") != drawn("字")


def test_fonts_that_are_given_draw_what_those_of_typst_do_not(settings, tmp_path):
    sign = "\uea61"  # of a font that the browser of the tests brings
    assert "[caractère U+EA61]" in words_of(render(SOURCE, written(sign).data()))
    font = next(Path(playwright.__file__).parent.rglob("codicon*.ttf"))
    settings.PAPER_FONTS = str(font.parent)
    render_apart(SOURCE, written(sign).data(), tmp_path / "apart.pdf")
    for content in (render(SOURCE, written(sign).data()), (tmp_path / "apart.pdf").read_bytes()):
        assert NOTE not in words_of(content) and "U+EA61" not in words_of(content)
