"""The palette keeps the contrasts of WCAG 2.1 AA, in the light and in the dark; the style sheet uses nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

CSS = Path(settings.BASE_DIR, "static/css/site.css").read_text()
TEXT, PART = 4.5, 3.0  # WCAG 1.4.3 and 1.4.11
GROUNDS = ("ground", "raised", "sunken")
PAIRS = (
    [(name, ground, TEXT) for name in ("ink", "soft", "action", "action-strong") for ground in GROUNDS]
    + [("accent", ground, TEXT) for ground in ("ground", "raised", "accent-ground")]
    + [
        ("ink", "accent-ground", TEXT),
        ("action", "accent-ground", TEXT),
        ("on-action", "action", TEXT),
        ("on-action", "action-strong", TEXT),
    ]
    + [("edge", ground, PART) for ground in ("ground", "raised", "sunken")]
    + [("accent", "sunken", PART), ("action", "sunken", PART)]
)


def palette(theme: str) -> dict[str, str]:
    """The dark one says only what changes."""
    roots = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", roots[0]))
    return colours if theme == "light" else colours | dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", roots[1]))


def luminance(colour: str) -> float:
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (_linear(int(digits[place : place + 2], 16) / 255) for place in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("name", "ground", "least"), PAIRS)
def test_palette_is_readable(theme, name, ground, least):
    colours = palette(theme)
    assert contrast(colours[name], colours[ground]) >= least


def test_every_colour_comes_from_the_palette():
    """A plain rule repeats a light colour, for telephones that know no custom property."""
    light = set(palette("light").values()) | {"#fff", "#000"}
    without_palette = re.sub(r":root \{.*?\}", "", CSS, flags=re.DOTALL)
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", without_palette)) <= light
    assert set(re.findall(r"var\(--([a-z-]+)\)", CSS)) <= set(palette("light"))


def test_the_parts_of_a_bar_are_told_by_patterns_that_no_rule_covers():
    """Of two sheets loaded together, a rule that fills every `.bar` makes all its parts alike."""
    drawn = Path(settings.BASE_DIR, "static/css/drawn.css").read_text()
    filled = re.findall(r"([^{}]+)\{[^}]*\bfill:", CSS + drawn)
    assert [rule for rule in filled if re.search(r"\.bar(?![\w.-])|\.bar\.p[23]", rule)] == []


def test_style_sheet_asks_nothing_of_others():
    for recent in ("@layer", "@import", "@font-face", "http:", "https:", "url("):
        assert recent not in CSS
