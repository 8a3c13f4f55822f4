"""One passage while it is written: its words on one side, the contributions to cite on the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from consultation.actions import textes, textes_order
from consultation.actions.contributions import StaleState
from consultation.actions.textes import NotSaid, Words
from consultation.admin.passage_read import earlier_passages, read_passage, themes_of
from consultation.admin.texte_kept import Lost, gives_back, kept, stopped, unsaid
from consultation.admin.texte_search import KEYS, Search
from consultation.forms.textes import CiteForm, PassageForm, PlaceForm
from consultation.models import Citation, Contribution, Passage
from consultation.permissions import can_write
from socle.difference import difference
from socle.text import whole_number
from socle.written import grouped

PAGE = 10
SOURCES = 30  # shown of a passage, until all are asked for
WHOLE = "sources"
PASSAGE = "admin:consultation_texte_passage"
ADDED = "Passage {} ajouté : citez maintenant ses sources."
TAKEN_BACK = "La réponse qui lui était donnée est annulée : citée, elle n’en a plus besoin."


class PassagePages:
    draft_of: Callable[..., Any]
    get_queryset: Callable[..., Any]
    page: Callable[..., HttpResponse]
    message_user: Callable[..., None]

    @gives_back
    def passage_page(self, request: HttpRequest, pk: int, key: int) -> HttpResponse:
        passage = read_passage(self.get_queryset(request), pk, key)
        if passage is None:
            if request.method == "POST":  # what was typed is given back
                raise Lost(self.draft_of(request, pk).texte, textes.GONE)
            raise Http404("No such passage is being written, for them.")
        if not can_write(request.user, passage.version.texte.demarche):
            raise PermissionDenied
        if request.method != "POST":
            return self._passage(request, passage)
        act = ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise Http404("No such act.")
        try:
            answer = act(self, request, passage)
        except StaleState as stale:
            self.message_user(request, str(stale), messages.WARNING)
            answer = None
        return answer or HttpResponseRedirect(self._here(request, passage))

    def _here(self, request: HttpRequest, passage: Passage) -> str:
        """The same page, with the same search."""
        asked = {name: value for name, value in request.GET.items() if name in (*KEYS, WHOLE, "apres", "avant")}
        address = reverse(PASSAGE, args=[passage.version.texte_id, passage.key])
        return f"{address}?{urlencode(asked)}" if asked else address

    def _passage(self, request: HttpRequest, passage: Passage, *, status: int = 200, **given: Any) -> HttpResponse:
        version = passage.version
        themes, here_themes = themes_of(passage)
        words = Words(passage.title, passage.text, passage.liaison, here_themes)
        search = Search.read(version, request.GET, themes=themes)
        found, whole = search.page(request.GET, PAGE), bool(request.GET.get(WHOLE))
        known = _citations(passage, found.rows, whole=whole)
        here = {one.cited_id: one for one in known if one.cited_id}
        citations = known if whole else known[:SOURCES]
        for row in found.rows:
            row.here = here.get(row.pk)  # type: ignore[attr-defined]  # what the template shows beside it
        context = {
            "title": f"{version.texte.regle.passage.capitalize()} {passage.number}",
            "version": version,
            "passage": passage,
            "form": given.get("form") or PassageForm(version=version, words=words, themes=themes),
            "seal": words.seal,
            "theirs": given.get("theirs"),
            "citations": citations,
            "more": passage.sources - len(citations),
            "cite_form": CiteForm(),
            "refused": given.get("refused"),
            "search": search,
            "found": found,
            "earlier": passage.earlier_passages,  # type: ignore[attr-defined]  # annotated
            "paragraphs": range(1, len(textes_order.paragraphs_of(passage.text))),
        }
        return self.page(request, version.texte, "passage", status=status, **context)

    def save_passage(
        self, request: HttpRequest, passage: Passage, said: str = "Passage enregistré."
    ) -> HttpResponse | None:
        form = PassageForm(joined(request, passage), version=passage.version)
        if not form.is_valid():
            return self._passage(request, passage, form=form, status=422)
        try:
            textes.write(passage, words_of(form), form.cleaned_data["seal"])
        except StaleState as stale:
            return self._stale(request, passage, form, stale)
        self.message_user(request, said, messages.SUCCESS)
        return None

    def added(self, request: HttpRequest, passage: Passage) -> HttpResponse | None:
        """The button of a new passage that was kept while it was written (static/js/redaction.js)."""
        return self.save_passage(request, passage, said=ADDED.format(passage.number))

    def keep(self, request: HttpRequest, passage: Passage) -> HttpResponse:
        """Saved while it is written (static/js/redaction.js): what became of it, and the seal of what stands."""
        form = PassageForm(request.POST, version=passage.version)
        if not form.is_valid():
            return unsaid(form)
        try:
            now = textes.write(passage, words_of(form), form.cleaned_data["seal"])
        except StaleState as stale:
            return stopped(stale)
        return kept(now.seal)

    def _stale(self, request: HttpRequest, passage: Passage, form: PassageForm, stale: StaleState) -> HttpResponse:
        """What was typed stays in the form; how what a colleague wrote differs is above, and the next try knows it."""
        self.message_user(request, str(stale), messages.WARNING)
        now = Passage.objects.filter(pk=passage.pk).first()
        if now is None:
            return self._passage(request, passage, form=form, status=409)
        return self._passage(request, passage, form=form, theirs=beside(now, form), status=409)

    def cite(self, request: HttpRequest, passage: Passage) -> HttpResponse | None:
        form = CiteForm(request.POST)
        if not form.is_valid():
            return self._refuse(request, passage, form.error_links()[0].message)
        said = form.cleaned_data
        gone = 0
        try:
            if "earlier" in request.POST:
                texte, pk = passage.version.texte, whole_number(request.POST["earlier"])
                earlier = earlier_passages(texte.demarche_id, texte.pk, texte.first_published_at or timezone.now())
                textes.cite_passage(passage, get_object_or_404(earlier, pk=pk), **said, by=request.user)
            else:
                cited = Contribution.objects.filter(demarche=passage.version.texte.demarche_id)
                cited_pk = whole_number(request.POST.get("contribution", ""))
                seen = request.POST.get("seen", "")
                gone = textes.cite(passage, get_object_or_404(cited, pk=cited_pk), **said, by=request.user, seen=seen)
        except NotSaid as refusal:
            return self._refuse(request, passage, str(refusal))
        self.message_user(request, f"Citée. {TAKEN_BACK}" if gone else "Citée.", messages.SUCCESS)
        return None

    def cite_group(self, request: HttpRequest, passage: Passage) -> HttpResponse | None:
        """All that the page finds around one contribution, with the same words where they are said."""
        search, form = Search.read(passage.version, request.GET), CiteForm(request.POST)
        if search.close_to is None or not form.is_valid():
            return self._passage(request, passage, status=422)
        try:
            number = textes.cite_group(passage, search.rows(), **form.cleaned_data, by=request.user)
        except NotSaid as refusal:
            return self._refuse(request, passage, str(refusal))
        said = f"{grouped(number)} contributions citées ensemble." if number > 1 else "Une contribution citée."
        self.message_user(request, said, messages.SUCCESS)
        return None

    def _refuse(self, request: HttpRequest, passage: Passage, why: str) -> HttpResponse:
        """The words that were typed stay beside what they should have been taken from."""
        about = whole_number(request.POST.get("contribution", ""))
        refused = {"pk": about, "quote": CiteForm(request.POST)["quote"].value(), "why": why}
        return self._passage(request, passage, refused=refused, status=422)

    def uncite(self, request: HttpRequest, passage: Passage) -> HttpResponse | None:
        if textes.uncite(passage, whole_number(request.POST.get("citation", ""))):
            self.message_user(request, "Source ôtée.", messages.SUCCESS)
        else:
            self.message_user(request, "Un collègue avait déjà ôté cette source.", messages.WARNING)
        return None

    def split(self, request: HttpRequest, passage: Passage) -> HttpResponse | None:
        form = PlaceForm(request.POST)
        if not form.is_valid():
            self.message_user(request, "Rien n’est coupé : choisissez un paragraphe.", messages.WARNING)
            return None
        rest = textes_order.split(passage, form.cleaned_data["place"], request.POST.get("seal", ""))
        said = f"Coupé : la suite est « {rest.title} », avec les mêmes sources."
        self.message_user(request, said, messages.SUCCESS)
        return None

    def merge(self, request: HttpRequest, passage: Passage) -> HttpResponse | None:
        following = whole_number(request.POST.get("suivant", ""))
        textes_order.merge(passage, request.POST.get("seal", ""), following)
        self.message_user(request, "Réuni avec le suivant, et leurs sources ensemble.", messages.SUCCESS)
        return None

    def remove(self, request: HttpRequest, passage: Passage) -> HttpResponse | None:
        textes_order.remove(passage, request.POST.get("seal", ""))
        said = f"« {passage.title} » est ôté, avec ses sources."
        self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:consultation_texte_change", args=[passage.version.texte_id]))


def joined(request: HttpRequest, passage: Passage) -> Any:
    """What was typed; after what stands, where that was asked."""
    typed = request.POST.copy()
    if "joindre" in typed:
        typed["text"] = f"{passage.text}\n\n{typed.get('text', '')}"
    return typed


def beside(now: Passage, form: PassageForm) -> dict[str, Any]:
    """What stands, and how what was typed differs from it; the form knows it from here on."""
    form.data = form.data.copy()
    form.data["seal"] = now.seal
    mine = words_of(form)
    text = difference(now.text, mine.text).shortened()
    return {"passage": now, "title": difference(now.title, mine.title), "text": text}


def words_of(form: PassageForm) -> Words:
    said = form.cleaned_data
    return Words(said["title"], said["text"], said["liaison"], list(said["themes"]))


def _citations(passage: Passage, beside: list[Contribution], *, whole: bool) -> list[Citation]:
    """What it cites, the newest first: some, or the whole list; and, after these, what it cites of `beside`."""
    rows = passage.citations.select_related("cited", "cited_passage__version__texte").defer("cited__body")
    if not whole:
        newest = passage.citations.order_by("-pk").values("pk")[:SOURCES]
        rows = rows.filter(Q(pk__in=newest) | Q(cited__in=[row.pk for row in beside]))
    found = list(rows.order_by("-pk"))
    for row in found:
        if row.cited:
            row.cited.demarche = passage.version.texte.demarche
    return found


ACTS: dict[str, Callable[[Any, HttpRequest, Passage], HttpResponse | None]] = {
    "ecrire": PassagePages.save_passage,
    "garder": PassagePages.keep,
    "citer": PassagePages.cite,
    "citer_groupe": PassagePages.cite_group,
    "decrocher": PassagePages.uncite,
    "couper": PassagePages.split,
    "reunir": PassagePages.merge,
    "oter": PassagePages.remove,
    "ajouter": PassagePages.added,
}
