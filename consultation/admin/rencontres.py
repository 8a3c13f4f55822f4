"""Rencontres, their places and what is prepared for those who come; what changes is told to everyone concerned."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from consultation.actions.inscriptions import change_capacity, too_few
from consultation.actions.periods import moved_fields
from consultation.actions.rencontres import Known, Told, tell_announced, tell_cancelled, tell_moved
from consultation.admin.demarches import DateChangeInline, DatedAdmin, DatedForm
from consultation.admin.evaluation_pages import EvaluationPages
from consultation.admin.media import MediaPages
from consultation.admin.places_pages import PlacesPages
from consultation.admin.presence_pages import PresencePages
from consultation.admin.presented_pages import PresentedPages
from consultation.admin.scoped import RencontrePermissions, ScopedAdmin, ScopedRelatedFilter, demarche_of
from consultation.choices import InscriptionState, RencontreState
from consultation.desk import lock
from consultation.models import Inscription, Lieu, Rencontre, Service
from consultation.organisers import organised_by
from consultation.permissions import can_run
from consultation.places import filling

PLACE = ("lieu", "mode")


@admin.register(Lieu)
class LieuAdmin(ScopedAdmin):
    list_display = ("name", "town", "postcode")
    search_fields = ("sort_key",)


@admin.register(Service)
class ServiceAdmin(ScopedAdmin):
    list_display = ("label", "rank", "is_active")


class MovedInline(DateChangeInline, RencontrePermissions):
    run_path = "rencontre"


class InscriptionInline(RencontrePermissions, admin.TabularInline):
    """Names stay out: people are shown by reference; registering goes through the rencontre's lock."""

    model = Inscription
    run_path = "rencontre"
    fields = readonly_fields = ("personne", "state", "sur_place", "created_at", "attended_at")
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission


