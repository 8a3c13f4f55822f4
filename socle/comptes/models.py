"""Who takes part: an e-mail address (`Personne`) and, for those who want one, an account (`User`)."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

# The domain of the rows that stand for somebody who left (RFC 2606: nothing is ever delivered there).
ERASED_DOMAIN = "efface.invalid"
NOBODYS = "@participons.example"  # a domain that RFC 2606 keeps from existing


class Rhythm(models.TextChoices):
    """How often one is told what one asked to be told. What one's own acts call for always leaves at once."""

    AT_ONCE = "aussitot", "à chaque nouvelle"
    DAILY = "jour", "en un résumé, chaque matin"
    WEEKLY = "semaine", "en un résumé, le lundi matin"
    NEVER = "jamais", "pas du tout"


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
    rhythm = models.CharField(
        "apprend ce que devient ce qu’elle a écrit",
        max_length=8,
        choices=Rhythm,
        default=Rhythm.AT_ONCE,
        db_default=Rhythm.AT_ONCE,
    )

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
        user = self.model(email=email.strip().lower(), **fields)
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
    is_demonstration = models.BooleanField("compte de démonstration", default=False, editable=False)
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
            # They enter the admin without a second factor: nobody's mailbox, so that no account of anybody's is one.
            models.CheckConstraint(
                condition=Q(is_demonstration=False) | Q(email__endswith=NOBODYS),
                name="user_demonstration_is_nobodys",
                violation_error_message="Un compte de démonstration n’a l’adresse de personne.",
            ),
            # As allauth looks it up.
            models.CheckConstraint(
                condition=Q(email=Lower("email")),
                name="user_email_lower",
                violation_error_message="L’adresse d’un compte s’écrit en minuscules.",
            ),
        ]

    def __str__(self) -> str:
        return f"compte {self.pk}"

    def get_short_name(self) -> str:
        return self.display_name or str(self)

    get_full_name = get_short_name
