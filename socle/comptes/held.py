"""What an account and an address are made of; both go last, once nothing points to them."""

from socle.personaldata import TECHNICAL, Held, held

LEAVING = "socle.privacy.actions.leaving"

HELD: tuple[Held, ...] = (
    held(
        "comptes.User_groups", "Les groupes de votre compte", "user__personne", deleted="id user group", done_by=LEAVING
    ),
    held(
        "comptes.User_user_permissions",
        "Les permissions de votre compte",
        "user__personne",
        deleted="id user permission",
        done_by=LEAVING,
    ),
    held(
        "comptes.User",
        "Votre compte",
        "personne",
        since="last_login",
        deleted="id password last_login is_superuser email display_name personne is_staff is_active date_joined groups"
        " user_permissions",
        withheld={"secret : même son propriétaire n’en a que faire": "password", TECHNICAL: "groups user_permissions"},
        done_by=LEAVING,
    ),
    held("comptes.Personne", "Votre adresse", "pk", deleted="id email confirmed_at created_at", done_by=LEAVING),
)
