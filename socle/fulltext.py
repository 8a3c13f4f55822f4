"""Full text in French: what somebody typed becomes a tsquery, and the words found are marked (design §8).

The SQL functions participons_vector and participons_term, and the `search` column of a table that is searched,
come from that table's migration.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BooleanField, Expression, F, FloatField, Func, TextField, Value
from django.db.models.functions import Concat
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from socle.text import clean_text, fold

MAX_LENGTH = 200  # characters that are read
MAX_TERMS = 12
CLOSE_TERMS = 7  # 21 pairs
LONGEST, RAREST, SHARED_TERMS = 18, 6, 4  # of a whole text; two of its rarest words may be nobody else’s

# Words that say nothing alone and that PostgreSQL's French list of stop words lacks, folded.
_ALSO_STOP = frozenset(["a", "les", "cet", "cette", "leurs", "dont", "ou", "donc", "car", "ni", "si"])

_QUOTES = str.maketrans({"«": '"', "»": '"', "“": '"', "”": '"', "„": '"', "\u2212": "-"})
_TERMS = re.compile(r'(?P<minus>(?<!\S)-(?=[\w"]))?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_LEXEMES = re.compile(r"'((?:[^'\\]|''|\\.)*)'")
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Query:
    """What was typed, as PostgreSQL reads it; false where nothing can be looked for."""

    typed: str = ""
    tsquery: str = ""
    lexemes: frozenset[str] = frozenset()
    shortened: bool = False

    def __bool__(self) -> bool:
        return bool(self.tsquery)

    @classmethod
    def read(cls, typed: str) -> Query:
        """All the words, without the `-words`; words between quotes follow each other. One query, none for no word."""
        typed = clean_text(typed, multiline=False)
        terms = list(_terms(typed[:MAX_LENGTH]))
        shortened = len(typed) > MAX_LENGTH or len(terms) > MAX_TERMS
        stemmed = _stem(terms[:MAX_TERMS])
        # « été » is a stop word: what its folded spelling gives is looked for where nothing else is.
        wanted = [own for own, _, minus in stemmed if own and not minus]
        wanted = wanted or [folded for _, folded, minus in stemmed if folded and not minus]
        if not wanted:
            return cls(typed[:MAX_LENGTH], shortened=shortened)
        unwanted = [own or folded for own, folded, minus in stemmed if minus and (own or folded)]
        tsquery = " & ".join([f"({term})" for term in wanted] + [f"!({term})" for term in unwanted])
        lexemes = frozenset(_unquoted(found) for term in wanted for found in _LEXEMES.findall(term))
        return cls(typed[:MAX_LENGTH], tsquery, lexemes, shortened)

    @classmethod
    def close_to(cls, text: str) -> Query:
        """Any two of the words that count (the only one, where there is one): what says nearly the same thing.

        The longest words are kept, for they say most. One query, none where no word is left.
        """
        terms = _longest(clean_text(text, multiline=False)[:MAX_LENGTH], CLOSE_TERMS)
        lexemes = frozenset(_unquoted(found) for term in terms for found in _LEXEMES.findall(term))
        pairs = [f"({one} & {other})" for one, other in combinations(terms, 2)] or terms
        return cls(text[:MAX_LENGTH], " | ".join(pairs), lexemes)

    @classmethod
    def most_of(cls, lexemes: Sequence[str]) -> Query:
        """Most of these lexemes (all, of very few): what may be a copy of the text of which they are the `Rarest`."""
        terms = ["'" + one.replace("\\", "\\\\").replace("'", "''") + "'" for one in lexemes]
        return cls("", _holding(terms, min(len(terms), SHARED_TERMS)) if terms else "")


def _holding(terms: list[str], number: int) -> str:
    """At least so many of the terms. The first one and fewer of the others, or as many of the others: an index answers
    this twice as fast as the list of all the ways."""
    if number == len(terms):
        return f"({' & '.join(terms)})"
    if number == 1:
        return f"({' | '.join(terms)})"
    return f"({terms[0]} & {_holding(terms[1:], number - 1)} | {_holding(terms[1:], number)})"


def _longest(text: str, number: int) -> list[str]:
    words = dict.fromkeys(_WORDS.findall(text))
    longest = sorted((word for word in words if fold(word) not in _ALSO_STOP), key=len, reverse=True)
    return list(dict.fromkeys(own for own, _, _ in _stem([(word, False) for word in longest[:number]]) if own))


def _terms(typed: str) -> Iterable[tuple[str, bool]]:
    """Each word or quoted phrase, and whether it is unwanted."""
    for found in _TERMS.finditer(typed.translate(_QUOTES)):
        text = found["phrase"] if found["phrase"] is not None else found["word"]
        if _WORDS.search(text) and fold(text) not in _ALSO_STOP:
            yield text, bool(found["minus"])


def _stem(terms: list[tuple[str, bool]]) -> list[tuple[str, str, bool]]:
    """Each term as a tsquery, the same from its folded spelling, and whether it is unwanted."""
    if not terms:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT participons_term(t)::text, participons_term(participons_fold(t))::text, minus"
            " FROM unnest(%s::text[], %s::boolean[]) WITH ORDINALITY u(t, minus, n) ORDER BY n",
            [[text for text, _ in terms], [minus for _, minus in terms]],
        )
        return cursor.fetchall()


def _unquoted(lexeme: str) -> str:
    return re.sub(r"\\(.)|''", lambda m: m[1] or "'", lexeme)


class SearchColumn(Expression):
    """The generated `search` column of the table that `pk` belongs to; it is not a field of the model."""

    def __init__(self, pk: Any = "pk") -> None:
        super().__init__(output_field=BooleanField())  # never read by Django: only SQL sees it
        self.pk: Any = F(pk) if isinstance(pk, str) else pk

    def get_source_expressions(self) -> list[Any]:
        return [self.pk]

    def set_source_expressions(self, exprs: Any) -> None:
        (self.pk,) = exprs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[()]]:  # noqa: ARG002 Django's signature
        return f'{compiler.quote_name(self.pk.alias)}."search"', ()


class Rarest(Func):
    """The rarest among the longest lexemes of a row, by the planner's own figures of its column; of the two spellings
    of a word, one."""

    template = f"""ARRAY(
        SELECT longest.lexeme FROM (
            SELECT one.lexeme FROM (
                SELECT DISTINCT ON (u.positions[1]) u.lexeme FROM unnest(%(expressions)s) u
                ORDER BY u.positions[1], length(u.lexeme) DESC, u.lexeme
            ) one ORDER BY length(one.lexeme) DESC, one.lexeme LIMIT {LONGEST}
        ) longest LEFT JOIN (
            SELECT common.word, common.often FROM pg_stats s
            CROSS JOIN unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) common(word, often)
            WHERE s.schemaname = current_schema() AND s.tablename = '%(table)s' AND s.attname = 'search'
        ) known ON known.word = longest.lexeme
        ORDER BY coalesce(known.often, 0), length(longest.lexeme) DESC, longest.lexeme LIMIT {RAREST}
    )"""  # noqa: S608 (constants of this file, and the name of a table)
    output_field = ArrayField(TextField())

    def __init__(self, table: str, pk: Any = "pk") -> None:
        super().__init__(SearchColumn(pk), table=table)


class Holds(Func):
    """True for the rows whose `search` column answers the query."""

    template = "%(expressions)s::tsquery"
    arg_joiner = " @@ "
    output_field = BooleanField()

    def __init__(self, pk: Any, query: Query) -> None:
        super().__init__(SearchColumn(pk), Value(query.tsquery))


class Mentions(Func):
    """The same for a small table without such a column: its text is read on the way."""

    template = "%(expressions)s::tsquery"
    arg_joiner = " @@ "
    output_field = BooleanField()

    def __init__(self, query: Query, *fields: str) -> None:
        text = Concat(*_spaced(fields), output_field=TextField())
        super().__init__(Func(text, function="participons_vector"), Value(query.tsquery))


class Rank(Func):
    """How well a row answers: often, in its title, in few words."""

    template = "ts_rank(%(expressions)s::tsquery, 1)::float8"
    output_field = FloatField()

    def __init__(self, pk: Any, query: Query) -> None:
        super().__init__(SearchColumn(pk), Value(query.tsquery))


def _spaced(fields: Iterable[str]) -> list[Any]:
    return [part for field in fields for part in (F(field), Value(" "))]


@dataclass(frozen=True)
class Marker:
    """Marks the words of some texts that a query found."""

    found: frozenset[str] = frozenset()

    @classmethod
    def of(cls, query: Query, texts: Iterable[str]) -> Marker:
        """One query for all the texts: PostgreSQL says which of their words have a lexeme of the query."""
        if not query:
            return cls()
        starts = tuple({lexeme[:3] for lexeme in query.lexemes})
        words = {word for text in texts for word in _WORDS.findall(text)}
        # A stem begins as its word does: the others need not be asked about.
        likely = [word for word in words if fold(word).startswith(starts)]
        return cls(_with_lexemes(likely, query.lexemes) if likely else frozenset())

    def first(self, text: str) -> int:
        """Where the first word found begins; 0 where there is none."""
        return next((m.start() for m in _WORDS.finditer(text) if m[0] in self.found), 0)

    def mark(self, text: str) -> SafeString:
        """The text escaped, its words in <mark>."""
        parts, end = [], 0
        for word in _WORDS.finditer(text):
            if word[0] in self.found:
                parts += [escape(text[end : word.start()]), f"<mark>{escape(word[0])}</mark>"]
                end = word.end()
        return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308 each part is escaped


def _with_lexemes(words: list[str], lexemes: frozenset[str]) -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w FROM unnest(%s::text[]) w WHERE tsvector_to_array(participons_vector(w)) && %s::text[]",
            [words, list(lexemes)],
        )
        return frozenset(row[0] for row in cursor)


def excerpt(text: str, length: int, around: int = 0) -> str:
    """At most `length` characters on one line, cut between words, holding the place `around`."""
    start = 0 if around < length * 2 // 3 else text.rfind(" ", 0, around - length // 3) + 1
    piece = " ".join(text[start : start + length + 1].split())
    if start + length < len(text):
        piece = piece[:length].rsplit(" ", 1)[0].rstrip(" ,;:.–-") + "\u00a0…"
    return f"…\u00a0{piece}" if start else piece
