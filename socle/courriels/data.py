from socle.personaldata import NEVER, STAFF

FIELDS = {
    "courriels.Envoi": {
        "id": STAFF,
        "to": NEVER,
        "subject": NEVER,
        "body_text": NEVER,
        "body_html": NEVER,
        "headers": NEVER,
        "attachments": NEVER,
        "writer": STAFF,
        "facts": NEVER,
        "dedupe_key": NEVER,
        "message_id": STAFF,
        "subject_key": STAFF,
        "state": STAFF,
        "not_before": STAFF,
        "not_after": STAFF,
        "attempts": STAFF,
        "interrupted": STAFF,
        "next_attempt_at": STAFF,
        "claimed_at": STAFF,
        "sent_at": STAFF,
        "last_error": STAFF,
        "bounced_at": STAFF,
        "bounce_status": STAFF,
        "created_at": STAFF,
    }
}
