"""Who looked at a list of people, took one away or gave a role stays as it was written."""

import pytest
from django.db import DatabaseError, connection, transaction

from socle.access import actions
from socle.access.models import Act, Trace
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("act", ["vue", "role_donne"])
@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE access_trace SET rows = 1", "ne se récrit pas"),
        ("UPDATE access_trace SET by_id = NULL", "ne se récrit pas"),
        ("DELETE FROM access_trace", "ne s’efface pas"),
        ("TRUNCATE access_trace", "ne se récrit pas"),
    ],
)
def test_no_statement_changes_or_erases_a_trace(act, statement, sentence):
    user = make_user()
    if act == "vue":
        actions.looked(user, "Liste", 3)
    else:
        actions.role_changed(Act.GIVEN, None, user, "lecteur")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE access_trace ENABLE TRIGGER access_stays_whole")  # put aside by conftest
        with pytest.raises(DatabaseError, match=sentence), transaction.atomic():
            cursor.execute(statement)
    assert Trace.objects.count() == 1


def test_what_was_looked_at_is_forgotten_after_a_year_and_roles_are_not():
    user = make_user()
    for days in (366, 364):
        actions.looked(user, f"Liste {days}", 3)
        actions.took(user, f"Fichier {days}", 3)
        actions.role_changed(Act.GIVEN, None, user, f"rôle {days}")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE access_trace DISABLE TRIGGER access_stays")
        cursor.execute("UPDATE access_trace SET at = at - substring(what from '[0-9]+')::int * interval '1 day'")
        cursor.execute("ALTER TABLE access_trace ENABLE TRIGGER access_stays")
    assert actions.forget_old() == 2
    kept = {"Liste 364", "Fichier 364", "rôle 364", "rôle 366"}
    assert set(Trace.objects.values_list("what", flat=True)) == kept
