"""The words of the public register: which acts it holds, what is told of each, and who may have acted.

A line of the register is for ever: a kind is added, never renamed. Facts hold what is public elsewhere on the portal.
"""

from socle.registre.vocabulary import Act, Vocabulary

NBSP = "\N{NO-BREAK SPACE}"
REASON = f"Motif{NBSP}: {{}}"
OUTCOME = f"Issue{NBSP}: {{}}"
DATES = {
    "titre": f"«{NBSP}{{}}{NBSP}»",
    "avant": f"Date annoncée auparavant{NBSP}: {{}}",
    "apres": f"Nouvelle date{NBSP}: {{}}",
    "raison": f"Raison{NBSP}: {{}}",
}

ACTS = {
    "contribution.publiee": Act("Contribution publiée", "{subject} a été publiée {by}."),
    "contribution.refusee": Act(
        "Contribution non publiée", "{subject} n’a pas été publiée, décision prise {by}.", {"motif": REASON}
    ),
    "contribution.retiree": Act("Contribution retirée", "{subject} a été retirée {by}.", {"motif": REASON}),
    "contribution.republiee": Act("Contribution remise en ligne", "{subject} a été remise en ligne {by}."),
    "contribution.masquee": Act(
        "Passage masqué", "Un passage de {subject} a été masqué {by}.", {"motif": REASON, "passages": "Passages : {}"}
    ),
    "reexamen.decision": Act(
        "Réexamen", "La décision sur {subject} a été réexaminée {by}.", {"issue": OUTCOME, "motif": REASON}
    ),
    "signalement.decision": Act(
        "Signalement traité", "Un signalement de {subject} a été traité {by}.", {"issue": OUTCOME, "motif": REASON}
    ),
    "etape.date": Act("Dates d’une étape", "Les dates de l’étape {subject} ont été changées {by}.", DATES),
    "rencontre.date": Act("Date d’un rendez-vous", "La date d’un rendez-vous a été changée {by}.", DATES),
    "cadre.version": Act(
        "Cadre de la démarche",
        "Une version du cadre de la démarche a été publiée {by}.",
        {"version": f"Version{NBSP}: {{}}", "date": f"Datée du{NBSP}: {{}}"},
    ),
    "demarche.publiee": Act("Démarche publiée", "La démarche a été publiée {by}.", {"titre": DATES["titre"]}),
}

ROLES = {
    "auteur": "par son auteur",
    "modérateur": "par un modérateur",
    "responsable": "par un responsable de la démarche",
    "administrateur": "par un administrateur du portail",
    "règle de la démarche": "selon la règle de la démarche",
}

VOCABULARY = Vocabulary(ACTS, ROLES)
