"""The reasons a moderator starts with; staff edit the list."""

from django.db import migrations

REASONS = [
    (
        "Elle ne porte pas sur la consultation",
        (
            "Votre texte parle d’un autre sujet que celui de la consultation. "
            "Le cadre de la consultation dit ce qui est en discussion."
        ),
    ),
    (
        "Elle attaque ou met en cause une personne",
        (
            "Votre texte insulte, accuse ou désigne une personne ou un groupe de personnes. "
            "On peut critiquer une décision ou une politique, pas celles et ceux qui les portent."
        ),
    ),
    (
        "Elle contient des propos que la loi interdit",
        (
            "Votre texte contient des propos que la loi interdit de publier : injure, diffamation, "
            "provocation à la haine ou à la violence, propos discriminatoires."
        ),
    ),
    (
        "Elle dévoile la vie privée de quelqu’un",
        (
            "Votre texte permet de reconnaître une personne, ou donne ses coordonnées ou des détails de sa vie privée. "
            "Sans ces passages, il pourra être publié."
        ),
    ),
    (
        "C’est une publicité ou un message commercial",
        (
            "Votre texte fait la promotion d’un produit, d’un service ou d’un site. "
            "La consultation recueille des témoignages, des réflexions, des propositions et des questions."
        ),
    ),
    (
        "Elle a déjà été publiée",
        "Vous avez déjà envoyé ce texte, et il est publié. Il n’a pas besoin d’y être deux fois pour être pris en compte.",
    ),
]


def add(apps, schema_editor):
    reason = apps.get_model("consultation", "RefusalReason")
    rows = [reason(label=label, explanation=text, rank=rank) for rank, (label, text) in enumerate(REASONS, start=1)]
    reason.objects.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("consultation", "0003_search")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