class RencontreForm(DatedForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = Known.of(self.instance) if self.instance.pk else None
        if "date_reason" in self.fields:
            self.fields["date_reason"].label = "Raison du changement de date ou de lieu"

    def clean_capacity(self) -> int | None:
        """The trigger would refuse too; here the sentence stands beside the field, and nobody registers meanwhile."""
        capacity = self.cleaned_data["capacity"]
        if self.instance.pk is None:
            return capacity
        rencontre = Rencontre.objects.select_for_update().get(pk=self.instance.pk)
        taken = filling(rencontre).taken
        if capacity is not None and taken > capacity:
            raise ValidationError(self._by_name(taken, capacity))
        return capacity

    def _by_name(self, taken: int, capacity: int) -> SafeString:
        """The refusal, and the page where it can be done."""
        address = reverse("admin:consultation_rencontre_places", args=[self.instance.pk])
        return format_html(
            '{} <a href="{}?capacity={}">Choisir qui rend sa place</a> (ce qui est changé ici n’y est pas gardé).',
            too_few(taken, capacity),
            address,
            capacity,
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        state = cleaned.get("state")
        if state == RencontreState.CANCELLED and not cleaned.get("cancel_reason"):
            self.add_error("cancel_reason", "Dites pourquoi elle est annulée : chacun lira cette raison.")
        if self.is_public and state != RencontreState.CANCELLED:
            self._check_place(cleaned)
        if self.is_public and state == RencontreState.DRAFT and self.instance.inscriptions.active().exists():
            self.add_error("state", "Des personnes y sont inscrites : annulez-la, en disant pourquoi.")
        return cleaned

    def _check_place(self, cleaned: dict[str, Any]) -> None:
        """A place that becomes known needs no reason; one that was said and changes does."""
        moved = [name for name in PLACE if name in self.changed_data and self.initial.get(name)]
        if moved and not cleaned.get("date_reason") and "date_reason" not in self.errors:
            self.add_error("date_reason", "Dites pourquoi le lieu change : les inscrits liront cette raison.")


def known_places(request: HttpRequest) -> models.QuerySet[Lieu]:
    """For an organisateur: where the announced rencontres of their démarches are held, and their own. Lieux are
    shared by all démarches, and are the responsables'."""
    theirs = organised_by(request.user)
    beside = Rencontre.objects.published().filter(demarche__in=theirs.values("demarche"))
    return Lieu.objects.filter(models.Q(pk__in=theirs.values("lieu")) | models.Q(pk__in=beside.values("lieu")))


@admin.register(Rencontre)
class RencontreAdmin(
    PlacesPages, PresencePages, EvaluationPages, MediaPages, PresentedPages, RencontrePermissions, DatedAdmin
):
    """What it is called and of which étape it is was decided with the programme: the responsable's alone."""

    form = RencontreForm
    inlines = (MovedInline, InscriptionInline)
    reserved = ("etape", "kind", "title", "other_title", "example")
    change_form_template = "admin/consultation/rencontre/change_form.html"
    list_display = ("title", "demarche", "kind", "when", "lieu", "places", "state")
    list_filter = (("demarche", ScopedRelatedFilter), "kind", "state")
    list_select_related = ("demarche", "lieu")
    search_fields = ("title",)
    ordering = ("starts_at",)
    date_hierarchy = "starts_at"
    filter_horizontal = ("services",)
    fieldsets = (
        (None, {"fields": (("demarche", "etape"), "kind", ("title", "other_title"), "text")}),
        (
            "Quand et où",
            {"fields": (("starts_at", "ends_at", "precision"), ("lieu", "mode"), "date_reason", "example")},
        ),
        ("S’inscrire", {"fields": ("capacity", "takes_inscriptions", "inscriptions_close_at", "services")}),
        ("Ce qui est envoyé aux inscrits", {"fields": ("reminder_days", "remote_url")}),
        (
            "Annoncer, annuler",
            {
                "fields": ("state", "cancel_reason"),
                "description": "Une annulation est dite à chacun, et n’a pas de retour : "
                "pour la tenir quand même, annoncez une autre rencontre.",
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Rencontre | None = None) -> tuple[str, ...]:
        """A cancellation stays. Asked of the row: a form that is refused has already changed what it was given."""
        state = Rencontre.objects.filter(pk=obj.pk).values_list("state", flat=True).first() if obj else None
        fixed: tuple[str, ...] = ("state", "cancel_reason") if state == RencontreState.CANCELLED else ()
        if state == RencontreState.DRAFT and not can_run(request.user, demarche_of(obj)):
            fixed = ("state", "cancel_reason")
        return (*super().get_readonly_fields(request, obj), *fixed)

    def get_form(self, request: HttpRequest, obj: Rencontre | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Whoever runs it may cancel it, on the evening itself; announcing it, or not yet, is the responsable's."""
        form = super().get_form(request, obj, change, **kwargs)
        if "state" in form.base_fields and not can_run(request.user, demarche_of(obj)):
            announced = (RencontreState.PUBLISHED, RencontreState.CANCELLED)
            form.base_fields["state"].choices = [(state.value, state.label) for state in announced]
        return form

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> ModelChoiceField | None:
        if db_field.name == "lieu" and not can_run(request.user, None):
            kwargs["queryset"] = known_places(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Rencontre]:
        taken = models.Q(inscriptions__state=InscriptionState.CONFIRMED, inscriptions__sur_place=False)
        return super().get_queryset(request).annotate(confirmed_count=models.Count("inscriptions", filter=taken))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """From the list or alone, what is about to go is held first: whoever registers meanwhile waits, and whoever has
        just registered is seen, and keeps it from going."""
        if request.method == "POST":
            lock([one.pk for one in objs])
        return super().get_deleted_objects(objs, request)

    def save_model(self, request: HttpRequest, obj: Rencontre, form: RencontreForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "capacity" in form.changed_data:
            change_capacity(obj.pk, obj.capacity, by=request.user)
        if change and "state" in form.changed_data and obj.state == RencontreState.PUBLISHED:
            for sentence in tell_announced(obj, by=request.user):
                self.message_user(request, sentence, messages.SUCCESS)

    def tell_change(self, request: HttpRequest, obj: Rencontre, form: RencontreForm) -> None:
        if obj.is_cancelled and "state" in form.changed_data:
            self._say(request, tell_cancelled(obj, form.known, by=request.user))
        elif obj.is_cancelled:
            super().tell_change(request, obj, form)
        elif moved_fields(obj, form.changed_data) or set(PLACE) & set(form.changed_data):
            self._say(request, tell_moved(obj, form.known, form.cleaned_data["date_reason"], by=request.user))

    def _say(self, request: HttpRequest, told: Told) -> None:
        if told.written:
            words = "Une personne est avertie" if told.written == 1 else f"{told.written} personnes sont averties"
            self.message_user(request, f"{words} par courriel.", messages.SUCCESS)
        if told.unreached:
            words = "personne n’a" if told.unreached == 1 else "personnes n’ont"
            said = f"{told.unreached} {words} pas d’adresse confirmée et ne reçoit rien : voyez la liste d’appel."
            said = said if told.unreached == 1 else said.replace("ne reçoit", "ne reçoivent")
            self.message_user(request, said, messages.WARNING)

    @admin.display(description="quand", ordering="starts_at")
    def when(self, rencontre: Rencontre) -> str:
        return rencontre.when_label

    @admin.display(description="places prises")
    def places(self, rencontre: Any) -> str:
        capacity = "?" if rencontre.capacity is None else rencontre.capacity
        return f"{rencontre.confirmed_count} / {capacity}"
