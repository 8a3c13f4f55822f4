"""What the web server runs, unless the settings are not fit for people (participons.safety)."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "participons.settings")

application = get_wsgi_application()

from participons.safety import refusals  # noqa: E402 (reads the settings, that are ready now)

if refused := refusals():
    sys.exit("Le portail ne démarre pas.\n" + "\n".join(f"- {sentence}" for sentence in refused))
