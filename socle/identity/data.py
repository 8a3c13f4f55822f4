"""The site's identity is public by nature; only the row's number has no use outside."""

from socle.personaldata import OPEN, Fields

FIELDS: Fields = {
    "identity.SiteIdentity": dict.fromkeys(
        (
            "id",
            "site_name",
            "region_name",
            "postal_address",
            "contact_email",
            "contact_phone",
            "contact_hours",
            "answer_delay",
            "logo",
            "logo_hash",
            "logo_width",
            "logo_height",
            "publication_director",
            "host",
            "dpo_contact",
            "security_contact",
            "accessibility_state",
            "accessibility_audited_on",
            "accessibility_notes",
        ),
        OPEN,
    ),
}
