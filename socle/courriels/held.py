"""The mails sent to somebody; the rows stay, empty, for they are counted."""

from socle.personaldata import TECHNICAL, Held, held

HELD: tuple[Held, ...] = (
    held(
        "courriels.Envoi",
        "Les courriels qui vous ont été envoyés",
        "to__iexact",
        blanked="to subject body_text body_html headers attachments writer facts dedupe_key last_error",
        kept={
            "combien de courriels sont partis, et quand": "id message_id subject_key state not_before not_after"
            " attempts interrupted next_attempt_at claimed_at sent_at bounced_at bounce_status created_at"
        },
        withheld={
            TECHNICAL: "headers attachments writer facts dedupe_key message_id subject_key attempts interrupted"
            " next_attempt_at claimed_at not_before not_after",
            "le même texte, mis en page": "body_html",
        },
        done_by="socle.courriels.actions.forget",
    ),
)
