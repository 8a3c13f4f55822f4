"""What the trunk holds of a person, and what becomes of it when they leave.

In the order in which it is carried out: what hangs on a row comes before the row, for it is found through it.
"""

from django.db.models import Case, F, Value, When

from consultation.choices import Display, SpeaksAs
from socle.personaldata import AGENT, TECHNICAL, Held, held

ERASED = "Texte effacé à la demande de son auteur."
ERASED_TITLE = "Contribution effacée"
# An answer that a constraint wants, and that was written to somebody who is no longer there.
ANSWER_ERASED = "Réponse effacée avec la demande."

DECIDED = "l’acte de l’équipe, que le registre public raconte sans nommer l’auteur"
WORKED = "qui a fait quoi dans l’équipe, et quand"
COUNTED = "les comptes de la démarche et du rendez-vous, qui ne disent pas de qui il s’agit"
ORDERED = "l’historique des places : relu depuis le début, il redonne la liste"
SAID = "ce qui a été dit reste, sans son auteur"

# The name of an organisation that speaks is its own; that of somebody who speaks for themselves says who they are.
_ORGANISATION = Case(When(speaks_as=SpeaksAs.PERSONAL, then=Value("")), default=F("organisation"))

_OF_CONTRIBUTION = (
    held(
        "consultation.Version",
        "Les mots d’avant une correction ou un masquage",
        "contribution__personne",
        blanked={"title": ERASED_TITLE, "body": ERASED},
        kept={WORKED: "id contribution cause reason by replaced_at"},
        withheld={AGENT: "by"},
    ),
    held(
        "consultation.ModerationNote",
        "Les notes de l’équipe sur vos contributions",
        "contribution__personne",
        deleted="id contribution by body written_at",
        withheld={AGENT: "by"},
    ),
    held(
        "consultation.SecondOpinion",
        "Les seconds avis demandés sur vos contributions",
        "contribution__personne",
        blanked="question words",
        kept={WORKED: "id contribution asked_by asked_at given_by given_at advice"},
        withheld={AGENT: "asked_by given_by"},
    ),
    held(
        "consultation.Reformulation",
        "Les reformulations qui vous ont été demandées",
        "contribution__personne",
        blanked={"request": ERASED},
        kept={WORKED: "id contribution asked_by due_on asked_at answered_at"},
        withheld={AGENT: "asked_by"},
    ),
    held(
        "consultation.Reexamen",
        "Les réexamens que vous avez demandés",
        "contribution__personne",
        blanked={
            "words": ERASED,
            "answer": Case(When(answer="", then=Value("")), default=Value(ANSWER_ERASED)),
        },
        kept={DECIDED: "id contribution decision asked_at decided_by decided_at outcome"},
        withheld={AGENT: "decided_by"},
    ),
    held(
        "consultation.Decision",
        "Les décisions prises sur vos contributions",
        "contribution__personne",
        blanked="message",
        kept={DECIDED: "id contribution cause from_state to_state by reason decided_at"},
        withheld={AGENT: "by"},
    ),
    held(
        "consultation.Transcription",
        "La saisie de vos contributions reçues sur papier",
        "contribution__personne",
        blanked="scan",
        kept={WORKED: "contribution received_on transcriber entered_at reader read_at"},
        withheld={AGENT: "transcriber reader"},
    ),
    held(
        "consultation.CahierActeur",
        "Les documents joints à vos contributions",
        "contribution__personne",
        kept={
            "le document d’une organisation ; retiré par le départ avec les textes": "contribution document",
            WORKED: "received_on checked_by checked_at",
        },
        withheld={AGENT: "checked_by"},
        done_by="consultation.actions.leaving",
    ),
    held(
        "consultation.ServiceAnswer",
        "Les réponses des services à vos questions",
        "contribution__personne",
        kept={"la réponse publique d’un service": "contribution service body by published_at corrected_at"},
        withheld={AGENT: "by"},
    ),
    held(
        "consultation.Citation",
        "Les passages de vos contributions repris par d’autres textes",
        "cited__personne",
        with_texts={"quote": ""},
        kept={
            "d’où vient ce qui les reprend": "id citing citing_passage cited cited_passage how by created_at"
            " authors_told_at"
        },
        withheld={AGENT: "by"},
    ),
    held(
        "consultation.Reponse",
        "Ce que les textes répondent à vos contributions",
        "contribution__personne",
        kept={
            "la réponse publique d’un texte": "id texte contribution kind reason passed_to lot since until by given_at"
        },
        withheld={AGENT: "by"},
    ),
    held(
        "consultation.Relecture",
        "Les secondes lectures de ce que les textes font de vos contributions",
        "contribution__personne",
        kept={
            "la vérification d’un texte public, et ce qu’on en a fait": "id echantillon texte contribution rank agrees"
            " reason by read_at settlement settled_by settled_at"
        },
        withheld={AGENT: "by settled_by"},
    ),
    held(
        "consultation.Repeated",
        "Celles de vos contributions dont les mots sont aussi ceux d’une autre",
        "contribution__personne",
        kept={
            "où chercher ce qui est dit plusieurs fois, sans rien des mots ; ce qui est retiré n’y est plus": "id"
            " contribution demarche"
        },
    ),
    held(
        "consultation.Annonce",
        "Ce qui vous a été dit du devenir de vos contributions",
        "contribution__personne",
        deleted="id production texte change archivage contribution outcome envoi told_at",
        withheld={TECHNICAL: "envoi"},
    ),
    held(
        "consultation.Contribution_enjeux",
        "Les enjeux de vos contributions",
        "contribution__personne",
        kept={SAID: "id contribution enjeu"},
    ),
    held(
        "consultation.Contribution",
        "Vos contributions",
        "personne",
        since="submitted_at",
        blanked={
            "display": Display.ANONYMOUS,
            "author_name": "",
            "function": "",
            "organisation": _ORGANISATION,
            "minor": False,
            "commune_name": "",
            "commune": None,
            "submission_key": None,
            "tracking_hash": None,
            "personne": None,
        },
        with_texts={"title": ERASED_TITLE, "body": ERASED},
        kept={
            SAID: "id demarche theme enjeux parent stance nature speaks_as people_count college origine rencontre"
            " place_label state submitted_at published_at withdrawn_by masked_at example",
            COUNTED: "support_count",
            "le même fichier repris une seconde fois la ferait revenir": "import_source import_key",
        },
        withheld={TECHNICAL: "submission_key tracking_hash"},
    ),
)

