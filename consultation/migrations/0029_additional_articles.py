"""Articles that the assembly adds by amendment, and votes that are no more than those who sit.

`consultation_bare_passages`: an article that an adopted amendment added to this very policy has a live source.
`consultation_vote_lacks`: an article that is proposed, and whose sort is not said, is owed too.
`consultation_policy_differs`: an article that was added comes after its passage, in the words that were voted.
`votes_of_members`: no vote of a report, nor of an amendment to it, counts more voices than sitting members.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F

FORWARD = """
CREATE OR REPLACE FUNCTION consultation_bare_passages(of_version bigint) RETURNS TABLE (passage_id bigint, number integer)
    LANGUAGE sql STABLE AS $$
    SELECT p.id, p.number FROM consultation_passage p
    WHERE p.version_id = of_version AND NOT p.liaison AND NOT EXISTS (
        SELECT FROM consultation_citation ci
        JOIN consultation_contribution c ON c.id = ci.cited_id AND c.state = 'publiee'
        WHERE ci.citing_passage_id = p.id
    ) AND NOT EXISTS (
        SELECT FROM consultation_citation ci
        JOIN consultation_passage q ON q.id = ci.cited_passage_id
        JOIN consultation_texteversion qv ON qv.id = q.version_id
        JOIN consultation_texte qt ON qt.id = qv.texte_id
        JOIN consultation_passage now_is ON now_is.version_id = qt.current_id AND now_is.key = q.key
        WHERE ci.citing_passage_id = p.id
    ) AND NOT EXISTS (
        SELECT FROM consultation_amendement am
        JOIN consultation_adoption a ON a.id = am.adoption_id
        JOIN consultation_texteversion v ON v.texte_id = a.politique_id AND v.id = of_version
        WHERE am.id = p.added_by_id AND am.kind = 'ajoute' AND am.state = 'adopte'
    )
$$;

CREATE OR REPLACE FUNCTION consultation_vote_lacks(of_adoption bigint) RETURNS TABLE (number integer, why text)
    LANGUAGE sql STABLE AS $$
    WITH changes AS (
        SELECT * FROM consultation_amendement WHERE adoption_id = of_adoption AND kind = 'modifie'
    ), voted AS (
        SELECT p.number, p.id, p.title AS report_title, p.text AS report_text, ar.outcome, ar.title, ar.text,
            (SELECT count(*) FROM changes am WHERE am.passage_id = p.id AND am.state = 'adopte') AS amended,
            (SELECT count(*) FROM changes am WHERE am.passage_id = p.id AND am.state = 'depose') AS open,
            EXISTS (SELECT FROM changes am WHERE am.passage_id = p.id AND am.state = 'adopte'
                AND (am.title, am.text) = (ar.title, ar.text)) AS as_amended
        FROM consultation_adoption a
        JOIN consultation_passage p ON p.version_id = a.version_id
        LEFT JOIN consultation_article ar ON ar.passage_id = p.id AND ar.adoption_id = a.id
        WHERE a.id = of_adoption
    )
    SELECT number, 'sans_decision' FROM voted WHERE outcome IS NULL
    UNION ALL SELECT number, 'amendement_ouvert' FROM voted WHERE open > 0
    UNION ALL SELECT DISTINCT p.number, 'ajout_ouvert' FROM consultation_amendement am
        JOIN consultation_passage p ON p.id = am.passage_id
        WHERE am.adoption_id = of_adoption AND am.kind = 'ajoute' AND am.state = 'depose'
    UNION ALL SELECT number, 'amendement_oublie' FROM voted WHERE outcome = 'tel_quel' AND amended > 0
    UNION ALL SELECT number, 'sans_amendement' FROM voted WHERE outcome = 'amende' AND amended = 0
    UNION ALL SELECT number, 'autres_mots' FROM voted WHERE outcome = 'amende' AND amended = 1 AND NOT as_amended
    UNION ALL SELECT number, 'mots_du_rapport' FROM voted
        WHERE outcome = 'en_partie' AND (title, text) = (report_title, report_text)
    ORDER BY 1, 2
$$;

