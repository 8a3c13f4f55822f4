"""A JSON file read with suspicion: each value knows its path, and says in French why it is refused."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Iterator
from datetime import time
from pathlib import Path
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug

from participons.programme.when import When, read_time, read_when
from socle.text import clean_text

MAX_BYTES = 2_000_000


class ProgrammeError(Exception):
    """The sentence names the field and the reason; nothing was written."""


class Node:
    """A value of the file and its path, « ateliers[3].seances[1] » (the first of a list is 0)."""

    def __init__(self, value: Any, path: str = "") -> None:
        self.value = value
        self.path = path

    def fail(self, reason: str) -> NoReturn:
        raise ProgrammeError(f"{self.path or 'le fichier'} : {reason}")

    def fields(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Node]:
        """Every required key, those of the optional ones that are there, and no other."""
        if not isinstance(self.value, dict):
            self.fail(f"on attend un objet {{…}}, et non {_kind(self.value)}.")
        for name in self.value:
            if name not in required and name not in optional:
                self.fail(
                    f"la clé « {_shown(name)} » n’est pas connue ; on attend {', '.join([*required, *optional])}."
                )
        for name in required:
            if name not in self.value:
                self.fail(f"la clé « {name} » manque.")
        return {name: Node(value, f"{self.path}.{name}".lstrip(".")) for name, value in self.value.items()}

    def items(self) -> Iterator[Node]:
        if not isinstance(self.value, list):
            self.fail(f"on attend une liste […], et non {_kind(self.value)}.")
        return (Node(value, f"{self.path}[{number}]") for number, value in enumerate(self.value))

    def text(self, limit: int | None = None, *, multiline: bool = False) -> str:
        if not isinstance(self.value, str):
            self.fail(f"on attend un texte, et non {_kind(self.value)}.")
        text = unicodedata.normalize("NFC", self.value)
        for sign in text:
            if clean_text(f"a{sign}a", multiline=True) == "aa":
                self.fail(f"le caractère U+{ord(sign):04X} n’est pas permis.")
        if not multiline and "\n" in text:
            self.fail("le texte tient sur une ligne.")
        text = clean_text(text, multiline=multiline)
        if not text:
            self.fail("le texte est vide ; sans valeur, retirez la clé.")
        if limit and len(text) > limit:
            self.fail(f"le texte a {len(text)} caractères, {limit} au plus.")
        return text

    def paragraphs(self, limit: int = 20_000) -> str:
        """A text, or a list of texts that become as many paragraphs."""
        nodes = list(self.items()) if isinstance(self.value, list) else [self]
        text = "\n\n".join(node.text(multiline=True) for node in nodes)
        return text if len(text) <= limit else self.fail(f"le texte a {len(text)} caractères, {limit} au plus.")

    def integer(self, low: int, high: int) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            self.fail(f"on attend un nombre entier, et non {_kind(self.value)}.")
        if not low <= self.value <= high:
            self.fail(f"le nombre doit être entre {low} et {high}.")
        return self.value

    def degrees(self, limit: int) -> float:
        if not isinstance(self.value, int | float) or isinstance(self.value, bool) or not -limit <= self.value <= limit:
            self.fail(f"on attend un nombre de degrés entre -{limit} et {limit}.")
        return float(self.value)

    def choice(self, values: Collection[str]) -> str:
        if not isinstance(self.value, str) or self.value not in values:
            self.fail(f"« {_shown(self.value)} » n’est pas l’un de : {', '.join(values)}.")
        return self.value

    def email(self) -> str:
        text = self.text(254)
        try:
            validate_email(text)
        except ValidationError:
            self.fail(f"« {_shown(text)} » n’est pas une adresse électronique.")
        return text

    def when(self, precisions: Collection[str] = ()) -> When:
        try:
            when = read_when(_shown(self.text()))
        except ValueError as error:
            self.fail(str(error))
        if precisions and when.precision not in precisions:
            self.fail(f"« {_shown(self.value)} » : il faut un seul jour, avec son année.")
        return when

    def time(self) -> time:
        try:
            return read_time(_shown(self.text()))
        except ValueError as error:
            self.fail(str(error))


def unique[K](seen: set[K], value: K, node: Node, what: str) -> K:
    """`value`, the first time; afterwards a refusal."""
    if value in seen:
        node.fail(f"{what} « {value} » est déjà pris.")
    seen.add(value)
    return value


def slug(node: Node, limit: int | None = None) -> str:
    text = node.text(limit)
    try:
        validate_slug(text)
    except ValidationError:
        node.fail("on attend des lettres sans accent, des chiffres et des tirets.")
    return text


def leaves(nodes: list[Node]) -> list[Node]:
    """The texts under these values."""
    out = []
    while nodes:
        node = nodes.pop(0)
        if isinstance(node.value, dict):
            nodes = [Node(value, f"{node.path}.{name}") for name, value in node.value.items()] + nodes
        elif isinstance(node.value, list):
            nodes = [*node.items(), *nodes]
        elif isinstance(node.value, str):
            out.append(node)
    return out


def read_file(path: Path) -> Any:
    """What the JSON file holds; raises ProgrammeError where it cannot be read as one."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ProgrammeError(f"{path} : ce fichier ne peut pas être lu ({error.strerror}).") from None
    if len(content) > MAX_BYTES:
        raise ProgrammeError(f"{path} : le fichier dépasse {MAX_BYTES // 1_000_000} Mo.")
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_constant)
    except UnicodeDecodeError as error:
        raise ProgrammeError(
            f"{path} : le fichier n’est pas en UTF-8 (octet {content[error.start]:#04x} à la position {error.start})."
        ) from None
    except json.JSONDecodeError as error:
        raise ProgrammeError(f"{path}, ligne {error.lineno}, colonne {error.colno} : ce n’est pas du JSON.") from None
    except (RecursionError, ValueError) as error:  # nested too deep, or a number of thousands of digits
        raise ProgrammeError(f"{path} : ce n’est pas du JSON que l’on sache lire ({error}).") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ProgrammeError(f"la clé « {_shown(twice)} » est écrite deux fois dans le même objet.")
    return found


def _constant(name: str) -> NoReturn:
    raise ProgrammeError(f"« {name} » n’est pas un nombre.")


def _shown(value: Any) -> str:
    """What is repeated of a value in a sentence: short, and without what a terminal would obey."""
    text = clean_text(str(value), multiline=False)
    return text if len(text) <= 60 else text[:59] + "…"


def _kind(value: Any) -> str:
    names = {dict: "un objet", list: "une liste", str: "un texte", bool: "vrai ou faux", type(None): "rien"}
    return names.get(type(value), "un nombre")


def length(model: Any, name: str) -> int | None:
    """The room of a column, said once, in the model."""
    return model._meta.get_field(name).max_length


def texts(model: Any, found: dict[str, Node], names: Collection[str]) -> dict[str, str]:
    """The one-line columns that the file gives."""
    return {name: found[name].text(length(model, name)) for name in names if name in found}
