"""A large démarche made on the server itself: a million contributions in a few minutes, the same ones for one seed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from consultation.choices import DemarcheState, Level, RencontreKind, RencontreState
from consultation.etapes import EtapeType
from consultation.models import Cadre, College, Contribution, Demarche, Enjeu, Etape, Rencontre, Theme
from consultation.volume import words
from socle.dates import Precision

POOL = 4000  # sentences and titles that are recombined
BATCH = 50_000
PER_RENCONTRE = 2000  # inscriptions, at most

# Repeatable, and as good as random: the place of k for row i. u() gives [0, 1).
RANDOM = """
CREATE FUNCTION pg_temp.h(i bigint, k bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
    RETURN hashint8extended(i, k) & 9223372036854775807;
CREATE FUNCTION pg_temp.u(i bigint, k bigint) RETURNS float8 LANGUAGE sql IMMUTABLE
    RETURN (hashint8extended(i, k) & 1073741823) / 1073741824.0;
"""

CONTRIBUTIONS = """
INSERT INTO consultation_contribution (
    demarche_id, theme_id, nature, stance, title, body, display, author_name, speaks_as, organisation, function,
    college_id, commune_name, personne_id, origine, place_label, state, submitted_at, published_at, submission_key,
    import_source, import_key, example
)
SELECT %(demarche)s,
    (%(themes)s::bigint[])[1 + floor(power(pg_temp.u(i, s + 1), 1.6) * (cardinality(%(themes)s::bigint[]) + 1))::int],
    (ARRAY['proposition', 'reflexion', 'temoignage', 'question'])[1 + floor(power(pg_temp.u(i, s + 2), 1.8) * 4)::int],
    '', t.text || ' à ' || p.place,
    text.body || E'\\n\\n' || 'Par exemple à ' || p.place || '.',
    CASE WHEN pg_temp.u(i, s + 3) < 0.3 THEN 'nom' ELSE 'anonyme' END,
    CASE WHEN pg_temp.u(i, s + 3) < 0.3 THEN 'Camille ' || p.place ELSE '' END,
    'personnel', '', '',
    (%(colleges)s::bigint[])[1 + floor(power(pg_temp.u(i, s + 4), 2) * cardinality(%(colleges)s::bigint[]))::int],
    p.place,
    CASE WHEN pg_temp.u(i, s + 5) < 0.6
        THEN (%(people)s::bigint[])[1 + pg_temp.h(i, s + 5) %% greatest(cardinality(%(people)s::bigint[]), 1)] END,
    (ARRAY['en_ligne', 'papier', 'seance', 'forum', 'import'])[1 + floor(power(pg_temp.u(i, s + 6), 4) * 5)::int],
    '', st.state, at.moment - interval '1 day', CASE WHEN st.state = 'publiee' THEN at.moment END,
    md5(%(code)s || i)::uuid, '', '', true
FROM (SELECT %(seed)s::bigint AS s) seed
    CROSS JOIN generate_series(%(first)s::bigint, %(last)s::bigint) i
    CROSS JOIN LATERAL (SELECT
        (%(starts)s::text[])[1 + floor(power(pg_temp.u(i, s + 11), 2) * cardinality(%(starts)s::text[]))::int]
        || (%(middles)s::text[])[1 + floor(power(pg_temp.u(i, s + 12), 2) * cardinality(%(middles)s::text[]))::int]
        || (%(ends)s::text[])[1 + floor(power(pg_temp.u(i, s + 13), 2) * cardinality(%(ends)s::text[]))::int] AS place
    ) p
    CROSS JOIN LATERAL (SELECT CASE WHEN pg_temp.u(i, s + 7) < 0.94 THEN 'publiee'
        WHEN pg_temp.u(i, s + 7) < 0.98 THEN 'en_attente' ELSE 'a_confirmer' END AS state) st
    CROSS JOIN LATERAL (SELECT %(now)s::timestamptz
        - interval '200 days' * (%(count)s - i + pg_temp.u(i, s + 8)) / %(count)s AS moment) at
    JOIN volume_title t ON t.n = floor(power(pg_temp.u(i, s + 9), 2) * %(pool)s)::int
    CROSS JOIN LATERAL (
        SELECT string_agg(v.text, ' ' ORDER BY k) AS body
        FROM generate_series(1, 2 + floor(power(pg_temp.u(i, s + 10), 3) * 8)::int) k
        JOIN volume_sentence v ON v.n = floor(power(pg_temp.u(i, s + 20 + k), 1.5) * %(pool)s)::int
    ) text
ORDER BY i
"""

ENJEUX = """
INSERT INTO consultation_contribution_enjeux (contribution_id, enjeu_id)
SELECT c.id, (%(enjeux)s::bigint[])[1 + (pg_temp.h(c.id, %(seed)s + k) %% 2) + 2 * (k - 1)]
FROM consultation_contribution c CROSS JOIN generate_series(1, 2) k
WHERE c.demarche_id = %(demarche)s AND pg_temp.u(c.id, %(seed)s + k) < 0.5
"""

PEOPLE = """
INSERT INTO comptes_personne (email, confirmed_at, created_at)
SELECT %(slug)s || '-' || i || '@exemple.invalid', %(now)s, %(now)s FROM generate_series(1, %(people_count)s) i
RETURNING id
"""

# Person n of one meeting is person n + 1 of the next: never twice the same at one meeting.
INSCRIPTIONS = """
INSERT INTO consultation_inscription (rencontre_id, personne_id, state, sur_place, created_at)
SELECT (%(meetings)s::bigint[])[1 + (i - 1) / %(per)s],
    (%(people)s::bigint[])[1 + (pg_temp.h((i - 1) / %(per)s, %(seed)s) %% cardinality(%(people)s::bigint[])
        + (i - 1) %% %(per)s) %% cardinality(%(people)s::bigint[])],
    'confirmee', false, %(now)s
FROM generate_series(1, %(inscriptions)s) i
"""

REMOVE = """
DELETE FROM consultation_contribution_enjeux USING consultation_contribution c
    WHERE contribution_id = c.id AND c.demarche_id = %(pk)s;
DELETE FROM consultation_decision USING consultation_contribution c
    WHERE contribution_id = c.id AND c.demarche_id = %(pk)s;
DELETE FROM consultation_repeated WHERE demarche_id = %(pk)s;
DELETE FROM consultation_contribution WHERE demarche_id = %(pk)s;
DELETE FROM consultation_inscription USING consultation_rencontre r
    WHERE rencontre_id = r.id AND r.demarche_id = %(pk)s;
DELETE FROM comptes_personne WHERE email LIKE %(people)s;
"""

# The index is made again at once: fed row by row, it would take most of the time.
GIN_DROP = "DROP INDEX contribution_search"
GIN_MAKE = (
    "CREATE INDEX contribution_search ON consultation_contribution USING gin (search)"
    " WITH (fastupdate = off) WHERE state = 'publiee'"
)

type Tell = Callable[[str], object]


def slug_of(contributions: int) -> str:
    return f"volume-{contributions}"


@transaction.atomic
def build(contributions: int, *, people: int = 0, inscriptions: int = 0, seed: int = 1, tell: Tell = print) -> Demarche:
    """The démarche « volume-N », whole or not at all; IntegrityError where it exists already."""
    demarche = _demarche(contributions)
    params = _params(demarche, contributions, people, inscriptions, seed)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'; SET LOCAL synchronous_commit = off")
        # Foreign keys are checked statement by statement: checks left for the end would forbid making an index.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(RANDOM)
        _pools(cursor, seed)
        cursor.execute(PEOPLE, params)
        params["people"] = [row[0] for row in cursor]
        _contributions(cursor, params, contributions, tell)
        cursor.execute(ENJEUX, params)
        if inscriptions:
            cursor.execute(INSCRIPTIONS, params)
        cursor.execute("DROP FUNCTION pg_temp.h(bigint, bigint), pg_temp.u(bigint, bigint)")
        cursor.execute("DROP TABLE volume_title, volume_sentence")
    return demarche


def analyze() -> None:
    """The planner's figures, and the visibility map that lets an index answer alone; outside of a transaction."""
    with connection.cursor() as cursor:
        for model in (Contribution, Contribution.enjeux.through, Rencontre):
            cursor.execute(f"VACUUM (ANALYZE) {model._meta.db_table}")


@transaction.atomic
def remove(demarche: Demarche) -> None:
    """Everything of a volume démarche, its people included."""
    with connection.cursor() as cursor:
        cursor.execute(REMOVE, {"pk": demarche.pk, "people": f"{demarche.slug}-%@exemple.invalid"})
    demarche.delete()


def _demarche(contributions: int) -> Demarche:
    demarche = Demarche.objects.create(
        title=f"Démarche de mesure ({contributions} contributions)",
        slug=slug_of(contributions),
        code=f"V{contributions:X}",
        owner="Une Région d’essai",
        state=DemarcheState.PUBLISHED,
        contributions_open_at=timezone.now(),
    )
    today = timezone.localdate()
    said = "Démarche d’essai, faite pour mesurer le portail."
    frame = dict.fromkeys(Cadre.NEEDED, said) | {"level": Level.CONSULTATION}
    Cadre.objects.create(demarche=demarche, published_on=today, **frame)
    Etape.objects.create(
        demarche=demarche, rank=1, type=EtapeType.ATELIERS, title="Les ateliers", starts_on=today, ends_on=today
    )
    under: tuple[tuple[Any, str, list[str]], ...] = (
        (Theme, "question", words.titles(Random(1), 7)),  # noqa: S311 nothing here is a secret
        (Enjeu, "short_title", ["Ouvrir", "Associer", "Décider", "Rendre compte"]),
        (College, "label", ["Habitant", "Association", "Élu", "Lycée", "Entreprise", "Technicien de collectivité"]),
    )
    for model, name, labels in under:
        model.objects.bulk_create(
            model(demarche=demarche, rank=rank, **{name: label}) for rank, label in enumerate(labels, 1)
        )
    return demarche


def _params(demarche: Demarche, contributions: int, people: int, inscriptions: int, seed: int) -> dict[str, Any]:
    now = timezone.now()
    per = max(1, min(PER_RENCONTRE, people))
    meetings = Rencontre.objects.bulk_create(
        Rencontre(
            demarche=demarche, kind=RencontreKind.REUNION, title=f"Réunion publique {n}", starts_at=now,
            precision=Precision.DAY, state=RencontreState.PUBLISHED, example=True,
        )
        for n in range(1, 1 + -(-inscriptions // per))
    )  # fmt: skip
    starts, middles, ends = words.syllables()
    return {
        "demarche": demarche.pk, "slug": demarche.slug, "code": demarche.code, "count": contributions,
        "seed": seed * 1000, "now": now, "pool": POOL, "people_count": people, "inscriptions": inscriptions, "per": per,
        "themes": list(demarche.themes.values_list("pk", flat=True)),
        "colleges": list(demarche.colleges.values_list("pk", flat=True)),
        "enjeux": list(demarche.enjeux.values_list("pk", flat=True)),
        "meetings": [meeting.pk for meeting in meetings],
        "starts": starts, "middles": middles, "ends": ends,
    }  # fmt: skip


def _pools(cursor: Any, seed: int) -> None:
    random = Random(seed)  # noqa: S311
    for table, texts in (
        ("volume_title", words.titles(random, POOL)),
        ("volume_sentence", words.sentences(random, POOL)),
    ):
        cursor.execute(f"CREATE TEMPORARY TABLE {table} (n integer PRIMARY KEY, text text)")
        sql = f"INSERT INTO {table} SELECT n - 1, t FROM unnest(%s::text[]) WITH ORDINALITY u(t, n)"  # noqa: S608
        cursor.execute(sql, [texts])


def _contributions(cursor: Any, params: dict[str, Any], count: int, tell: Tell) -> None:
    if large := count >= BATCH:
        cursor.execute(GIN_DROP)
    for first in range(1, count + 1, BATCH):
        last = min(first + BATCH - 1, count)
        cursor.execute(CONTRIBUTIONS, params | {"first": first, "last": last})
        if large:
            tell(f"{last} / {count}")
    if large:
        cursor.execute(GIN_MAKE)
