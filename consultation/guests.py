"""How a person is called at the door: by the name they gave, else by their address, shown whole to the team alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from consultation.models import Inscription
from socle.text import sort_key

LEFT = "Personne qui a quitté le portail"
SHOWN = 2  # signs of an address at the least, before « …@ »


def label(inscription: Inscription) -> str:
    """For the team; the personne must be loaded with the row."""
    return inscription.name or (LEFT if inscription.personne.has_left else inscription.personne.email)


def by_name(inscriptions: Iterable[Inscription]) -> list[Inscription]:
    """Those who gave a name first, as on any list; then the others, by their address."""
    return sorted(inscriptions, key=lambda one: (not one.name, sort_key(label(one)), one.pk))


def sheet_labels(inscriptions: Sequence[Inscription]) -> dict[int, str]:
    """On a sheet that everybody signs and reads: a name, else what tells an address from the others on that sheet."""
    unnamed = [one.personne.email for one in inscriptions if not (one.name or one.personne.has_left)]
    masked = masked_addresses(unnamed)
    return {one.pk: one.name or masked.get(one.personne.email, LEFT) for one in inscriptions}


def masked_addresses(addresses: Sequence[str]) -> dict[str, str]:
    """« cl…@exemple.org »: two signs, and more of those that would read the same."""
    found = {}
    for address in addresses:
        local, _, domain = address.partition("@")
        same = [other for other in addresses if other != address and other.partition("@")[2] == domain]
        length = SHOWN
        while length < len(local) and any(other.startswith(local[:length]) for other in same):
            length += 1
        found[address] = f"{local[:length]}…@{domain}"
    return found
