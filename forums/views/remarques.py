"""A remark on a production or a passage: online while the window is open; in the room, by the link of the scribes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from ateliers.models import Production
from ateliers.refusals import Refusal
from consultation import limits, links
from consultation.forms.contribution import proved_address, signed_in_personne
from consultation.models import Passage
from consultation.views.write import already_sent, see_other, wait_label
from forums.actions.interventions import About, say_in_room, say_online
from forums.forms.remarques import REFERENCE, RemarqueForm, RoomForm
from forums.limits import may_type
from forums.links import read_scribe, scribe_path
from forums.models import Forum, Intervention
from forums.views.pages import published_forum
from socle.pagecache.decorators import personal_page
from socle.text import clean_text, whole_number

SHOWN = 60  # remarks of the room under the form


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def remarque(request: HttpRequest, pk: int, reference: str = "", key: int = 0) -> HttpResponse:
    """Of the production of this reference, or of the passage of this key in the texte that is debated."""
    if known := already_sent(request):
        return see_other(links.receipt_path(known))
    forum = published_forum(pk)
    try:
        about = _about(forum, reference, key)
    except Http404:
        if request.method != "POST":
            raise
        return _closed(request, forum, gone=True)
    form = RemarqueForm(request.POST if request.method == "POST" else None, forum=forum, about=about)
    form.initial["email"] = proved_address(request)
    if not forum.takes_remarks():
        return _closed(request, forum)
    return _receive(request, form) if form.is_bound else _page(request, form)


def _about(forum: Forum, reference: str, key: int) -> About:
    """What anyone can read of the same démarche; nothing else is spoken of."""
    if not reference:
        texte = forum.texte.current_id if forum.texte else None
        rows = Passage.objects.filter(version=texte, key=key).select_related("version__texte")
        return About(passage=get_object_or_404(rows))
    found = REFERENCE.fullmatch(reference)
    if found is None or found[1] != forum.rencontre.demarche.code:
        raise Http404("Nothing to speak of.")
    rows = Production.objects.published().filter(contribution__demarche=forum.rencontre.demarche_id)
    return About(get_object_or_404(rows.select_related("contribution__theme", "contribution__demarche"), pk=found[2]))


def _receive(request: HttpRequest, form: RemarqueForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, form, status=422)
    cleaned = form.cleaned_data
    verdict = limits.may_contribute(request, cleaned["email"])
    if not verdict.allowed:
        return _page(request, form, status=429, wait=wait_label(verdict.wait))
    said = say_online(
        form.forum,
        form.about,
        key=cleaned["submission_key"],
        email=cleaned["email"],
        signed_in=signed_in_personne(request),
        **form.said(),
    )
    return see_other(links.receipt_path(said))


def _page(request: HttpRequest, form: RemarqueForm, *, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"form": form, "demarche": form.demarche, "forum": form.forum, "about": form.about}
    return render(request, "forums/remarque.html", context, status=status)


def _closed(request: HttpRequest, forum: Forum, *, gone: bool = False) -> HttpResponse:
    """Why nobody can write now, or of this any more; what was typed meanwhile is there to be copied."""
    posted = request.method == "POST"
    context = {
        "forum": forum,
        "demarche": forum.rencontre.demarche,
        "takes_remarks_later": forum.takes_remarks_later(),
        "posted": posted,
        "typed": clean_text(request.POST.get("body", ""), multiline=True),
        "gone": gone,
    }
    return render(request, "forums/remarque_closed.html", context, status=409 if posted else 200)


def _expired(request: HttpRequest) -> HttpResponse:
    """The CSRF check failed: what was typed, in a fresh form."""
    asked = request.resolver_match.kwargs if request.resolver_match else {}
    forum = published_forum(asked.get("pk", 0))
    try:
        about = _about(forum, asked.get("reference", ""), asked.get("key", 0))
    except Http404:
        return _closed(request, forum, gone=True)
    form = RemarqueForm(request.POST, forum=forum, about=about)
    return _page(request, form, status=403, expired=True) if forum.takes_remarks() else _closed(request, forum)


remarque.on_csrf_failure = _expired  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def scribe(request: HttpRequest, signed: str) -> HttpResponse:
    """Many remarks typed in a row, by whoever holds the link, without an account."""
    forum = read_scribe(signed)
    if forum is None or not forum.takes_scribes():
        return _shut(request, forum, status=404 if forum is None else 409 if request.method == "POST" else 410)
    table = whole_number(request.GET.get("table", "")) or None
    form = RoomForm(request.POST if request.method == "POST" else None, forum=forum, initial={"table": table})
    if request.method != "POST":
        return _room(request, forum, form)
    if not form.is_valid():
        return _room(request, forum, form, status=422)
    if not (verdict := may_type(forum)).allowed:
        return _room(request, forum, form, status=429, notice=f"Trop d’envois : attendez {wait_label(verdict.wait)}.")
    try:
        said = say_in_room(forum, **form.said())
    except Refusal as refusal:
        return _room(request, forum, form, status=409, notice=str(refusal))
    messages.success(request, f"{said.reference} est enregistrée. Elle paraîtra une fois relue.")
    typed = form.cleaned_data["table"]
    return see_other(scribe_path(forum) + (f"?table={typed}" if typed else ""))


def _room(request: HttpRequest, forum: Forum, form: RoomForm, *, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"forum": forum, "rencontre": forum.rencontre, "form": form, "said": room_remarks(forum)}
    return render(request, "forums/scribe.html", context, status=status)


def room_remarks(forum: Forum) -> list[Intervention]:
    """The last that were typed in the room, whatever their state: so that nothing is typed twice."""
    rows = Intervention.objects.filter(forum=forum, contribution__origine="forum")
    rows = rows.select_related("contribution__parent", "passage").order_by("-pk")[:SHOWN]
    for row in rows:
        for said in (row.contribution, row.contribution.parent):
            if said:
                said.demarche = forum.rencontre.demarche
    return list(rows)


def _shut(request: HttpRequest, forum: Forum | None, *, status: int, **context: Any) -> HttpResponse:
    """A link that is over, or not open yet, says so, and gives back what was typed."""
    context |= {"forum": forum, "typed": clean_text(request.POST.get("body", ""), multiline=True)}
    return render(request, "forums/scribe_shut.html", context, status=status)


def _scribe_expired(request: HttpRequest) -> HttpResponse:
    match = request.resolver_match
    forum = read_scribe(match.kwargs["signed"]) if match else None
    return _shut(request, forum, status=403, expired=True)


scribe.on_csrf_failure = _scribe_expired  # type: ignore[attr-defined]
