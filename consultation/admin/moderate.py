"""One contribution in full: what one reads before deciding, and each thing one may do from there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, F, Func, Q, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from consultation import moderation_keys
from consultation.actions import moderation as actions
from consultation.actions.contributions import StaleState, change_state
from consultation.admin.scoped import scoped
from consultation.choices import ContributionState
from consultation.dossier import OF_ALL, Kind, Said, dossier
from consultation.forms import moderation as forms
from consultation.models import Contribution, ModerationKeys, SecondOpinion
from consultation.models.contribution import ContributionQuerySet
from consultation.permissions import MODERATING
from consultation.spotting import spot, spots_of
from socle.comptes.models import User
from socle.dates import ago_label

NBSP = "\N{NO-BREAK SPACE}"
CHANGELIST = "admin:consultation_contribution_changelist"
PAGE = "admin:consultation_contribution_change"
MASK_REASON = "Des coordonnées personnelles y figuraient."
LAST = 5  # contributions of the same person that are listed
# There is no way back without a decision that leaves its trace: what each one leaves possible is said with it.
AFTERWARDS = {
    ContributionState.PUBLISHED: f"Une erreur{NBSP}? Elle peut être retirée depuis sa page, avec un motif.",
    ContributionState.REFUSED: f"Une erreur{NBSP}? Seul un réexamen, que l’auteur peut demander, revient sur un refus.",
    ContributionState.WITHDRAWN: "Elle peut être remise en ligne depuis sa page.",
}


@dataclass(frozen=True)
class Act:
    """`form` from what is posted, `do` it and say it; then the next one of the queue, or the same page."""

    form: Callable[[Any, Contribution], Form]
    do: Callable[[Contribution, User, dict[str, Any]], str]
    logged: str = ""  # in the history of the row, which a lecteur reads too; empty: it stays between colleagues
    onward: bool = False


def _decide(contribution: Contribution, by: User, said: dict[str, Any]) -> str:
    decision = change_state(contribution, by=by, **said)
    return format_html(
        f'<a href="{{}}">{{}}</a>{NBSP}: {{}}. {{}}',
        reverse(PAGE, args=[contribution.pk]),
        contribution.reference,
        decision.get_to_state_display(),
        AFTERWARDS[decision.to_state],
    )


def _note(contribution: Contribution, by: User, said: dict[str, Any]) -> str:
    actions.write_note(contribution, by=by, body=said["note"])
    return "Note ajoutée."


def _ask_opinion(contribution: Contribution, by: User, said: dict[str, Any]) -> str:
    actions.ask_second_opinion(contribution, by=by, **said)
    return f"{contribution.reference}{NBSP}: un second avis est demandé à vos collègues."


def _give_opinion(contribution: Contribution, by: User, said: dict[str, Any]) -> str:
    opinion = SecondOpinion.objects.open().filter(contribution=contribution).first()
    if opinion is None:
        raise StaleState(actions.OPINION_GIVEN)
    actions.give_second_opinion(opinion, by=by, **said)
    return "Votre avis est enregistré."


def _ask_words(contribution: Contribution, by: User, said: dict[str, Any]) -> str:
    asked = actions.ask_reformulation(contribution, by=by, **said)
    personne = contribution.personne
    how = "par courriel" if personne and personne.is_confirmed else "sur sa page de suivi seulement"
    return f"{contribution.reference}{NBSP}: une reformulation est demandée {how}, jusqu’au {asked.due_on:%d/%m/%Y}."


def _mask(contribution: Contribution, by: User, said: dict[str, Any]) -> str:
    actions.mask(contribution, by=by, **said)
    return "Passage masqué. Relisez le texte, puis décidez."


def _decision_form(data: Any, contribution: Contribution) -> Form:
    spotted = bool(spots_of(contribution))
    initial = {"seen": contribution.words_seal}
    return forms.DecisionForm(data, state=contribution.state, spotted=spotted, initial=initial)


def _mask_form(data: Any, contribution: Contribution) -> Form:
    """What is spotted is there already: most masks hide it."""
    found = [text[one.start : one.end] for text in (contribution.title, contribution.body) for one in spot(text)]
    initial = {
        "passages": "\n".join(dict.fromkeys(found)),
        "reason": MASK_REASON if found else "",
        "seen": contribution.words_seal,
    }
    return forms.MaskForm(data, contribution=contribution, initial=initial, auto_id="id_mask_%s")


def _plain(form: type[Form], name: str) -> Callable[[Any, Contribution], Form]:
    return lambda data, _contribution: form(data, auto_id=f"id_{name}_%s")


# The hidden `act` of each form of the page; without one it is the decision.
DECISION = "decision"
ACTS = {
    DECISION: Act(_decision_form, _decide, "{state}", onward=True),
    "note": Act(_plain(forms.NoteForm, "note"), _note),
    "opinion": Act(_plain(forms.OpinionForm, "opinion"), _ask_opinion, onward=True),
    "advice": Act(_plain(forms.AdviceForm, "advice"), _give_opinion),
    "reformulation": Act(_plain(forms.ReformulationForm, "reformulation"), _ask_words, onward=True),
    "mask": Act(_mask_form, _mask, "Passage masqué"),
}


class ModerationPageMixin:
    """The change page of the admin: nothing of what a citizen wrote can be edited there."""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        contribution = self.get_object(request, object_id)
        if contribution is None:
            raise Http404("No such contribution.")
        if not self.has_view_permission(request, contribution):
            raise PermissionDenied
        if request.method != "POST":
            return self._page(request, contribution)
        if not self.has_change_permission(request, contribution):
            raise PermissionDenied
        return self._posted(request, contribution)

    def _posted(self, request: HttpRequest, contribution: Contribution) -> HttpResponse:
        name = request.POST.get("act", DECISION)
        act = ACTS.get(name, ACTS[DECISION])
        form = act.form(request.POST, contribution)
        if not form.is_valid():
            return self._page(request, contribution, name, form)
        following = desk(request, contribution).following
        try:
            with transaction.atomic():
                said = act.do(contribution, request.user, form.cleaned_data)
                if act.logged:
                    self.log_change(request, contribution, act.logged.format(state=contribution.get_state_display()))
        except StaleState as stale:
            self.message_user(request, str(stale), messages.WARNING)
            return HttpResponseRedirect(request.path)
        self.message_user(request, said, messages.SUCCESS)
        return _onward(following) if act.onward else HttpResponseRedirect(request.path)

    def _page(
        self, request: HttpRequest, contribution: Contribution, wrong: str = "", form: Form | None = None
    ) -> TemplateResponse:
        """`wrong` names the act whose `form` is shown again with its errors."""
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": "Modérer une contribution",
            "subtitle": None,
            "contribution": contribution,
            "is_nav_sidebar_enabled": False,  # one thing to do here, and the words take the whole width
            "waited": ago_label(contribution.submitted_at),
            "may_decide": self.has_change_permission(request, contribution),
            "wrong": wrong,
        }
        said = dossier(contribution, tuple(Kind) if context["may_decide"] else OF_ALL)
        context |= {"enjeux": said[Kind.ENJEU], "decisions": said[Kind.DECISION]}
        if context["may_decide"]:
            context |= _for_moderators(request, contribution, said)
            context["forms"] = _forms(contribution) | ({wrong: form} if form else {})
        template = "admin/consultation/contribution/moderate.html"
        return TemplateResponse(request, template, context, status=422 if form else 200)


def _onward(following: int | None) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(PAGE, args=[following]) if following else reverse(CHANGELIST))


def _forms(contribution: Contribution) -> dict[str, Form]:
    return {name: act.form(None, contribution) for name, act in ACTS.items()}


def _for_moderators(request: HttpRequest, contribution: Contribution, said: dict[Kind, list[Said]]) -> dict[str, Any]:
    """Notes, advice, earlier words, what is spotted: for those who moderate, nobody else."""
    waiting = next((one for one in said[Kind.OPINION] if one.answered_at is None), None)
    here = desk(request, contribution)
    return {
        "here": here,
        "others": _others(request, contribution),
        "notes": said[Kind.NOTE],
        "opinions": [one for one in said[Kind.OPINION] if one.answered_at],
        "opinion_asked": waiting,
        "opinion_is_mine": waiting is not None and waiting.by_pk == request.user.pk,
        "reformulations": said[Kind.REFORMULATION],
        "may_ask_words": all(one.answered_at for one in said[Kind.REFORMULATION]),
        "maskable": contribution.state in actions.MASKABLE,
        "versions": said[Kind.VERSION],
        "acts": moderation_keys.ACTS,
        "keys": None if here.bindings is None else moderation_keys.bindings(here.bindings),
    }


def queue(request: HttpRequest) -> ContributionQuerySet:
    return scoped(Contribution.objects.waiting(), request, MODERATING)


@dataclass(frozen=True)
class Desk:
    """Where a contribution stands in the queue of the person who reads it, and with which keys they work."""

    waits: bool
    rank: int
    total: int
    preceding: int | None
    following: int | None
    bindings: dict[str, str] | None


def desk(request: HttpRequest, contribution: Contribution) -> Desk:
    """In one query. After the last one comes the oldest: those passed over come again."""
    rows = queue(request)
    others = rows.exclude(pk=contribution.pk).values("pk")
    at = contribution.submitted_at
    ahead = Q(submitted_at__lt=at) | Q(submitted_at=at, pk__lt=contribution.pk)
    keys = ModerationKeys.objects.filter(user=request.user.pk, enabled=True)
    found = Contribution.objects.filter(pk=contribution.pk).values_list(
        Exists(rows.filter(pk=contribution.pk)),
        _count(rows.filter(ahead | Q(pk=contribution.pk))),
        _count(rows),
        Subquery(others.filter(ahead).reverse()[:1]),
        Coalesce(Subquery(others.exclude(ahead)[:1]), Subquery(others[:1])),
        Subquery(keys.values("bindings")),
    )
    return Desk(*found.get())


def _count(rows: ContributionQuerySet) -> Subquery:
    # Django's own Count would group by the row that asks.
    return Subquery(rows.order_by().values(number=Func(F("pk"), function="COUNT")))


def _others(request: HttpRequest, contribution: Contribution) -> dict[str, Any] | None:
    """What the same address sent, on the démarches one moderates: the last ones, and how many in each state."""
    if contribution.personne is None:
        return None
    rows = scoped(Contribution.objects.filter(personne=contribution.personne), request, MODERATING)
    rows = rows.exclude(pk=contribution.pk).annotate(
        place=Window(RowNumber(), order_by=[F("submitted_at").desc(), F("pk").desc()]),
        alike=Window(Count("pk"), partition_by="state"),
        place_alike=Window(RowNumber(), partition_by="state", order_by="pk"),
    )
    shown = list(
        rows.filter(Q(place__lte=LAST) | Q(place_alike=1)).order_by("place").only("title", "state", "submitted_at")
    )
    counts = {row.state: row.alike for row in shown}
    return {
        "counts": [(ContributionState(state).label, number) for state, number in sorted(counts.items())],
        "last": [row for row in shown if row.place <= LAST],
    }
