"""The classification of every column of the database, ours and third parties', in one table."""

import ateliers.data
import consultation.data
import forums.data
import socle.access.data
import socle.comptes.data
import socle.courriels.data
import socle.documents.data
import socle.exports.data
import socle.identity.data
import socle.limiter.data
import socle.pagecache.data
import socle.privacy.data
import socle.publications.data
import socle.registre.data
from socle.personaldata import NEVER, STAFF, Fields, merge

ROOF: Fields = {
    "participons.Heartbeat": {"id": STAFF, "name": STAFF, "at": STAFF},
    # A copy of two files, and of nothing that people wrote.
    "participons.ProgrammeLoad": dict.fromkeys(
        ("id", "slug", "demarche", "programme", "exemple", "weeks", "memory"), NEVER
    ),
}

# Django's own tables: staff see the journal in the admin, nothing of them is exported.
THIRD_PARTY: Fields = {
    "admin.LogEntry": dict.fromkeys(
        ("id", "action_time", "user", "content_type", "object_id", "object_repr", "action_flag", "change_message"),
        STAFF,
    ),
    "auth.Group": dict.fromkeys(("id", "name", "permissions"), STAFF),
    "auth.Group_permissions": dict.fromkeys(("id", "group", "permission"), STAFF),
    "auth.Permission": dict.fromkeys(("id", "name", "content_type", "codename"), STAFF),
    "comptes.User_groups": dict.fromkeys(("id", "user", "group"), STAFF),
    "comptes.User_user_permissions": dict.fromkeys(("id", "user", "permission"), STAFF),
    "contenttypes.ContentType": dict.fromkeys(("id", "app_label", "model"), STAFF),
    # allauth's: what proves that one is oneself, and where one is logged in. Its owner alone sees it.
    "account.EmailAddress": dict.fromkeys(("id", "user", "email", "verified", "primary"), NEVER),
    "account.EmailConfirmation": dict.fromkeys(("id", "email_address", "created", "sent", "key"), NEVER),
    "mfa.Authenticator": dict.fromkeys(("id", "user", "type", "data", "created_at", "last_used_at"), NEVER),
    "socialaccount.SocialAccount": dict.fromkeys(
        ("id", "user", "provider", "uid", "last_login", "date_joined", "extra_data"), NEVER
    ),
    "socialaccount.SocialApp": dict.fromkeys(
        ("id", "provider", "provider_id", "name", "client_id", "secret", "key", "settings"), NEVER
    ),
    "socialaccount.SocialToken": dict.fromkeys(("id", "app", "account", "token", "token_secret", "expires_at"), NEVER),
    "usersessions.UserSession": dict.fromkeys(
        ("id", "user", "created_at", "ip", "last_seen_at", "session_key", "user_agent", "data"), NEVER
    ),
    "sessions.Session": dict.fromkeys(("session_key", "session_data", "expire_date"), NEVER),
}

FIELDS = merge(
    ROOF,
    THIRD_PARTY,
    socle.access.data.FIELDS,
    socle.comptes.data.FIELDS,
    socle.identity.data.FIELDS,
    socle.courriels.data.FIELDS,
    socle.documents.data.FIELDS,
    socle.exports.data.FIELDS,
    socle.limiter.data.FIELDS,
    socle.pagecache.data.FIELDS,
    socle.privacy.data.FIELDS,
    socle.publications.data.FIELDS,
    socle.registre.data.FIELDS,
    consultation.data.FIELDS,
    ateliers.data.FIELDS,
    forums.data.FIELDS,
)
