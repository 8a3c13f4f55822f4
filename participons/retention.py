"""What is kept, how long and why: shown on /donnees-personnelles/, written in docs/RGPD/, enforced by beat.

The days are those of a Region that has decided nothing else; its archivist and its DPO change them here.
"""

from __future__ import annotations

from socle.privacy.retention import Keeping

NEEDED = "ce qui n’est plus nécessaire ne se garde pas (RGPD, article 5, 1 e)"
HEALTH = "des besoins qui touchent à la santé ne servent qu’au jour du rendez-vous (RGPD, articles 5, 1 c et 9)"
CONTEST = "le temps de contester ce que dit un compte rendu, ou de demander une attestation"
PROOF = "prouver que le consentement a été donné, et jusqu’à quand (RGPD, article 7, 1)"
ACCOUNTABLE = "pouvoir dire qui a eu accès aux données, et rien de plus (RGPD, articles 5, 2 et 32)"
LAST_CONTACT = (
    "après trois ans sans signe de vie, savoir de qui il s’agit ne sert plus à la consultation (RGPD, article 5, 1 e)"
)
ORDINARY = "la sécurité d’un compte que personne n’ouvre plus n’est gardée par personne (RGPD, article 32)"


def table(scan_days: int) -> dict[str, Keeping]:
    return {
        "besoins": Keeping(
            "Services demandés, téléphone, appels passés",
            *(7, "après le rendez-vous", HEALTH, "effacés"),
            "consultation.actions.forgetting.forget_needs",
        ),
        "noms_porte": Keeping(
            "Noms donnés pour l’accueil et la feuille d’émargement",
            *(365, "après le rendez-vous", CONTEST, "effacés ; le nombre de présents reste"),
            "consultation.actions.forgetting.forget_names",
        ),
        "papiers": Keeping(
            "Images des contributions reçues sur papier",
            *(scan_days, "après la clôture des contributions", NEEDED, "effacées ; le texte saisi reste"),
            "consultation.actions.papers.forget_scans",
        ),
        "jamais_confirmees": Keeping(
            "Adresse et nom d’une contribution jamais confirmée",
            *(90, "après l’envoi", NEEDED, "détachés du texte, qui n’a été vu que de l’équipe"),
            "consultation.actions.forgetting.forget_unconfirmed",
        ),
        "abonnements": Keeping(
            "Abonnements terminés",
            *(1095, "après leur fin", PROOF, "supprimés"),
            "consultation.actions.forgetting.forget_subscriptions",
        ),
        "courriels": Keeping(
            "Texte des courriels envoyés",
            *(90, "après l’envoi", NEEDED, "effacé ; leur nombre reste"),
            "socle.courriels.actions.forget_old",
        ),
        "exports": Keeping(
            "Fichiers préparés pour l’équipe",
            *(7, "après leur préparation", NEEDED, "supprimés"),
            "socle.exports.actions.purge",
        ),
        "copies": Keeping(
            "Copies de leurs données demandées par les personnes",
            *(7, "après leur préparation", NEEDED, "supprimées"),
            "socle.privacy.actions.copies.purge",
        ),
        "traces": Keeping(
            "Qui, dans l’équipe, a regardé ou emporté une liste de personnes",
            *(365, "après", ACCOUNTABLE, "supprimé ; qui a donné un rôle, et à qui, reste"),
            "socle.access.actions.forget_old",
        ),
        "adresses": Keeping(
            "Adresses que personne n’a confirmées et qui n’ont servi à rien",
            *(30, "après leur saisie", NEEDED, "supprimées"),
            "socle.privacy.actions.keeping.forget_addresses",
        ),
        "comptes": Keeping(
            "Comptes que personne n’ouvre plus",
            *(730, "après la dernière connexion", ORDINARY, "supprimés, après un courriel à 30 jours et un à 7 jours"),
            "socle.privacy.actions.keeping.forget_accounts",
        ),
        "identites": Keeping(
            "Identité de qui a participé",
            *(1095, "après son dernier acte", LAST_CONTACT, "effacée comme à un départ, après un courriel à 30 jours"),
            "socle.privacy.actions.keeping.forget_identities",
        ),
    }
