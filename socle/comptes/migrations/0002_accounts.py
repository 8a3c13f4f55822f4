"""The address of an account is written in lower case, as allauth looks it up."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comptes", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL("UPDATE comptes_user SET email = lower(email) WHERE email <> lower(email)", ""),
        # No row is left with a pending check when the constraint is added.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", ""),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(email=django.db.models.functions.text.Lower("email")),
                name="user_email_lower",
                violation_error_message="L’adresse d’un compte s’écrit en minuscules.",
            ),
        ),
    ]
