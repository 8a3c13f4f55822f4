"""What a rédacteur writes on the page of a whole texte: its frame, one more passage, the order of all."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from consultation.actions import textes, textes_order
from consultation.actions.contributions import StaleState
from consultation.admin.passage_pages import ADDED, PASSAGE, beside, joined, words_of
from consultation.admin.texte_kept import kept, stopped, unsaid
from consultation.forms.textes import FrameForm, PassageForm, PlaceForm
from consultation.models import Passage, Texte, TexteVersion
from socle.difference import difference
from socle.text import whole_number

LIST = "admin:consultation_texte_change"


class WritingPages:
    draft_of: Callable[..., TexteVersion]
    message_user: Callable[..., None]
    _table: Callable[..., HttpResponse]

    def save_frame(self, request: HttpRequest, texte: Texte) -> HttpResponse | None:
        version = self.draft_of(request, texte.pk)
        form = FrameForm(request.POST, version=version)
        if not form.is_valid():
            return self._table(request, version, frame=form, status=422)
        try:
            textes.frame(version, **form.words())
        except StaleState as stale:
            return self._stale_frame(request, version, form, stale)
        self.message_user(request, "Le cadre du texte est enregistré.", messages.SUCCESS)
        return None

    def keep_frame(self, request: HttpRequest, texte: Texte) -> HttpResponse:
        """Saved while it is written, as a passage is."""
        version = self.draft_of(request, texte.pk)
        form = FrameForm(request.POST, version=version)
        if not form.is_valid():
            return unsaid(form)
        try:
            now = textes.frame(version, **form.words())
        except StaleState as stale:
            return stopped(stale)
        moved = now.received_before != version.received_before
        return kept(now.seal, " : « Enregistrer le cadre » compte ce qui est à traiter" if moved else "")

    def _stale_frame(
        self, request: HttpRequest, version: TexteVersion, form: FrameForm, stale: StaleState
    ) -> HttpResponse:
        """What was typed stays in the form; what a colleague saved, and how it differs, is above."""
        self.message_user(request, str(stale), messages.WARNING)
        now, said = TexteVersion.objects.select_related("texte").get(pk=version.pk), form.words()
        form.data = form.data.copy()
        form.data["seal"] = now.seal
        theirs = {
            "version": now,
            "title": difference(now.texte.title, said["title"]) if said["title"] else None,
            "text": difference(now.introduction, said["introduction"]).shortened(),
        }
        return self._table(request, version, frame=form, theirs=theirs, status=409)

    def add_passage(self, request: HttpRequest, texte: Texte) -> HttpResponse | None:
        version = self.draft_of(request, texte.pk)
        sent = Passage.objects.filter(version=version, submission_key=_key(request)).first()
        form = PassageForm(joined(request, sent) if sent else request.POST, version=version)
        if not form.is_valid():
            return self._table(request, version, adding=form, status=422)
        try:
            made = _add(version, form)
        except StaleState as stale:
            if sent is None:
                raise
            self.message_user(request, str(stale), messages.WARNING)
            return self._table(request, version, added=beside(sent, form), adding=form, status=409)
        self.message_user(request, ADDED.format(made.number), messages.SUCCESS)
        return HttpResponseRedirect(reverse(PASSAGE, args=[texte.pk, made.key]))

    def keep_new(self, request: HttpRequest, texte: Texte) -> HttpResponse:
        """A new passage, added as soon as it has a title; from there on it is saved at its own address."""
        version = self.draft_of(request, texte.pk)
        form = PassageForm(request.POST, version=version)
        if not form.is_valid():
            return unsaid(form)
        try:
            made = _add(version, form)
        except StaleState as stale:
            return stopped(stale)
        said = f" : c’est {texte.regle.the_passage} {made.number}"
        return kept(made.seal, said, address=reverse(PASSAGE, args=[texte.pk, made.key]))

    def move_passage(self, request: HttpRequest, texte: Texte) -> HttpResponse | None:
        version = self.draft_of(request, texte.pk)
        passage = version.passages.filter(key=whole_number(request.POST.get("key", ""))).first()
        if passage is None:
            raise StaleState(textes_order.MOVED)
        passage.version = version
        form = PlaceForm(request.POST)
        if not form.is_valid():
            self.message_user(request, "Rien n’est déplacé : écrivez un numéro, à partir de 1.", messages.WARNING)
            return None
        seen = whole_number(request.POST.get("seen", ""))
        place = textes_order.move(passage, form.cleaned_data["place"], seen)
        self.message_user(request, f"« {passage.title} » porte le numéro {place}.", messages.SUCCESS)
        return HttpResponseRedirect(f"{reverse(LIST, args=[texte.pk])}#passage-{passage.key}")


def _key(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("submission_key", ""))
    except ValueError:
        return None


def _add(version: TexteVersion, form: PassageForm) -> Passage:
    said = form.cleaned_data
    return textes.add(version, words_of(form), sent_as=said["submission_key"], seal=said["seal"])
