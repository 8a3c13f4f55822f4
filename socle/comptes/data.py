"""Who may take the columns of people and accounts away."""

from socle.personaldata import NEVER, STAFF, Fields

FIELDS: Fields = {
    "comptes.Personne": {"id": STAFF, "email": NEVER, "confirmed_at": STAFF, "created_at": STAFF, "rhythm": STAFF},
    "comptes.User": {
        "id": STAFF,
        "password": NEVER,
        "last_login": NEVER,
        "is_superuser": STAFF,
        "email": NEVER,
        "display_name": STAFF,
        "personne": NEVER,
        "is_staff": STAFF,
        "is_active": STAFF,
        "is_demonstration": STAFF,
        "date_joined": STAFF,
        "groups": STAFF,
        "user_permissions": STAFF,
    },
}