CREATE OR REPLACE FUNCTION consultation_policy_differs(of_version bigint) RETURNS TABLE (number integer, why text)
    LANGUAGE sql STABLE AS $$
    WITH decided AS (
        SELECT p.number, 0 AS place, p.id, NULL::bigint AS added_by,
            CASE ar.outcome WHEN 'tel_quel' THEN p.title ELSE ar.title END AS title,
            CASE ar.outcome WHEN 'tel_quel' THEN p.text ELSE ar.text END AS text, p.liaison
        FROM consultation_texteversion v
        JOIN consultation_adoption a ON a.politique_id = v.texte_id
        JOIN consultation_article ar ON ar.adoption_id = a.id AND ar.outcome <> 'non_retenu'
        JOIN consultation_passage p ON p.id = ar.passage_id
        WHERE v.id = of_version
        UNION ALL
        SELECT p.number, am.number, NULL, am.id, am.title, am.text, false
        FROM consultation_texteversion v
        JOIN consultation_adoption a ON a.politique_id = v.texte_id
        JOIN consultation_amendement am ON am.adoption_id = a.id AND am.kind = 'ajoute' AND am.state = 'adopte'
        JOIN consultation_passage p ON p.id = am.passage_id
        WHERE v.id = of_version
    ), voted AS (
        SELECT row_number() OVER (ORDER BY number, place) AS rank, id, added_by, title, text, liaison FROM decided
    ), written AS (
        SELECT row_number() OVER (ORDER BY number) AS rank, id, added_by_id AS added_by, title, text, liaison
        FROM consultation_passage WHERE version_id = of_version
    )
    SELECT coalesce(w.rank, o.rank)::integer, CASE
        WHEN w.rank IS NULL THEN 'absent' WHEN o.rank IS NULL THEN 'en_trop'
        WHEN (w.title, w.text) <> (o.title, o.text) THEN 'autres_mots'
        WHEN w.liaison <> o.liaison THEN 'liaison'
        WHEN w.added_by IS DISTINCT FROM o.added_by THEN 'sans_ajout' ELSE 'sans_origine' END
    FROM written w FULL JOIN voted o ON o.rank = w.rank
    WHERE w.rank IS NULL OR o.rank IS NULL OR (w.title, w.text, w.liaison) <> (o.title, o.text, o.liaison)
        OR w.added_by IS DISTINCT FROM o.added_by
        OR (o.id IS NOT NULL AND NOT EXISTS (SELECT FROM consultation_citation ci
            WHERE ci.citing_passage_id = w.id AND ci.cited_passage_id = o.id))
    ORDER BY 1
$$;

CREATE FUNCTION consultation_votes_of_members() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    seats integer;
    most integer;
BEGIN
    IF TG_TABLE_NAME = 'consultation_adoption' THEN
        seats := NEW.members;
        SELECT max(votes_for::integer + votes_against + abstentions) INTO most
            FROM consultation_amendement WHERE adoption_id = NEW.id;
    ELSE
        -- Who records how many sit holds this row, and waits.
        SELECT members INTO seats FROM consultation_adoption WHERE id = NEW.adoption_id FOR SHARE;
        most := NEW.votes_for::integer + NEW.votes_against + NEW.abstentions;
    END IF;
    IF most > seats THEN
        PERFORM consultation_texte_refused('Il y a plus de voix que de conseillers en exercice.', 'votes_of_members');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER adoption_votes_of_members BEFORE UPDATE OF members ON consultation_adoption
    FOR EACH ROW EXECUTE FUNCTION consultation_votes_of_members();
CREATE TRIGGER amendement_votes_of_members BEFORE INSERT OR UPDATE OF votes_for, votes_against, abstentions
    ON consultation_amendement FOR EACH ROW EXECUTE FUNCTION consultation_votes_of_members();
"""

BACKWARD = """
DROP TRIGGER amendement_votes_of_members ON consultation_amendement;
DROP TRIGGER adoption_votes_of_members ON consultation_adoption;
DROP FUNCTION consultation_votes_of_members();

CREATE OR REPLACE FUNCTION consultation_bare_passages(of_version bigint) RETURNS TABLE (passage_id bigint, number integer)
    LANGUAGE sql STABLE AS $$
    SELECT p.id, p.number FROM consultation_passage p
    WHERE p.version_id = of_version AND NOT p.liaison AND NOT EXISTS (
        SELECT FROM consultation_citation ci
        JOIN consultation_contribution c ON c.id = ci.cited_id AND c.state = 'publiee'
        WHERE ci.citing_passage_id = p.id
    ) AND NOT EXISTS (
        SELECT FROM consultation_citation ci
        JOIN consultation_passage q ON q.id = ci.cited_passage_id
        JOIN consultation_texteversion qv ON qv.id = q.version_id
        JOIN consultation_texte qt ON qt.id = qv.texte_id
        JOIN consultation_passage now_is ON now_is.version_id = qt.current_id AND now_is.key = q.key
        WHERE ci.citing_passage_id = p.id
    )
$$;

