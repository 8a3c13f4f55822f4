"""Who may take these columns away (see socle.personaldata): the register is public, its keys never leave."""

from socle.personaldata import NEVER, OPEN, Fields

FIELDS: Fields = {
    "registre.Entree": {
        "id": NEVER,
        "recorded_at": OPEN,
        "kind": OPEN,
        "subject": OPEN,
        "role": OPEN,
        "facts": OPEN,
        "fingerprint": OPEN,
        "demarche": OPEN,
        "number": OPEN,
        "previous_hash": OPEN,
        "hash": OPEN,
    },
    "registre.EntreeKey": {"entree": NEVER, "secret": NEVER},
}
