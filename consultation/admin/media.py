"""Photographs and recordings of a rencontre: its organisers put them in, check the rights, publish, take down."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from consultation.actions import media as actions
from consultation.admin.organised import OrganisedPages
from consultation.forms.media import PhotoForm, PublishForm, RecordingForm, RewordForm
from consultation.images import said_of_images
from consultation.models import Media, Rencontre
from socle.documents.actions import keep_photo
from socle.documents.files import page_image
from socle.documents.kinds import RefusedFileError


class MediaPages(OrganisedPages):
    def get_urls(self) -> list[Any]:
        pages = (
            ("images/", self.medias_page, "images"),
            ("images/<int:media>/", self.media_page, "image"),
            ("images/<int:media>/image.jpg", self.media_image, "image_jpg"),
            ("images/<int:media>/vignette.jpg", self.media_thumbnail, "image_vignette"),
        )
        own = [
            path(f"<int:pk>/{route}", self.admin_site.admin_view(view), name=f"consultation_rencontre_{name}")
            for route, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def medias_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        rencontre = self.organised(request, pk)
        sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        recording = "url" in request.POST
        forms = {
            "photo_form": PhotoForm(None if recording else sent[0], None if recording else sent[1], prefix="photo"),
            "recording_form": RecordingForm(sent[0] if recording else None),
        }
        form = forms["recording_form" if recording else "photo_form"]
        if form.is_bound and form.is_valid() and (media := self._add(request, rencontre, form)):
            self.log_change(request, rencontre, f"{_named(media)} : dépôt.")
            return HttpResponseRedirect(_address(media))
        context = {
            **forms,
            "form": form,
            "medias": list(Media.objects.filter(rencontre=rencontre).select_related("document")),
            "images": said_of_images(rencontre),
            "status": 422 if form.errors else 200,
        }
        return self.organised_page(request, rencontre, "Images et enregistrements", "medias", context)

    def _add(self, request: HttpRequest, rencontre: Rencontre, form: Any) -> Media | None:
        """None where the file is refused: the form says why."""
        cleaned = form.cleaned_data
        said = {"alternative": cleaned["alternative"], "credit": cleaned["credit"]}
        if "url" in cleaned:
            return actions.add_recording(rencontre, cleaned["url"], **said)
        try:
            return actions.add_photo(rencontre, keep_photo(cleaned["photo"], request.user), **said)
        except RefusedFileError as refused:
            form.add_error("photo", str(refused))
            return None

    def media_page(self, request: HttpRequest, pk: int, media: int) -> HttpResponse:
        rencontre = self.organised(request, pk)
        found = self._media(rencontre, media)
        asked = request.POST.get("faire", "") if request.method == "POST" else ""
        if asked in ("retirer", "effacer"):
            return self._remove(request, rencontre, found, asked)
        reword = RewordForm(request.POST if asked == "redire" else None, media=found)
        publish = PublishForm(request.POST if asked == "publier" else None)
        if reword.is_bound and reword.is_valid():
            actions.reword(found, **reword.cleaned_data)
            return self._done(request, rencontre, found, "C’est enregistré.", "nouvelle description")
        if publish.is_bound and publish.is_valid():
            actions.publish(found, request.user)
            return self._done(request, rencontre, found, "C’est publié.", "publication, droits vérifiés")
        form = publish if asked == "publier" else reword
        context = {
            "media": found,
            "form": form,
            "reword": reword,
            "publish": publish,
            "images": said_of_images(rencontre),
            "status": 422 if form.errors else 200,
        }
        return self.organised_page(request, rencontre, _named(found), "media", context)

    def _remove(self, request: HttpRequest, rencontre: Rencontre, media: Media, asked: str) -> HttpResponse:
        if asked == "retirer":
            actions.take_down(media)
            return self._done(request, rencontre, media, "C’est retiré : plus personne ne le voit.", "retrait")
        said = _named(media)
        actions.erase(media)
        self.message_user(request, "C’est effacé.", messages.SUCCESS)
        self.log_change(request, rencontre, f"{said} : effacement.")
        return HttpResponseRedirect(reverse("admin:consultation_rencontre_images", args=[rencontre.pk]))

    def _done(self, request: HttpRequest, rencontre: Rencontre, media: Media, sentence: str, what: str) -> HttpResponse:
        self.message_user(request, sentence, messages.SUCCESS)
        self.log_change(request, rencontre, f"{_named(media)} : {what}.")
        return HttpResponseRedirect(_address(media))

    @method_decorator(require_safe)
    def media_image(self, request: HttpRequest, pk: int, media: int) -> HttpResponse:
        return self._drawn(request, pk, media, "document")

    @method_decorator(require_safe)
    def media_thumbnail(self, request: HttpRequest, pk: int, media: int) -> HttpResponse:
        return self._drawn(request, pk, media, "thumbnail")

    def _drawn(self, request: HttpRequest, pk: int, media: int, which: str) -> HttpResponse:
        document = getattr(self._media(self.organised(request, pk), media), which)
        if document is None:
            raise Http404("A recording has no image.")
        return page_image(document, 1)

    def _media(self, rencontre: Rencontre, pk: int) -> Media:
        rows = Media.objects.filter(rencontre=rencontre)
        return get_object_or_404(rows.select_related("document", "thumbnail", "rights_checked_by"), pk=pk)


def _named(media: Media) -> str:
    """« Photographie 12 », as its history keeps it."""
    return str(media).capitalize()


def _address(media: Media) -> str:
    return reverse("admin:consultation_rencontre_image", args=[media.rencontre_id, media.pk])
