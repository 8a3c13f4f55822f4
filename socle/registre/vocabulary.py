"""What the register may say. The words belong to the roof (settings.REGISTRE_VOCABULARY): the ground knows no act."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

# A public reference (« DP11-42 ») or a noun and its place (« etape:3 »): nothing that could be somebody's name.
SUBJECT = re.compile(r"[A-Z][A-Z0-9]{1,7}-[0-9]{1,18}|[a-z]{2,20}:[a-z0-9-]{1,80}")
LONGEST_FACT = 2000  # characters


@dataclass(frozen=True)
class Act:
    """`says` is the sentence of the page, with {subject} and {by}; each fact that is known adds its own after it."""

    label: str
    says: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Vocabulary:
    """The acts by their kind, and the roles with how the page says who acted (« par un modérateur »)."""

    acts: Mapping[str, Act]
    actors: Mapping[str, str]

    def check(self, kind: str, subject: str, role: str, facts: Mapping[str, Any]) -> None:
        """Raises ValueError: what is not in the tables has no place in a register that never forgets."""
        if kind not in self.acts:
            raise ValueError(f"The register knows no act « {kind} ».")
        if role not in self.actors:
            raise ValueError(f"« {role} » is not one of the roles of the register.")
        if not SUBJECT.fullmatch(subject):
            raise ValueError(f"« {subject} » is not a public reference.")
        for key, value in facts.items():
            if key not in self.acts[kind].facts:
                raise ValueError(f"« {key} » is not a fact of « {kind} ».")
            if type(value) not in (str, int, type(None)) or len(str(value)) > LONGEST_FACT:
                raise ValueError(f"« {key} » is neither a short text nor a whole number.")


def vocabulary() -> Vocabulary:
    return import_string(settings.REGISTRE_VOCABULARY)
