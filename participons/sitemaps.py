"""What search engines may find: published things only, the newest contributions first."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists
from django.urls import NoReverseMatch, reverse

from ateliers.models import Atelier, CompteRendu, Production
from ateliers.participation import attended
from consultation.choices import TexteKind
from consultation.models import (
    Actualite,
    Adoption,
    Cadre,
    Contribution,
    Demarche,
    Etape,
    EvaluationFigures,
    Media,
    Passage,
    Rencontre,
    Suite,
    Texte,
    Theme,
)
from forums.models import Croisement, DroitDeRegard, Forum, Intervention, Moment

PAGES = (
    "accueil",
    "demarches",
    "rencontres",
    "forums",
    "contributions",
    "textes",
    "cahiers",
    "actualites",
    "ressources",
    "registre",
    "registre_verifier",
    "accessibilite",
    "mentions_legales",
    "donnees_personnelles",
    "contact",
    "questions",
    "plan_du_site",
)
RANKED = ((("etape",), Etape), (("theme",), Theme), (("atelier", "atelier_groupe", "productions"), Atelier))
NEWEST = 5000  # contributions, productions, and news; older ones are found through the lists


def addresses() -> Iterator[str]:
    """Paths, without the host. A fixed number of queries."""
    for name in PAGES:
        try:
            yield reverse(name)
        except NoReverseMatch:
            continue
    slugs = dict(Demarche.objects.published().values_list("pk", "slug"))
    for slug in slugs.values():
        for name in ("demarche", "cadre", "moderation", "ateliers"):
            yield reverse(name, args=[slug])
    placed = [(names, model.objects.all(), "rank") for names, model in RANKED]
    for names, rows, place in [*placed, (("cadre_version",), Cadre.objects.known(), "published_on")]:
        for demarche, at in rows.filter(demarche__in=slugs).values_list("demarche_id", place):
            yield from (reverse(name, args=[slugs[demarche], at]) for name in names)
    for name, shown in (("rencontre", Rencontre.objects.published()), ("forum", Forum.objects.published())):
        for pk in shown.values_list("pk", flat=True):
            yield reverse(name, args=[pk])
    yield from _forums()
    yield from _what_stays(slugs)
    yield from _textes()
    news = Actualite.objects.published().filter(demarche__in=slugs).order_by("-published_at")
    for pk in news.values_list("pk", flat=True)[:NEWEST]:
        yield reverse("actualite", args=[pk])
    yield from _contributions()


def _what_stays(slugs: dict[int, str]) -> Iterator[str]:
    """Of the rencontres and ateliers that have something to show."""
    shown = Rencontre.objects.published()
    for name, rows in (("rencontre_avis", EvaluationFigures.objects), ("rencontre_images", Media.objects.shown())):
        for pk in rows.filter(rencontre__in=shown).order_by().values_list("rencontre", flat=True).distinct():
            yield reverse(name, args=[pk])
    ateliers = Atelier.objects.filter(Exists(attended()), demarche__in=slugs)
    for demarche, rank in ateliers.values_list("demarche_id", "rank"):
        yield reverse("atelier_participation", args=[slugs[demarche], rank])
    minutes = CompteRendu.objects.published().filter(seance__atelier__demarche__in=slugs)
    where = ("seance__atelier__demarche", "seance__atelier__rank", "seance__rank")
    for demarche, rank, seance in minutes.values_list(*where):
        yield reverse("compte_rendu", args=[slugs[demarche], rank, seance])
    productions = Production.objects.published().filter(contribution__demarche__in=slugs).order_by("-pk")
    placed = productions.select_related("contribution__demarche", "seance__atelier").defer("contribution__body")
    for one in placed[:NEWEST]:
        yield one.get_absolute_url()


def _forums() -> Iterator[str]:
    """What each forum has to read: its restitutions, its croisements, its remarks, its droit de regard."""
    shown = Forum.objects.published()
    for forum, pk in Moment.objects.filter(forum__in=shown, atelier__isnull=False).values_list("forum", "pk"):
        yield reverse("forum_moment", args=[forum, pk])
    crossed = Croisement.objects.published().filter(forum__in=shown)
    for pk in crossed.values_list("pk", flat=True)[:NEWEST]:
        yield reverse("croisement", args=[pk])
    said = (
        ("croisements", crossed.values_list("forum", flat=True)),
        ("forum_remarques", Intervention.objects.published().filter(forum__in=shown).values_list("forum", flat=True)),
        ("regard", DroitDeRegard.objects.filter(forum__in=shown).values_list("pk", flat=True)),
    )
    for name, rows in said:
        for pk in rows.order_by().distinct():
            yield reverse(name, args=[pk])


def _textes() -> Iterator[str]:
    """Each texte, and each of its passages at its own address."""
    shown = Texte.objects.published()
    for pk in shown.values_list("pk", flat=True):
        yield reverse("texte", args=[pk])
    for texte in Adoption.objects.filter(texte__in=shown).values_list("texte", flat=True):
        yield reverse("adoption", args=[texte])
    for texte in shown.filter(kind=TexteKind.POLITIQUE).values_list("pk", flat=True):
        yield reverse("suites", args=[texte])
    for pk in Suite.objects.shown().order_by("pk").values_list("pk", flat=True)[:NEWEST]:
        yield reverse("suite", args=[pk])
    passages = Passage.objects.filter(version__in=shown.values("current"), liaison=False)
    for pk, key in passages.values_list("version__texte", "key")[:NEWEST]:
        yield reverse("passage", args=[pk, key])


def _contributions() -> Iterator[str]:
    rows = Contribution.objects.published().filter(demarche__in=Demarche.objects.published())
    try:
        for contribution in rows.newest().select_related("demarche").only("pk", "demarche__code")[:NEWEST]:
            yield contribution.get_absolute_url()
    except NoReverseMatch:
        return
