"""What a column of a file is. The tables of columns belong to the floors that know the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

from socle.exports.formulas import neutralised_sql
from socle.personaldata import Access


class Kind(StrEnum):
    TEXT = "texte"
    CODE = "code"  # text from a closed list, or made by the portal: never typed by anyone
    INTEGER = "nombre entier"
    DECIMAL = "nombre décimal"
    BOOLEAN = "oui ou non"
    DATE = "date (AAAA-MM-JJ)"
    MOMENT = "date et heure de Paris (AAAA-MM-JJ HH:MM)"


@dataclass(frozen=True)
class Column:
    """`sql` is an expression over the rows; `fields` are the fields it rests on, as « app.Model.field »."""

    name: str
    header: str
    access: Access
    kind: Kind
    sql: str
    description: str
    fields: tuple[str, ...]
    open_only: bool = False  # a coarser form, made for the open data: staff have the precise column
    may_be_long: bool = False  # may pass what one XLSX cell can hold

    @property
    def cell(self) -> str:
        """The SQL expression of the text that goes in the file; NULL for an empty cell."""
        at = f"({self.sql}) AT TIME ZONE '{settings.TIME_ZONE}'"
        patterns = {
            Kind.TEXT: f"NULLIF({neutralised_sql(self.sql)}, '')",
            Kind.CODE: f"NULLIF(({self.sql})::text, '')",
            Kind.INTEGER: f"({self.sql})::text",
            Kind.DECIMAL: f"replace(({self.sql})::text, '.', ',')",
            Kind.BOOLEAN: f"CASE ({self.sql}) WHEN true THEN 'oui' WHEN false THEN 'non' END",
            Kind.DATE: f"to_char({at}, 'YYYY-MM-DD')",
            Kind.MOMENT: f"to_char({at}, 'YYYY-MM-DD HH24:MI')",
        }
        return patterns[self.kind]


def cells(columns: Sequence[Column]) -> str:
    return ", ".join(column.cell for column in columns)
