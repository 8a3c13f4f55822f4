"""The words of the public register for the adoption, the suites, and the période de réserve."""

from __future__ import annotations

from socle.registre.vocabulary import Act

NBSP = "\N{NO-BREAK SPACE}"
TITLE = {"titre": f"«{NBSP}{{}}{NBSP}»"}
DATE = {"date": f"Le{NBSP}{{}}"}
WHY = {"raison": f"Raison{NBSP}: {{}}"}
VOTES = {"votes": f"Votes{NBSP}: {{}}"}
NUMBER = f"n°{NBSP}{{}}"
CORRECTED = {"raison": f"Corrigé{NBSP}: {{}}"}
AMENDEMENT = {
    "numero": f"Amendement {NUMBER}",
    "orientation": f"Orientation{NBSP}{{}}",
    "apres": f"Article additionnel, après l’orientation{NBSP}{{}}",
} | CORRECTED
SUITE = (
    TITLE | {"article": f"Article{NBSP}{{}}", "etat": f"État{NBSP}: {{}}", "echeance": f"Échéance{NBSP}: {{}}"} | WHY
)

ADOPTION = {
    "adoption.presente": Act(
        "Rapport présenté",
        "La présentation du rapport au Conseil régional et au CESER a été enregistrée {by}.",
        TITLE | DATE | CORRECTED,
    ),
    "adoption.avis": Act(
        "Avis du CESER",
        "L’avis du CESER sur le rapport a été enregistré {by}.",
        TITLE | DATE | {"sens": f"Avis{NBSP}{{}}", "raison": f"Corrigé{NBSP}: {{}}"},
    ),
    "adoption.deliberation": Act(
        "Délibération du Conseil régional",
        "La délibération du Conseil régional sur le rapport a été enregistrée {by}.",
        TITLE | DATE | {"numero": f"Délibération {NUMBER}", "issue": "Le rapport est {}"} | VOTES | CORRECTED,
    ),
    "amendement.depose": Act(
        "Amendement déposé",
        "Un amendement au rapport a été enregistré {by}.",
        AMENDEMENT,
    ),
    "amendement.corrige": Act(
        "Amendement corrigé",
        "Un amendement au rapport, mal recopié, a été corrigé {by}.",
        AMENDEMENT,
    ),
    "amendement.sort": Act(
        "Sort d’un amendement",
        "Le sort d’un amendement au rapport a été enregistré {by}.",
        AMENDEMENT | {"sort": f"Sort{NBSP}: {{}}"} | VOTES,
    ),
    "article.decide": Act(
        "Décision sur une orientation",
        "Ce que la délibération fait d’une orientation du rapport a été enregistré {by}.",
        {"orientation": f"Orientation{NBSP}{{}}", "decision": "{}", "pourquoi": f"Raison{NBSP}: {{}}"} | CORRECTED,
    ),
    "article.tels_quels": Act(
        "Orientations adoptées telles quelles",
        "Des orientations du rapport ont été dites adoptées telles quelles {by}.",
        {"orientations": f"Orientations{NBSP}{{}}"},
    ),
    "suite.annoncee": Act("Suite annoncée", "Une suite à un article de la politique a été publiée {by}.", SUITE),
    "suite.avance": Act("Suite donnée", "L’état d’une suite donnée a été changé {by}.", SUITE),
    "reserve.fixee": Act(
        "Période de réserve",
        "Une période de réserve a été fixée {by}.",
        {"debut": f"Du{NBSP}{{}}", "fin": f"Au{NBSP}{{}}"} | WHY,
    ),
    "reserve.levee": Act(
        "Période de réserve levée",
        "Une période de réserve a été levée avant son dernier jour {by}.",
        {"debut": f"Du{NBSP}{{}}", "fin": f"Au{NBSP}{{}}"},
    ),
    "reserve.confirmation": Act(
        "Publication en période de réserve",
        "Une publication pendant la période de réserve a été confirmée {by}.",
        WHY,
    ),
}
