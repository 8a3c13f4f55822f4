from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from ateliers.models import Animation, Atelier
from consultation.choices import RoleKind
from consultation.models import Demarche, Role
from participons.embedded.secret import kept_secret
from socle.comptes.models import User

PROGRAMME = settings.BASE_DIR / "fixtures" / "nord-pas-de-calais-2011.json"
EXEMPLE = settings.BASE_DIR / "fixtures" / "exemple.json"

ACCOUNTS = {
    "administrateur": "administrateur@participons.example",
    "moderateur": "moderateur@participons.example",
    "organisateur": "organisateur@participons.example",
}
ANIMATED = (1, 7)  # the ateliers of the organisateur: one that has been lived through, one with a waiting line


class Command(BaseCommand):
    help = "Prépare la démonstration : le programme de 2011 aux dates d’aujourd’hui, et trois comptes pour l’équipe."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("load_programme", PROGRAMME, shift_to_today=True, stdout=self.stdout)
        for name, email in ACCOUNTS.items():  # before the example, whose minutes the organisateur adopts
            prepare_account(name, email, settings.VAR_DIR / "comptes" / name)
        call_command("load_exemple", EXEMPLE, stdout=self.stdout)
        self.stdout.write(f"\nComptes de l’équipe, pour {settings.SITE_URL}/admin/\u00a0:")
        for name, email in ACCOUNTS.items():
            password_file = settings.VAR_DIR / "comptes" / name
            user = prepare_account(name, email, password_file)
            password = kept_secret(password_file, 9)
            shown = password if user.check_password(password) else "(le mot de passe que vous avez choisi)"
            self.stdout.write(f"  {email}   {shown}")


@transaction.atomic
def prepare_account(name: str, email: str, password_file: Path) -> User:
    """Once: whoever changes the password, the rights or the address afterwards keeps what they chose."""
    existing = User.objects.filter(email__iexact=email).first()
    if existing:
        return existing
    password_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    password = kept_secret(password_file, 9)
    if name == "administrateur":
        return User.objects.create_superuser(email, password, display_name="Administrateur")
    shown = {"moderateur": "Modérateur", "organisateur": "Organisateur"}[name]
    user = User.objects.create_user(email, password, display_name=shown, is_staff=True)
    if name == "organisateur":
        for atelier in Atelier.objects.filter(demarche__courante=True, rank__in=ANIMATED):
            Animation.objects.create(user=user, atelier=atelier)
        return user
    for demarche in Demarche.objects.all():
        Role.objects.get_or_create(user=user, demarche=demarche, kind=RoleKind.MODERATEUR)
    return user
