"""Who may take the columns of the trunk away."""

from consultation import data_adoption
from socle.personaldata import NEVER, OPEN, STAFF, Fields


def _programme(*names: str) -> dict:
    """What is published as it is: the programme holds nothing personal."""
    return dict.fromkeys(("id", *names), OPEN)


def _staff(*names: str) -> dict:
    """What shows who did or said something: for those who work on the démarche."""
    return dict.fromkeys(("id", *names), STAFF)


FIELDS: Fields = {
    "consultation.Demarche": _programme(
        "title",
        "slug",
        "code",
        "owner",
        "summary",
        "call",
        "remote_call",
        "state",
        "courante",
        "moderation",
        "soutiens_mode",
        "takes_reactions",
        "answer_days",
        "reminder_days",
        "second_reading",
        "contributions_open_at",
        "contributions_close_at",
        "example_dates",
    ),
    "consultation.Cadre": _programme(
        "demarche",
        "published_on",
        "object",
        "level",
        "open_points",
        "closed_points",
        "decision",
        "use_of_contributions",
        "team",
        "garant",
        "charte",
        "moderation_rules",
        "change_reason",
    ),
    "consultation.FrequentQuestion": _programme("demarche", "rank", "question", "answer"),
    "consultation.Etape": _programme(
        "demarche",
        "rank",
        "type",
        "title",
        "text",
        "people_count",
        "people_label",
        "starts_on",
        "ends_on",
        "precision",
    ),
    "consultation.DateChange": _programme("etape", "rencontre", "previous_label", "new_label", "reason", "changed_at"),
    "consultation.Enjeu": _programme("demarche", "rank", "short_title", "sentence"),
    "consultation.Theme": _programme(
        "demarche", "rank", "question", "introduction", "contributions_open_at", "contributions_close_at"
    ),
    "consultation.College": _programme("demarche", "rank", "label"),
    "consultation.Commune": dict.fromkeys(
        ("insee_code", "name", "departement", "epci_code", "epci_name", "population", "sort_key"), OPEN
    ),
    "consultation.Lieu": _programme(
        "name",
        "street",
        "postcode",
        "town",
        "latitude",
        "longitude",
        "access",
        "step_free",
        "room_plan",
        "sort_key",
    ),
    "consultation.Rencontre": _programme(
        "demarche",
        "etape",
        "kind",
        "title",
        "other_title",
        "text",
        "starts_at",
        "ends_at",
        "precision",
        "lieu",
        "mode",
        "capacity",
        "takes_inscriptions",
        "inscriptions_close_at",
        "services",
        "reminder_days",
        "cancel_reason",
        "state",
        "fill_told",
        "ics_sequence",
        "example",
    )
    | {"remote_url": STAFF},
    "consultation.Rencontre_services": dict.fromkeys(("id", "rencontre", "service"), OPEN),
    "consultation.Service": _programme("label", "rank", "is_active"),
    # Health-like needs: seen by that rencontre's organiser only, erased 7 days after (design §9).
    "consultation.Inscription_services": dict.fromkeys(("id", "inscription", "service"), NEVER),
    "consultation.InscriptionEvent": _staff("inscription", "kind", "at", "by", "note"),
    "consultation.Rappel": _staff("inscription", "days", "starts_at", "why_not", "envoi", "decided_at"),
    "consultation.Call": _staff("inscription", "by", "reached", "at"),
    "consultation.Role": {"id": STAFF, "user": STAFF, "demarche": STAFF, "kind": STAFF, "ends_on": STAFF},
    "consultation.Inscription": {
        "id": STAFF,
        "rencontre": STAFF,
        "personne": STAFF,
        "state": STAFF,
        "name": STAFF,
        "sur_place": STAFF,
        "college": STAFF,
        "image_refused": STAFF,
        "image_agreed_at": STAFF,
        "has_evaluated": NEVER,
        "attended_at": STAFF,
        "presence": STAFF,
        "services": NEVER,
        "phone": NEVER,
        "promoted_at": STAFF,
        "cancelled_at": STAFF,
        "created_at": STAFF,
    },
    "consultation.Venue": _staff(
        *("rencontre", "name", "college", "image_refused", "arrived_at", "by", "erased_at", "erased_by")
    )
    | {"submission_key": NEVER},
    "consultation.Feuille": _staff("rencontre", "rank", "holders", "waiting", "printed_at", "printed_by"),
    "consultation.Citation": _programme(
        "citing", "citing_passage", "cited", "cited_passage", "how", "quote", "created_at"
    )
    | {"by": STAFF, "authors_told_at": STAFF},
    "consultation.Texte": _programme("demarche", "etape", "kind", "title", "current", "first_published_at"),
    "consultation.TexteVersion": _programme(
        *("texte", "number", "state", "introduction", "received_before", "reason", "published_at", "figures")
    )
    | dict.fromkeys(("published_by", "counted_at", "authors_told_at"), STAFF),
    "consultation.Passage": _programme("version", "key", "number", "title", "text", "liaison", "themes", "added_by")
    | {"submission_key": NEVER},
    "consultation.Passage_themes": dict.fromkeys(("id", "passage", "theme"), OPEN),
    "consultation.Reponse": _programme("texte", "contribution", "kind", "reason", "passed_to", "lot", "since", "until")
    | {"by": STAFF, "given_at": STAFF},
    "consultation.Echantillon": _programme("version", "seed", "pool", "size", "drawn_at") | {"by": STAFF},
    "consultation.Relecture": _staff(
        *("echantillon", "texte", "contribution", "rank", "agrees", "reason", "by", "read_at"),
        *("settlement", "settled_by", "settled_at"),
    ),
    "consultation.Repeated": _staff("contribution", "demarche"),
    "consultation.Annonce": _staff(
        *("production", "texte", "change", "archivage", "contribution", "outcome", "envoi", "told_at")
    ),
    # One by one they are nobody's to read: staff read what everybody reads, the figures.
    "consultation.Evaluation": dict.fromkeys(
        ("id", "rencontre", "clear", "heard", "fair", "useful", "again", "source"), NEVER
    ),
    "consultation.EvaluationFigures": dict.fromkeys(("rencontre", "figures", "published_on"), OPEN),
    "consultation.Media": _programme(
        "rencontre", "kind", "document", "thumbnail", "url", "alternative", "credit", "rank", "published_at"
    )
    | dict.fromkeys(("rights_checked_by", "rights_checked_at", "created_at"), STAFF),
    "consultation.RefusalReason": _programme("label", "explanation", "rank", "is_active"),
    "consultation.Decision": {
        "id": STAFF,
        "contribution": STAFF,
        "cause": STAFF,
        "from_state": STAFF,
        "to_state": STAFF,
        "by": STAFF,
        "reason": STAFF,
        "message": STAFF,
        "decided_at": STAFF,
    },
    "consultation.Contribution": {
        "id": OPEN,
        "demarche": OPEN,
        "theme": OPEN,
        "enjeux": OPEN,
        "parent": OPEN,
        "stance": OPEN,
        "nature": OPEN,
        "title": OPEN,
        "body": OPEN,
        "display": OPEN,
        "author_name": STAFF,
        "speaks_as": OPEN,
        "organisation": STAFF,
        "function": STAFF,
        "minor": STAFF,
        "people_count": OPEN,
        "college": OPEN,
        "commune_name": STAFF,
        "commune": OPEN,  # an open row shows its EPCI where a (collège, commune) pair has fewer than 11 people
        "personne": STAFF,
        "origine": OPEN,
        "rencontre": OPEN,
        "place_label": OPEN,
        "state": STAFF,
        "submitted_at": STAFF,
        "published_at": OPEN,
        "withdrawn_by": STAFF,
        "masked_at": OPEN,
        "support_count": STAFF,  # hidden until closing, or off, as the démarche says
        "submission_key": NEVER,
        "tracking_hash": NEVER,
        "import_source": STAFF,
        "import_key": STAFF,
        "example": OPEN,
    },
    "consultation.Contribution_enjeux": {"id": OPEN, "contribution": OPEN, "enjeu": OPEN},
    "consultation.Version": _staff("contribution", "title", "body", "cause", "reason", "by", "replaced_at"),
    "consultation.ModerationNote": _staff("contribution", "by", "body", "written_at"),
    "consultation.SecondOpinion": _staff(
        "contribution", "asked_by", "question", "asked_at", "given_by", "given_at", "advice", "words"
    ),
    "consultation.Reformulation": _staff("contribution", "asked_by", "request", "due_on", "asked_at", "answered_at"),
    "consultation.ModerationFigures": dict.fromkeys(("demarche", "counted_at", "figures"), OPEN),
    "consultation.ModerationKeys": dict.fromkeys(("user", "enabled", "bindings"), NEVER),
    "consultation.ServiceAnswer": {
        "contribution": OPEN,
        "service": OPEN,
        "body": OPEN,
        "by": STAFF,
        "published_at": OPEN,
        "corrected_at": OPEN,
    },
    "consultation.Soutien": _staff("contribution", "personne", "given_at"),
    "consultation.Reexamen": _staff(
        "contribution", "decision", "words", "asked_at", "decided_by", "decided_at", "outcome", "answer"
    ),
    "consultation.Signalement": _staff(
        "contribution", "reason", "words", "personne", "received_at", "decided_by", "decided_at", "outcome", "answer"
    )
    | {"submission_key": NEVER, "tracking_hash": NEVER},
    "consultation.Transcription": dict.fromkeys(
        ("contribution", "received_on", "scan", "transcriber", "entered_at", "reader", "read_at"), STAFF
    ),
    "consultation.CahierActeur": dict.fromkeys(("contribution", "document", "received_on"), OPEN)
    | {"checked_by": STAFF, "checked_at": STAFF},
    "consultation.Actualite": _programme("demarche", "topic", "title", "body", "published_at", "announced_at"),
    "consultation.Ressource": _programme(
        "demarche", "kind", "title", "description", "source", "url", "document", "themes", "published_at"
    ),
    "consultation.Ressource_themes": dict.fromkeys(("id", "ressource", "theme"), OPEN),
    "consultation.Abonnement": _staff(
        "personne", "demarche", "topic", "rhythm", "confirmed_at", "ended_at", "end_reason"
    ),
}
# The same rows, but for the relation, which belongs to the first.
_QUESTION = {name: access for name, access in FIELDS["consultation.Contribution"].items() if name != "enjeux"}
FIELDS = {**FIELDS, **data_adoption.FIELDS, "consultation.Question": _QUESTION}
