"""What no font at hand draws, said in words between brackets: « [visage souriant] », « [caractères chinois U+6F22] ».

PDF/UA wants each sign drawn (ISO 14289-1, 7.21.8), and a square would tell nothing to anyone. An emoji has its name in
French (Unicode CLDR), what is of another script the name of it; the words themselves stay on the portal, and in the
files that a word processor opens.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from itertools import groupby
from typing import Any

import emoji

from socle.text import without_controls

SPELT = 4  # signs of a run whose codes are given: a name of that length can be found again
KEYCAP = "\u20e3"  # of « 1️⃣ »: fonts that have it do not put it on their digits
SCRIPTS = {
    "ARABIC": "arabe",
    "ARMENIAN": "arménien",
    "BENGALI": "bengali",
    "CJK": "chinois",
    "DEVANAGARI": "nagari",
    "ETHIOPIC": "éthiopien",
    "GEORGIAN": "géorgien",
    "GUJARATI": "goudjarati",
    "GURMUKHI": "gourmoukhi",
    "HANGUL": "coréen",
    "HEBREW": "hébreu",
    "HIRAGANA": "japonais",
    "KATAKANA": "japonais",
    "KHMER": "khmer",
    "LAO": "laotien",
    "MYANMAR": "birman",
    "SINHALA": "cinghalais",
    "TAMIL": "tamoul",
    "THAI": "thaï",
    "TIBETAN": "tibétain",
    "TIFINAGH": "tifinagh",
}


def signs_of(value: Any) -> set[str]:
    """Each sign of the texts of a tree of data, once."""
    if isinstance(value, str):
        return set(without_controls(value))
    found = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return set().union(*map(signs_of, found))


def in_words(value: Any, undrawn: frozenset[str], *, bare: bool = False) -> Any:
    """The same tree, its texts made of what can be drawn. `bare`: without what stands on a letter, either."""
    if isinstance(value, str):
        return _said(value, undrawn, bare=bare)
    if isinstance(value, Mapping):
        return {key: in_words(one, undrawn, bare=bare) for key, one in value.items()}
    return [in_words(one, undrawn, bare=bare) for one in value] if isinstance(value, list | tuple) else value


def _said(text: str, undrawn: frozenset[str], *, bare: bool) -> str:
    text = without_controls(text)
    if KEYCAP in text or not undrawn.isdisjoint(text):
        text = emoji.replace_emoji(text, lambda found, _about: _emoji(found, undrawn))
        text = _runs(undrawn).sub(_run, text) if undrawn else text
    return _without_marks(text) if bare else text


def _emoji(found: str, undrawn: frozenset[str]) -> str:
    """Its name; as it is where it is drawn, or too new to have one."""
    if KEYCAP not in found and undrawn.isdisjoint(found):
        return found
    return emoji.demojize(found, language="fr", delimiters=("[", "]")).replace("_", " ")


@lru_cache(8)
def _runs(undrawn: frozenset[str]) -> re.Pattern[str]:
    one = f"[{''.join(map(re.escape, sorted(undrawn)))}]"
    return re.compile(rf"{one}(?:\s*{one})*")


def _run(found: re.Match[str]) -> str:
    return " ".join(_named("".join(signs)) for _, signs in groupby("".join(found[0].split()), key=_script))


def _script(sign: str) -> str:
    """« chinois »; empty where it has none that we name."""
    return SCRIPTS.get(unicodedata.name(sign, "?").split()[0], "")


def _named(signs: str) -> str:
    script, several = _script(signs[0]), bool(signs[1:])
    said = "caractères" if several else "caractère"
    if script:
        said += f" {script}s" if several and not script.endswith("s") else f" {script}"
    if len(signs) > SPELT:
        return f"[{len(signs)} {said}]"
    return f"[{said} {' '.join(f'U+{ord(sign):04X}' for sign in signs)}]"


def _without_marks(text: str) -> str:
    """« é » stays, its accent is in it; what no font puts together is read without it."""
    kept = unicodedata.normalize("NFC", text)
    return "".join(sign for sign in kept if not unicodedata.category(sign).startswith("M"))
