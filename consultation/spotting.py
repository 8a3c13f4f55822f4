"""What should not be published unseen: an address, a telephone, a bank account or a social security number.

It points out and never judges: whoever reads decides. Time grows with the length of the text, whatever it holds
(each pattern starts at an edge and each of its repeats is bounded).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from phonenumbers import Leniency, NumberParseException, PhoneNumberMatcher, is_valid_number, parse
from stdnum import iban
from stdnum.fr import nir

if TYPE_CHECKING:
    from consultation.models import Contribution


class Kind(StrEnum):
    EMAIL = "courriel"
    PHONE = "telephone"
    IBAN = "iban"
    NIR = "securite_sociale"


LABELS = {
    Kind.EMAIL: "adresse électronique",
    Kind.PHONE: "numéro de téléphone",
    Kind.IBAN: "numéro de compte (IBAN)",
    Kind.NIR: "numéro de sécurité sociale",
}


@dataclass(frozen=True)
class Spot:
    """`text[start:end]` looks like one; `end` is not in it."""

    kind: Kind
    start: int
    end: int

    @property
    def label(self) -> str:
        return LABELS[self.kind]


# What one writes between the groups of a number: spaces of any width, points, hyphens, slashes.
_SPACE = r"[ \u00a0\u202f\u2009]"
_GAP = r"[ .\-\u00a0\u202f\u2009]"
_AT = rf"(?:@|{_SPACE}?[\[(]{_SPACE}?(?:at|arobase|@){_SPACE}?[\])]{_SPACE}?)"
_EMAIL = re.compile(
    rf"(?<![\w.+%-])[\w.+%-]{{1,64}}{_AT}(?:[^\W_](?:[\w-]{{0,61}}[^\W_])?\.){{1,6}}[^\W\d_]{{2,24}}", re.IGNORECASE
)
# Ten digits with the zero, or their country's number, grouped as France and its overseas départements do. Dates,
# years, postcodes and amounts are grouped otherwise: of national numbers the library would take many of them.
_FRENCH = re.compile(
    rf"(?<![\d+])(?<!\d[.,/-])"
    rf"(?:(?:\+|00){_SPACE}?(?:33|262|590|594|596|508){_GAP}?(?:\(0\){_GAP}?)?|\(?0\)?{_SPACE}?)"
    rf"[1-9](?:[0-9]{{8}}|{_GAP}[0-9]{{8}}|(?:(?:{_GAP}|/){_SPACE}?[0-9]{{2}}){{4}}"
    rf"|[0-9]{{2}}(?:{_GAP}[0-9]{{2}}){{3}}|[0-9]{{2}}(?:{_GAP}[0-9]{{3}}){{2}})(?!\d)"
)
_IBAN = re.compile(rf"(?<![^\W_])[A-Z]{{2}}[0-9]{{2}}(?:{_GAP}?[A-Z0-9]){{11,30}}", re.IGNORECASE)
_NIR = re.compile(rf"(?<!\d)[12](?:{_GAP}?[0-9]){{5}}{_GAP}?[0-9AB](?:{_GAP}?[0-9]){{8}}(?!\d)", re.IGNORECASE)
# A number of the overseas départements is valid in none but its own.
REGIONS = ("FR", "RE", "GP", "MQ", "GF", "YT", "PM")


def spot(text: str) -> list[Spot]:
    """In the order of the text; of two that overlap, the one to be surest of stays (a social security number
    holds ten digits that could be a telephone's)."""
    taken = bytearray(len(text))
    found = []
    for one in (*_emails(text), *_ibans(text), *_nirs(text), *_phones(text)):
        if not any(taken[one.start : one.end]):
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            found.append(one)
    return sorted(found, key=lambda one: one.start)


def spots_of(contribution: Contribution) -> list[Spot]:
    """In all that its page would show, the signature included; each place is one in its own field."""
    return [one for text in (contribution.title, contribution.body, contribution.signature) for one in spot(text)]


def _emails(text: str) -> Iterator[Spot]:
    for match in _EMAIL.finditer(text):
        yield Spot(Kind.EMAIL, *match.span())


def _ibans(text: str) -> Iterator[Spot]:
    """The candidate may have taken the word that follows: shortened until its check digits are right."""
    for match in _IBAN.finditer(text):
        for end in range(match.end(), match.start() + 14, -1):
            if text[end - 1].isalnum() and iban.is_valid(
                re.sub(r"\W", "", text[match.start() : end]), check_country=False
            ):
                yield Spot(Kind.IBAN, match.start(), end)
                break


def _nirs(text: str) -> Iterator[Spot]:
    for match in _NIR.finditer(text):
        if nir.is_valid(re.sub(r"\W", "", match[0])):
            yield Spot(Kind.NIR, *match.span())


def _phones(text: str) -> Iterator[Spot]:
    """France's, then any country's with its + or 00, as the library knows them."""
    for match in _FRENCH.finditer(text):
        if any(_is_phone(match[0], region) for region in REGIONS):
            yield Spot(Kind.PHONE, *match.span())
    for found in PhoneNumberMatcher(text, "FR", leniency=Leniency.VALID):
        if found.raw_string.lstrip("(").startswith(("+", "00")):
            yield Spot(Kind.PHONE, found.start, found.end)


def _is_phone(written: str, region: str) -> bool:
    try:
        return is_valid_number(parse(written, region))
    except NumberParseException:
        return False