_OF_INSCRIPTION = (
    held(
        "consultation.Call",
        "Les appels qui vous ont été passés",
        "inscription__personne",
        deleted="id inscription by reached at",
        withheld={AGENT: "by"},
    ),
    held(
        "consultation.Inscription_services",
        "Les services que vous avez demandés",
        "inscription__personne",
        deleted="id inscription service",
    ),
    held(
        "consultation.Rappel",
        "Les rappels de vos rendez-vous",
        "inscription__personne",
        kept={ORDERED: "id inscription days starts_at why_not envoi decided_at"},
    ),
    held(
        "consultation.InscriptionEvent",
        "Ce qui est arrivé à vos inscriptions",
        "inscription__personne",
        blanked="note",
        kept={ORDERED: "id inscription kind at by"},
        withheld={AGENT: "by"},
    ),
    held(
        "consultation.Inscription",
        "Vos inscriptions",
        "personne",
        since="created_at",
        blanked="name phone services image_agreed_at",
        moved="personne",
        kept={
            COUNTED: "id rencontre state sur_place attended_at presence college has_evaluated",
            "le refus vaut pour les images déjà prises": "image_refused",
            ORDERED: "promoted_at cancelled_at created_at",
        },
    ),
)

HELD: tuple[Held, ...] = (
    *_OF_CONTRIBUTION,
    *_OF_INSCRIPTION,
    held(
        "consultation.Signalement",
        "Ce que vous avez signalé",
        "personne",
        since="received_at",
        blanked={"words": "", "submission_key": None, "tracking_hash": None, "personne": None},
        kept={DECIDED: "id contribution reason received_at decided_by decided_at outcome answer"},
        withheld={AGENT: "decided_by", TECHNICAL: "submission_key tracking_hash"},
    ),
    held(
        "consultation.Soutien",
        "Ce que vous soutenez",
        "personne",
        since="given_at",
        blanked="personne",
        kept={COUNTED: "id contribution given_at"},
    ),
    held(
        "consultation.Abonnement",
        "Vos abonnements",
        "personne",
        since="confirmed_at",
        deleted="id personne demarche topic rhythm confirmed_at ended_at end_reason",
    ),
    held(
        "consultation.ModerationKeys",
        "Vos touches de modération",
        "user__personne",
        deleted="user enabled bindings",
    ),
    held("consultation.Role", "Vos rôles", "user__personne", deleted="id user demarche kind ends_on"),
)

PROGRAMME = "le programme et ce que l’équipe publie : rien d’une personne qui participe"
BALLOT = "un bulletin : rien ne dit de qui il est"
IMPERSONAL = {
    PROGRAMME: "Demarche Cadre FrequentQuestion Etape DateChange Enjeu Theme College Commune Lieu Rencontre"
    " Rencontre_services Service RefusalReason Actualite Ressource Ressource_themes Media ModerationFigures"
    " EvaluationFigures",
    "ce que l’équipe écrit ; les mots d’une personne n’y sont que dans une citation": "Texte TexteVersion Passage"
    " Passage_themes Echantillon Adoption Amendement Article Suite Suite_rencontres SuiteChange Jalon Reserve"
    " Confirmation Archivage",
    BALLOT: "Evaluation",
    "les numéros d’une feuille imprimée, qui ne désignent que des inscriptions": "Feuille",
    "un nom sans adresse, écrit à la porte : rien ne le rattache ; il est effacé par la règle de conservation": "Venue",
}
