"""What an account and an address are made of; both go last, once nothing points to them."""

from socle.personaldata import TECHNICAL, Held, held

LEAVING = "socle.privacy.actions.leaving"
KEYS = "secret : même son propriétaire n’en a que faire"

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
        "account.EmailAddress",
        "Les adresses de votre compte",
        "user__personne",
        deleted="id user email verified primary",
        done_by=LEAVING,
    ),
    held(
        "mfa.Authenticator",
        "Vos seconds facteurs et vos clés d’accès",
        "user__personne",
        deleted="id user type data created_at last_used_at",
        withheld={KEYS: "data"},
        done_by=LEAVING,
    ),
    held(
        "socialaccount.SocialAccount",
        "Vos liens avec FranceConnect",
        "user__personne",
        deleted="id user provider uid last_login date_joined extra_data",
        withheld={TECHNICAL: "extra_data"},
        done_by=LEAVING,
    ),
    held(
        "usersessions.UserSession",
        "Vos sessions",
        "user__personne",
        deleted="id user created_at ip last_seen_at session_key user_agent data",
        withheld={KEYS: "session_key", TECHNICAL: "data"},
        done_by=LEAVING,
    ),
    held(
        "comptes.User",
        "Votre compte",
        "personne",
        since="last_login",
        deleted="id password last_login is_superuser email display_name personne is_staff is_active date_joined groups"
        " user_permissions is_demonstration",
        withheld={KEYS: "password", TECHNICAL: "groups user_permissions is_demonstration"},
        done_by=LEAVING,
    ),
    held("comptes.Personne", "Votre adresse", "pk", deleted="id email confirmed_at created_at rhythm", done_by=LEAVING),
)