CREATE OR REPLACE FUNCTION consultation_vote_lacks(of_adoption bigint) RETURNS TABLE (number integer, why text)
    LANGUAGE sql STABLE AS $$
    WITH voted AS (
        SELECT p.number, p.id, p.title AS report_title, p.text AS report_text, ar.outcome, ar.title, ar.text,
            (SELECT count(*) FROM consultation_amendement am
                WHERE am.passage_id = p.id AND am.adoption_id = a.id AND am.state = 'adopte') AS amended,
            (SELECT count(*) FROM consultation_amendement am
                WHERE am.passage_id = p.id AND am.adoption_id = a.id AND am.state = 'depose') AS open,
            EXISTS (SELECT FROM consultation_amendement am WHERE am.passage_id = p.id AND am.adoption_id = a.id
                AND am.state = 'adopte' AND (am.title, am.text) = (ar.title, ar.text)) AS as_amended
        FROM consultation_adoption a
        JOIN consultation_passage p ON p.version_id = a.version_id
        LEFT JOIN consultation_article ar ON ar.passage_id = p.id AND ar.adoption_id = a.id
        WHERE a.id = of_adoption
    )
    SELECT number, 'sans_decision' FROM voted WHERE outcome IS NULL
    UNION ALL SELECT number, 'amendement_ouvert' FROM voted WHERE open > 0
    UNION ALL SELECT number, 'amendement_oublie' FROM voted WHERE outcome = 'tel_quel' AND amended > 0
    UNION ALL SELECT number, 'sans_amendement' FROM voted WHERE outcome = 'amende' AND amended = 0
    UNION ALL SELECT number, 'autres_mots' FROM voted WHERE outcome = 'amende' AND amended = 1 AND NOT as_amended
    UNION ALL SELECT number, 'mots_du_rapport' FROM voted
        WHERE outcome = 'en_partie' AND (title, text) = (report_title, report_text)
    ORDER BY 1, 2
$$;

CREATE OR REPLACE FUNCTION consultation_policy_differs(of_version bigint) RETURNS TABLE (number integer, why text)
    LANGUAGE sql STABLE AS $$
    WITH voted AS (
        SELECT row_number() OVER (ORDER BY p.number) AS rank, p.id,
            CASE ar.outcome WHEN 'tel_quel' THEN p.title ELSE ar.title END AS title,
            CASE ar.outcome WHEN 'tel_quel' THEN p.text ELSE ar.text END AS text, p.liaison
        FROM consultation_texteversion v
        JOIN consultation_adoption a ON a.politique_id = v.texte_id
        JOIN consultation_article ar ON ar.adoption_id = a.id AND ar.outcome <> 'non_retenu'
        JOIN consultation_passage p ON p.id = ar.passage_id
        WHERE v.id = of_version
    ), written AS (
        SELECT row_number() OVER (ORDER BY number) AS rank, id, title, text, liaison
        FROM consultation_passage WHERE version_id = of_version
    )
    SELECT coalesce(w.rank, o.rank)::integer, CASE
        WHEN w.rank IS NULL THEN 'absent' WHEN o.rank IS NULL THEN 'en_trop'
        WHEN (w.title, w.text) <> (o.title, o.text) THEN 'autres_mots'
        WHEN w.liaison <> o.liaison THEN 'liaison' ELSE 'sans_origine' END
    FROM written w FULL JOIN voted o ON o.rank = w.rank
    WHERE w.rank IS NULL OR o.rank IS NULL OR (w.title, w.text, w.liaison) <> (o.title, o.text, o.liaison)
        OR NOT EXISTS (SELECT FROM consultation_citation ci
            WHERE ci.citing_passage_id = w.id AND ci.cited_passage_id = o.id)
    ORDER BY 1
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consultation", "0028_adoption_holds"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="adoption",
            name="adoption_as_voted",
        ),
        migrations.RemoveConstraint(
            model_name="amendement",
            name="amendement_as_voted",
        ),
        migrations.AddField(
            model_name="adoption",
            name="members",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="conseillers en exercice"),
        ),
        migrations.AddField(
            model_name="amendement",
            name="kind",
            field=models.CharField(
                choices=[("modifie", "modifie l’orientation"), ("ajoute", "ajoute un article")],
                default="modifie",
                max_length=8,
                verbose_name="objet",
            ),
        ),
        migrations.AddField(
            model_name="passage",
            name="added_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="added",
                to="consultation.amendement",
                verbose_name="amendement qui l’a ajouté",
            ),
        ),
        migrations.AddConstraint(
            model_name="adoption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("adopted__isnull", True),
                    models.Q(("adopted", True), ("votes_for__gt", 0), ("votes_for__gte", F("votes_against"))),
                    models.Q(
                        ("adopted", False),
                        ("votes_for__lte", F("votes_against")),
                        models.Q(("votes_against__gt", 0), ("abstentions__gt", 0), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="adoption_as_voted",
                violation_error_message="Ces votes disent le contraire : adopté, il a plus de voix pour que contre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="adoption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("members__isnull", True),
                    models.Q(
                        ("deliberation_on__isnull", False),
                        (
                            "members__gte",
                            F("votes_for") + F("votes_against") + F("abstentions"),
                        ),
                    ),
                    _connector="OR",
                ),
                name="adoption_votes_of_members",
                violation_error_message="Il y a plus de voix que de conseillers en exercice.",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("votes_for__isnull", True),
                    models.Q(("state", "adopte"), ("votes_for__gt", 0), ("votes_for__gte", F("votes_against"))),
                    models.Q(
                        ("state", "rejete"),
                        ("votes_for__lte", F("votes_against")),
                        models.Q(("votes_against__gt", 0), ("abstentions__gt", 0), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="amendement_as_voted",
                violation_error_message="Ces votes disent le contraire de ce sort.",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
