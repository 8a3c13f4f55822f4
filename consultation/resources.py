"""The columns of consultation.columns as django-import-export knows them, for the admin's form."""

from typing import Any

from import_export.fields import Field
from import_export.resources import Resource

from consultation.columns import STAFF_COLUMNS


class _Named(Resource):
    @classmethod
    def get_display_name(cls) -> str:
        return "Contributions"


_FIELDS: dict[str, Any] = {column.name: Field(column_name=column.header) for column in STAFF_COLUMNS}
ContributionResource = type(_Named)("ContributionResource", (_Named,), {"__module__": __name__, **_FIELDS})  # type: ignore[misc]  # its metaclass reads the fields
