"""Accounts as allauth looks them up, in lower case; those that `make demo` makes are marked."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comptes", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="is_demonstration",
            field=models.BooleanField(default=False, editable=False, verbose_name="compte de démonstration"),
        ),
        migrations.RunSQL("UPDATE comptes_user SET email = lower(email) WHERE email <> lower(email)", ""),
        # No row is left with a pending check when the constraint is added.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", ""),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_demonstration", False), ("email__endswith", "@participons.example"), _connector="OR"
                ),
                name="user_demonstration_is_nobodys",
                violation_error_message="Un compte de démonstration n’a l’adresse de personne.",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(email=django.db.models.functions.text.Lower("email")),
                name="user_email_lower",
                violation_error_message="L’adresse d’un compte s’écrit en minuscules.",
            ),
        ),
    ]
