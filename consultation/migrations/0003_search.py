"""Full text in French that forgives accents: functions, a stored generated column and its index (design §8).

The column is not a field of the model: Django would fetch it with every row. Where a function calls another of
ours its body is an SQL-standard one (RETURN), bound when it is created: a restored copy needs no search_path.

A word is kept under two spellings at one position: its French stem, folded (« participées » → particip), and the
stem of its folded spelling (what somebody who types no accent writes). The text form of a tsvector is folded and
read again: the server merges the words that become the same, and their positions.

The indexes that follow are those of the public list's filters; they too hold published rows only.
"""

from django.db import migrations

FORWARD = r"""
CREATE FUNCTION participons_fold(value text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    folded text := replace(replace(regexp_replace(lower(value), '[\u2019\u02bc]', '''', 'g'), 'œ', 'oe'), 'æ', 'ae');
BEGIN
    -- Decomposing and composing are what costs: most words need neither, once their accents are off.
    IF octet_length(folded) > length(folded) THEN
        folded := regexp_replace(normalize(folded, NFD), '[\u0300-\u036f]', '', 'g');
        IF octet_length(folded) > length(folded) THEN
            folded := normalize(folded, NFC);
        END IF;
    END IF;
    RETURN folded;
END $$;
COMMENT ON FUNCTION participons_fold(text) IS 'socle.text.fold, in SQL: a test holds them together.';

-- What separates words is said here, not by the locale: under LC_CTYPE=C a guillemet would belong to its word.
-- Very long texts in scripts of three or four bytes are cut, for a vector may not pass one megabyte.
CREATE FUNCTION participons_words(value text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    words text := CASE WHEN octet_length(value) > 200000 THEN "left"(value, 50000) ELSE value END;
BEGIN
    IF octet_length(words) = length(words) THEN
        RETURN words;
    END IF;
    IF words IS NOT NFC NORMALIZED THEN
        words := normalize(words, NFC);
    END IF;
    words := regexp_replace(words, '[\u2019\u02bc]', '''', 'g');
    words := regexp_replace(words, '[\u2010\u2011]', '-', 'g');
    words := regexp_replace(words, '[\u00ad\u2060]', '', 'g');
    RETURN regexp_replace(
        words,
        '[\u0080-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u2000-\u2bff\u2e00-\u2e7f\u3000-\u303f\ufe00-\ufe0f\U0001f000-\U0001faff]',
        ' ', 'g'
    );
END $$;

-- The text form of a vector or of a query, folded. The French stemmer leaves the plurals in -as, -is, -os, -us, -eux
-- and -oux as they are (élus, vélos, enjeux): here they join their singular.
CREATE FUNCTION participons_lexemes(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(
        participons_fold(value), '([a-z]{2}[aiou])s''|([a-z][aeo]u)x''', '\1\2''', 'g'
    );

CREATE FUNCTION participons_vector_of_words(words text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (
        participons_lexemes(to_tsvector('pg_catalog.french'::regconfig, words)::text)
        || ' '
        || participons_lexemes(to_tsvector('pg_catalog.french'::regconfig, participons_fold(words))::text)
    )::tsvector;

CREATE FUNCTION participons_vector(value text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN participons_vector_of_words(participons_words(value));

-- One word, or the words between two quotes; empty for stop words.
CREATE FUNCTION participons_term(value text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN participons_lexemes(
        phraseto_tsquery('pg_catalog.french'::regconfig, participons_words(value))::text
    )::tsquery;

ALTER TABLE consultation_contribution ADD COLUMN search tsvector
    GENERATED ALWAYS AS (setweight(participons_vector(title), 'A') || participons_vector(body)) STORED;

-- No pending list: rows enter it one publication at a time, and a search must not pay for the last writers.
CREATE INDEX contribution_search ON consultation_contribution USING gin (search) WITH (fastupdate = off)
    WHERE state = 'publiee';

CREATE INDEX contribution_origine_list ON consultation_contribution (demarche_id, origine, published_at DESC, id DESC)
    WHERE state = 'publiee';
CREATE INDEX contribution_nature_list ON consultation_contribution (demarche_id, nature, published_at DESC, id DESC)
    WHERE state = 'publiee';
CREATE INDEX contribution_college_list ON consultation_contribution (college_id, published_at DESC, id DESC)
    WHERE state = 'publiee';
"""

BACKWARD = """
DROP INDEX contribution_college_list;
DROP INDEX contribution_nature_list;
DROP INDEX contribution_origine_list;
ALTER TABLE consultation_contribution DROP COLUMN search;
DROP FUNCTION participons_term(text);
DROP FUNCTION participons_vector(text);
DROP FUNCTION participons_vector_of_words(text);
DROP FUNCTION participons_lexemes(text);
DROP FUNCTION participons_words(text);
DROP FUNCTION participons_fold(text);
"""


class Migration(migrations.Migration):
    dependencies = [("consultation", "0002_places")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
