"""What the requests themselves hold of whoever made them."""

from django.db.models import Case, Value, When

from socle.personaldata import AGENT, TECHNICAL, Held, held

PROVED = "la preuve que la demande a été traitée, et dans quel délai"

HELD: tuple[Held, ...] = (
    held(
        "privacy.Copie",
        "Les copies de vos données",
        "personne",
        since="asked_at",
        deleted="id personne state file size asked_at attempts next_attempt_at ready_at expires_at",
        withheld={TECHNICAL: "file attempts next_attempt_at"},
        done_by="socle.privacy.actions.copies.forget",
    ),
    held(
        "privacy.Opposition",
        "Vos oppositions",
        "personne",
        since="asked_at",
        blanked={
            "words": "",
            "answer": Case(When(answer="", then=Value("")), default=Value("Réponse effacée avec la demande.")),
            "personne": None,
        },
        kept={PROVED: "id asked_at outcome answered_at answered_by submission_key"},
        withheld={AGENT: "answered_by", TECHNICAL: "submission_key"},
    ),
    held(
        "privacy.Depart",
        "Vos demandes de départ",
        "personne",
        since="cancelled_at",
        blanked="personne address problem",
        kept={PROVED: "id with_texts cause asked_at cancelled_at next_attempt_at attempts erased_at closed_at"},
        withheld={TECHNICAL: "next_attempt_at attempts problem"},
        done_by="socle.privacy.actions.leaving",
    ),
)
