"""The parts of a démarche that have news of their own: its ateliers."""

from ateliers.models import Atelier
from consultation.models import Demarche
from consultation.topics import Topic


def of(demarche: Demarche) -> list[Topic]:
    """One query."""
    found = []
    for atelier in Atelier.objects.filter(demarche=demarche).order_by("rank"):
        atelier.demarche = demarche
        found.append(Topic(atelier.topic, str(atelier), atelier.get_absolute_url()))
    return found
