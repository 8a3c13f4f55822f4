"""Who takes part: an e-mail address (`Personne`) and, for those who want one, an account (`User`)."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

# The domain of the rows that stand for somebody who left (RFC 2606: nothing is ever delivered there).
ERASED_DOMAIN = "efface.invalid"


class PersonneQuerySet(models.QuerySet["Personne"]):
    def with_email(self, email: str) -> PersonneQuerySet:
        return self.annotate(email_lower=Lower("email")).filter(email_lower=email.strip().lower())

    def confirmed(self) -> PersonneQuerySet:
        return self.filter(confirmed_at__isnull=False)

    def left(self) -> PersonneQuerySet:
        """The rows that stand for nobody any more."""
        return self.filter(email__endswith=f"@{ERASED_DOMAIN}")


class Personne(models.Model):
    """One e-mail address, confirmed or not, with or without an account. What one does points here."""

    email = models.EmailField("adresse électronique", max_length=254)
    confirmed_at = models.DateTimeField("adresse confirmée le", null=True, blank=True)
    created_at = models.DateTimeField("connue depuis le", default=timezone.now, editable=False)

    objects = PersonneQuerySet.as_manager()

    class Meta:
        verbose_name = "personne"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="personne_email_unique",
                violation_error_message="Cette adresse électronique est déjà connue.",
            ),
        ]

    def __str__(self) -> str:
        return f"personne {self.pk}"

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None

    @property
    def has_left(self) -> bool:
        """Nobody any more: what they did stays counted."""
        return self.email.endswith(f"@{ERASED_DOMAIN}")


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        user = self.model(email=email.strip(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """An account; the e-mail address is the log-in."""

    email = models.EmailField("adresse électronique", max_length=254, unique=True)
    display_name = models.CharField(
        "nom affiché à l’équipe", max_length=120, blank=True, help_text="Vu de l’équipe seulement, jamais du public."
    )
    personne = models.OneToOneField(
        Personne, models.PROTECT, null=True, blank=True, related_name="user", verbose_name="personne"
    )
    is_staff = models.BooleanField(
        "membre de l’équipe", default=False, help_text="Donne accès à l’administration, selon ses rôles."
    )
    is_active = models.BooleanField(
        "actif", default=True, help_text="Décocher plutôt que supprimer : les décisions prises gardent leur auteur."
    )
    date_joined = models.DateTimeField("compte créé le", default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = "compte"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message="Un compte existe déjà avec cette adresse.",
            ),
        ]

    def __str__(self) -> str:
        return f"compte {self.pk}"

    def get_short_name(self) -> str:
        return self.display_name or str(self)

    get_full_name = get_short_name
