"""Who may take a column away, and what becomes of it when somebody leaves: declared once, by each app (design §9).

`data.py` says of each field who may take it away. `held.py` says which rows concern a person, how they are found from
them, and what becomes of each of their fields: the copy one takes of one's data, the erasure and docs/RGPD are made of
that table and of nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

type Fields = Mapping[str, Mapping[str, Access]]


class Access(StrEnum):
    OPEN = "open"  # published with the open data
    STAFF = "staff"  # exported by staff who hold the permission
    NEVER = "never"  # leaves in no file but the person's own


OPEN, STAFF, NEVER = Access.OPEN, Access.STAFF, Access.NEVER


def merge(*tables: Fields) -> dict[str, dict[str, Access]]:
    """One table of all the apps'; a model declared twice is a mistake and raises ValueError."""
    merged: dict[str, dict[str, Access]] = {}
    for table in tables:
        for model, fields in table.items():
            if model in merged:
                raise ValueError(f"{model} is classified twice")
            merged[model] = dict(fields)
    return merged


class AtErasure(StrEnum):
    """What becomes of a field when the person it concerns leaves, in the words of the page and of docs/RGPD."""

    BLANKED = "effacé"
    WITH_TEXTS = "effacé quand la personne part avec ses textes"
    MOVED = "détaché de la personne"  # the row stays, for its count; whose it was is no longer known
    DELETED = "supprimé avec sa ligne"
    KEPT = "gardé"


@dataclass(frozen=True)
class Rule:
    """`value` is what is written in its place; `why` a kept field stays; `withheld` why it is not in one's own copy."""

    at: AtErasure
    value: Any = None
    why: str = ""
    withheld: str = ""


@dataclass(frozen=True)
class Held:
    """Rows of one model that concern somebody, found from the person by `path`, and a rule for each of their fields.

    `path` leads to the Personne; to an address, where it ends with `__iexact`. `done_by` names the verb that carries
    the rules out, where they are not a statement: the erasure leaves those rows to it. `since` is the field that dates
    an act of the person, where it is one: somebody who has done nothing for long is forgotten.
    """

    model: str
    title: str
    path: str
    rules: Mapping[str, Rule]
    done_by: str = ""
    since: str = ""

    @property
    def goes(self) -> bool:
        """The whole row."""
        return any(rule.at == AtErasure.DELETED for rule in self.rules.values())

    def given(self) -> list[str]:
        """The fields that the person's own copy holds."""
        return [name for name, rule in self.rules.items() if not rule.withheld]


# Words that are withheld from the copy, the same in each table.
AGENT = "désigne un agent, qui n’est pas la personne concernée"
TECHNICAL = "clé technique, sans sens pour la personne"


def held(
    model: str,
    title: str,
    path: str,
    *,
    blanked: str | Mapping[str, Any] = "",
    with_texts: Mapping[str, Any] | None = None,
    moved: str = "",
    deleted: str = "",
    kept: Mapping[str, str] | None = None,
    withheld: Mapping[str, str] | None = None,
    done_by: str = "",
    since: str = "",
) -> Held:
    """Names are given in one string, apart by spaces. `blanked` may say what is written instead; `kept` and `withheld`
    go from the reason to the names. Raises ValueError for a field that has two rules, or none.
    """
    blanks = dict.fromkeys(blanked.split()) if isinstance(blanked, str) else dict(blanked)
    found: list[tuple[str, Rule]] = [(name, Rule(AtErasure.BLANKED, value)) for name, value in blanks.items()]
    found += [(name, Rule(AtErasure.WITH_TEXTS, value)) for name, value in (with_texts or {}).items()]
    found += [(name, Rule(AtErasure.MOVED)) for name in moved.split()]
    found += [(name, Rule(AtErasure.DELETED)) for name in deleted.split()]
    found += [(name, Rule(AtErasure.KEPT, why=why)) for why, names in (kept or {}).items() for name in names.split()]
    rules = dict(found)
    if len(rules) != len(found):
        raise ValueError(f"a field of {model} has two rules")
    for why, names in (withheld or {}).items():
        for name in names.split():
            rules[name] = replace(rules[name], withheld=why)
    return Held(model, title, path, rules, done_by, since)
