"""What the tables of the roof, and those of third parties, hold of a person; and what holds nothing of anybody."""

import ateliers.held
import consultation.held
import forums.held
from socle.personaldata import Held, held

HELD: tuple[Held, ...] = (
    held(
        "admin.LogEntry",
        "Ce que vous avez fait dans l’administration",
        "user__personne",
        deleted="id action_time user content_type object_id object_repr action_flag change_message",
    ),
)

# Every other table, with the reason why nobody is in it. What is neither here nor held fails tests/test_held.py.
IMPERSONAL: dict[str, str] = {
    **{f"consultation.{name}": why for why, names in consultation.held.IMPERSONAL.items() for name in names.split()},
    **{f"ateliers.{name}": why for why, names in ateliers.held.IMPERSONAL.items() for name in names.split()},
    **{f"forums.{name}": why for why, names in forums.held.IMPERSONAL.items() for name in names.split()},
    "participons.Heartbeat": "le signe de vie d’un processus",
    "participons.ProgrammeLoad": "une copie de deux fichiers du programme",
    "identity.SiteIdentity": "l’identité de la collectivité",
    "documents.Document": "un fichier déposé par un agent ; ce qui le désigne dit de qui il parle",
    "publications.Publication": "un fichier public, demandé par un agent",
    "access.Trace": "la clé du compte d’un agent ; ce qui a été regardé ou emporté s’efface au bout d’un an",
    "account.EmailConfirmation": "les confirmations d’allauth, que le portail n’emploie pas : il prouve les adresses",
    "socialaccount.SocialApp": "le réglage d’un fournisseur d’identité",
    "socialaccount.SocialToken": "les jetons d’un fournisseur, que le portail ne garde pas",
    "pagecache.Generation": "un compteur",
    "limiter.Tally": "une empreinte à clé secrète ; elle s’efface d’elle-même, et celle de l’adresse au départ",
    "registre.Entree": "des références et des rôles, jamais un nom ni un texte",
    "registre.EntreeKey": "une clé tirée au hasard, détruite avec le texte",
    "sessions.Session": "un contenu signé ; celles du compte sont supprimées avec lui",
    "auth.Group": "des droits",
    "auth.Group_permissions": "des droits",
    "auth.Permission": "des droits",
    "contenttypes.ContentType": "le nom des tables",
    "privacy.RetentionRun": "ce que la règle de conservation a effacé, en nombres",
    "privacy.Visa": "l’acte d’un archiviste, nommé pour sa fonction, qui autorise une destruction",
}
