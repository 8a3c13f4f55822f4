"""An atelier and the rows that hang on it: also for whoever runs this very atelier without a role on its démarche."""

from __future__ import annotations

from ateliers.models import Atelier
from ateliers.permissions import animated_today
from consultation.admin.scoped import OrganisedPermissions


class AtelierPermissions(OrganisedPermissions):
    """As `can_animate` and `can_look_into` say."""

    run_model = Atelier
    run_today = staticmethod(animated_today)
