"""Who may take the columns of the adoption, of the suites and of the end of a démarche away."""

from socle.personaldata import OPEN, STAFF, Fields

VOTES = ("votes_for", "votes_against", "abstentions")


def _open(*names: str) -> dict:
    return dict.fromkeys(("id", *names), OPEN)


FIELDS: Fields = {
    "consultation.Adoption": _open(
        *("texte", "version", "politique", "presented_on", "seance", "avis_on", "avis", "avis_text", "avis_url"),
        *("deliberation_on", "deliberation_number", "adopted", "members", *VOTES),
        *("deliberation_url", "deliberation_document"),
    )
    | dict.fromkeys(("presentation_told_at", "avis_told_at", "authors_told_at"), STAFF),
    # Whoever files an amendment does so in a mandate, at a public sitting.
    "consultation.Amendement": _open(
        *("adoption", "number", "kind", "passage", "author", "filed_on", "title", "text", "motive", "state", *VOTES)
    ),
    "consultation.Article": _open("adoption", "passage", "outcome", "title", "text", "reason"),
    "consultation.Suite": _open(
        *("passage", "title", "text", "enjeu", "in_charge", "url", "state", "due_on", "due_precision", "rencontres")
    ),
    "consultation.Suite_rencontres": _open("suite", "rencontre"),
    "consultation.SuiteChange": _open("suite", "state", "due_on", "due_precision", "reason", "url", "at")
    | {"by": STAFF, "authors_told_at": STAFF},
    "consultation.Jalon": _open("suite", "label", "planned_on", "precision", "done_on", "url"),
    "consultation.Reserve": _open("demarche", "starts_on", "ends_on", "reason", "set_at", "lifted_at"),
    "consultation.Confirmation": _open("demarche", "subject", "reason", "at") | {"by": STAFF},
    "consultation.Archivage": _open("demarche", "missing", "reason", "at", "reopened_at")
    | {"by": STAFF, "authors_told_at": STAFF},
}
