"""What must never be false of textes, whoever writes.

`texte_version_whole`: no definitive version while a contribution lacks its answer or waits to be moderated, or a
passage lacks a source; what it counts, the database counts. Who publishes a texte holds the contributions of its
démarche meanwhile: what changes which of them are public shares that lock (`contribution_held`), and waits.
`texte_version_stays`, `passage_published_stays`, `citation_published_stays`, `reponse_published_stays`: what was
published is neither rewritten nor deleted; a quote alone may go blank. Who writes on a version shares its row.
`texte_keeps_its_place`: the current version is the last one published; nobody moves it by hand.
`citation_holds`: a citation stays in its démarche, quotes the very words, takes from textes that were public before
its own, and nothing comes back into itself.
`quote_follows_words`: words that were masked, or withdrawn by their author, are quoted nowhere any more.
"""

from django.db import migrations

# 20110627 and 20110628 are families of advisory locks: the contributions of a démarche, what its productions cite.
FORWARD = """
CREATE FUNCTION consultation_hold_contributions(of_demarche bigint) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(20110627, of_demarche::integer)
$$;

CREATE FUNCTION consultation_contribution_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(20110627, NEW.demarche_id::integer);
    RETURN NEW;
END $$;

CREATE TRIGGER contribution_held BEFORE UPDATE OF state, nature, parent_id, submitted_at, demarche_id
    ON consultation_contribution FOR EACH ROW
    WHEN ((OLD.state, OLD.nature, OLD.parent_id, OLD.submitted_at, OLD.demarche_id) IS DISTINCT FROM
        (NEW.state, NEW.nature, NEW.parent_id, NEW.submitted_at, NEW.demarche_id))
    EXECUTE FUNCTION consultation_contribution_held();

CREATE FUNCTION consultation_contributions_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(20110627, demarche_id::integer)
        FROM (SELECT DISTINCT demarche_id FROM added WHERE state IN ('publiee', 'en_attente') ORDER BY 1) said;
    RETURN NULL;
END $$;

CREATE TRIGGER contributions_held AFTER INSERT ON consultation_contribution
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION consultation_contributions_held();

CREATE FUNCTION consultation_texte_refused(why text, constraint_is text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', why USING ERRCODE = 'check_violation', CONSTRAINT = constraint_is;
END $$;

CREATE FUNCTION consultation_texte_version_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_texte consultation_texte;
    found integer;
    references_are text;
    missing text[] := '{}';
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'brouillon' THEN
            PERFORM consultation_texte_refused('Une version naît brouillon.', 'texte_version_whole');
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state <> 'brouillon' THEN
        IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'authors_told_at' = to_jsonb(OLD) - 'authors_told_at' THEN
            RETURN NEW;
        END IF;
        PERFORM consultation_texte_refused(
            format('La version %s du texte %s est publiée : elle reste telle quelle.', OLD.number, OLD.texte_id),
            'texte_version_stays');
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.state = 'brouillon' THEN
        RETURN NEW;
    END IF;
    -- It is being published: from here on, what is counted does not move until the end of the transaction.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM consultation_texte_refused(
            'Un texte se publie dans une transaction « read committed » : une autre compterait ce qui était là avant.',
            'texte_version_whole');
    END IF;
    IF (NEW.texte_id, NEW.number, NEW.received_before) IS DISTINCT FROM
        (OLD.texte_id, OLD.number, OLD.received_before) THEN
        PERFORM consultation_texte_refused('Publier une version n’y change rien.', 'texte_version_whole');
    END IF;
    SELECT * INTO of_texte FROM consultation_texte WHERE id = NEW.texte_id FOR NO KEY UPDATE;
    PERFORM consultation_hold_contributions(of_texte.demarche_id);
    NEW.figures := consultation_texte_figures(NEW.id);
    NEW.counted_at := clock_timestamp();
    IF (NEW.figures ->> 'passages')::integer = 0 THEN
        missing := missing || 'il n’a aucun passage'::text;
    END IF;
    SELECT count(*), string_agg(DISTINCT number::text, ', ') INTO found, references_are
        FROM consultation_lost_quotes(NEW.id);
    IF found > 0 THEN
        missing := missing || format('des mots cités ne sont plus dans leur contribution (passages %s)', references_are);
    END IF;
    IF of_texte.kind NOT IN ('politique', 'bilan') AND
        (NEW.received_before IS NULL OR NEW.received_before > clock_timestamp()) THEN
        missing := missing || 'il n’est pas arrêté : les contributions qu’il traite arrivent encore'::text;
    END IF;
    IF NEW.state = 'provisoire' AND EXISTS (
        SELECT FROM consultation_texteversion WHERE texte_id = NEW.texte_id AND state = 'definitive'
    ) THEN
        missing := missing || 'une version définitive a paru : la suivante l’est aussi'::text;
    END IF;
    IF NEW.state = 'definitive' THEN
        found := (NEW.figures ->> 'reste')::integer;
        IF found > 0 THEN
            SELECT string_agg(reference, ', ') INTO references_are FROM (
                SELECT d.code || '-' || s.contribution_id AS reference FROM consultation_treatments(NEW.id) s,
                    consultation_demarche d
                WHERE d.id = of_texte.demarche_id AND s.outcome = 'reste' ORDER BY s.contribution_id LIMIT 10) owed;
            missing := missing || format('%s contributions n’ont pas de réponse (%s%s)', found, references_are,
                CASE WHEN found > 10 THEN '…' ELSE '' END);
        END IF;
        found := (NEW.figures ->> 'en_attente')::integer;
        IF found > 0 AND of_texte.kind NOT IN ('politique', 'bilan') THEN
            missing := missing || format('%s contributions attendent d’être modérées', found);
        END IF;
        SELECT count(*), string_agg(number::text, ', ' ORDER BY number) INTO found, references_are
            FROM consultation_bare_passages(NEW.id);
        IF found > 0 THEN
            missing := missing || format('des passages n’ont pas de source qu’on puisse lire (%s)', references_are);
        END IF;
    END IF;
    IF missing <> '{}' THEN
        PERFORM consultation_texte_refused(
            'Le texte ne peut pas paraître : ' || array_to_string(missing, ' ; ') || '.', 'texte_version_whole');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER texte_version_guard BEFORE INSERT OR UPDATE OR DELETE ON consultation_texteversion
    FOR EACH ROW EXECUTE FUNCTION consultation_texte_version_guard();

CREATE FUNCTION consultation_texte_version_current() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE consultation_texte
        SET current_id = NEW.id, first_published_at = coalesce(first_published_at, NEW.published_at)
        WHERE id = NEW.texte_id;
    RETURN NULL;
END $$;

CREATE TRIGGER texte_version_current AFTER UPDATE OF state ON consultation_texteversion FOR EACH ROW
    WHEN (OLD.state = 'brouillon' AND NEW.state <> 'brouillon') EXECUTE FUNCTION consultation_texte_version_current();

CREATE FUNCTION consultation_texte_keeps_its_place() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_one record;
BEGIN
    SELECT id, min(published_at) OVER () AS first_published_at INTO last_one FROM consultation_texteversion
        WHERE texte_id = NEW.id AND state <> 'brouillon' ORDER BY number DESC LIMIT 1;
    IF NEW.current_id IS DISTINCT FROM last_one.id
        OR NEW.first_published_at IS DISTINCT FROM last_one.first_published_at
        OR (TG_OP = 'UPDATE' AND last_one.id IS NOT NULL AND
            (NEW.demarche_id, NEW.kind) IS DISTINCT FROM (OLD.demarche_id, OLD.kind)) THEN
        PERFORM consultation_texte_refused(
            format('Le texte %s garde sa place et sa dernière version publiée.', NEW.id), 'texte_keeps_its_place');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER texte_keeps_its_place BEFORE INSERT OR UPDATE OF current_id, first_published_at, demarche_id, kind
    ON consultation_texte FOR EACH ROW EXECUTE FUNCTION consultation_texte_keeps_its_place();

CREATE FUNCTION consultation_refuse_published(of_version bigint, constraint_is text) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM consultation_texteversion WHERE id = of_version FOR SHARE;
    IF EXISTS (SELECT FROM consultation_texteversion WHERE id = of_version AND state <> 'brouillon') THEN
        PERFORM consultation_texte_refused('Cette version est publiée : elle reste telle quelle.', constraint_is);
    END IF;
END $$;

CREATE FUNCTION consultation_passage_published_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM consultation_refuse_published(OLD.version_id, 'passage_published_stays');
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM consultation_refuse_published(NEW.version_id, 'passage_published_stays');
        RETURN NEW;
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER passage_published_stays BEFORE INSERT OR UPDATE OR DELETE ON consultation_passage
    FOR EACH ROW EXECUTE FUNCTION consultation_passage_published_stays();

-- Of a row that hangs on a passage: its column is the first argument, the constraint the second.
CREATE FUNCTION consultation_on_passage_published_stays() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off AS $$
DECLARE
    of_passage bigint;
BEGIN
    IF TG_TABLE_NAME = 'consultation_citation' AND TG_OP = 'UPDATE' AND to_jsonb(NEW) ->> 'quote' = ''
        AND to_jsonb(NEW) - 'quote' = to_jsonb(OLD) - 'quote' THEN
        RETURN NEW;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        of_passage := (to_jsonb(OLD) ->> TG_ARGV[0])::bigint;
        PERFORM consultation_refuse_published(version_id, TG_ARGV[1]) FROM consultation_passage WHERE id = of_passage;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        of_passage := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
        PERFORM consultation_refuse_published(version_id, TG_ARGV[1]) FROM consultation_passage WHERE id = of_passage;
        RETURN NEW;
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER citation_published_stays BEFORE INSERT OR UPDATE OR DELETE ON consultation_citation
    FOR EACH ROW EXECUTE FUNCTION consultation_on_passage_published_stays(
        'citing_passage_id', 'citation_published_stays');
CREATE TRIGGER passage_themes_published_stay BEFORE INSERT OR UPDATE OR DELETE ON consultation_passage_themes
    FOR EACH ROW EXECUTE FUNCTION consultation_on_passage_published_stays('passage_id', 'passage_published_stays');

CREATE FUNCTION consultation_reponse_published_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_texte bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.texte_id ELSE NEW.texte_id END;
    writing integer;
BEGIN
    SELECT number INTO writing FROM consultation_texteversion WHERE texte_id = of_texte AND state = 'brouillon' FOR SHARE;
    IF TG_OP = 'DELETE' AND (writing = OLD.since OR NOT EXISTS (SELECT FROM consultation_texte WHERE id = of_texte)) THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'INSERT' AND NEW.since = writing AND NEW.until IS NULL THEN
        IF NOT EXISTS (
            SELECT FROM consultation_contribution c JOIN consultation_texte t ON t.demarche_id = c.demarche_id
            WHERE c.id = NEW.contribution_id AND t.id = of_texte AND c.state = 'publiee'
        ) THEN
            PERFORM consultation_texte_refused(
                'Un texte répond aux contributions publiées de sa démarche.', 'reponse_of_its_demarche');
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF writing = OLD.since AND (NEW.texte_id, NEW.contribution_id, NEW.since) =
            (OLD.texte_id, OLD.contribution_id, OLD.since) AND NEW.until IS NULL THEN
            RETURN NEW;
        END IF;
        IF to_jsonb(NEW) - 'until' = to_jsonb(OLD) - 'until' AND writing > OLD.since
            AND coalesce(OLD.until, writing) = writing AND coalesce(NEW.until, writing) = writing THEN
            RETURN NEW;
        END IF;
    END IF;
    PERFORM consultation_texte_refused(
        'Cette réponse est publiée, ou le texte n’est pas en cours d’écriture : elle reste telle quelle.',
        'reponse_published_stays');
    RETURN NULL;
END $$;

CREATE TRIGGER reponse_published_stays BEFORE INSERT OR UPDATE OR DELETE ON consultation_reponse
    FOR EACH ROW EXECUTE FUNCTION consultation_reponse_published_stays();

-- Its plans are kept from the first row of a long copy on, when the table was small: they follow the indexes.
CREATE FUNCTION consultation_citation_holds() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    mine record;
    theirs record;
BEGIN
    IF num_nonnulls(NEW.citing_id, NEW.citing_passage_id) <> 1 OR num_nonnulls(NEW.cited_id, NEW.cited_passage_id) <> 1
    THEN
        RETURN NEW;  -- the constraints of the table say why not
    END IF;
    IF NEW.citing_id IS NOT NULL THEN
        SELECT c.demarche_id, NULL::bigint AS texte_id, NULL::timestamptz AS at INTO mine
            FROM consultation_contribution c WHERE c.id = NEW.citing_id;
    ELSE
        SELECT t.demarche_id, t.id AS texte_id, t.first_published_at AS at INTO mine FROM consultation_passage p
            JOIN consultation_texteversion v ON v.id = p.version_id JOIN consultation_texte t ON t.id = v.texte_id
            WHERE p.id = NEW.citing_passage_id;
    END IF;
    IF NEW.cited_id IS NOT NULL THEN
        SELECT c.demarche_id, c.state, c.title, c.body AS text, NULL::bigint AS texte_id, NULL::timestamptz AS at
            INTO theirs FROM consultation_contribution c WHERE c.id = NEW.cited_id;
    ELSE
        SELECT t.demarche_id, CASE v.state WHEN 'brouillon' THEN v.state ELSE 'publiee' END AS state, p.title, p.text,
            t.id AS texte_id, t.first_published_at AS at INTO theirs FROM consultation_passage p
            JOIN consultation_texteversion v ON v.id = p.version_id JOIN consultation_texte t ON t.id = v.texte_id
            WHERE p.id = NEW.cited_passage_id;
    END IF;
    IF mine.demarche_id IS DISTINCT FROM theirs.demarche_id THEN
        PERFORM consultation_texte_refused('On cite ce qui est de la même démarche.', 'citation_of_its_demarche');
    END IF;
    IF NEW.quote <> '' AND (theirs.state <> 'publiee'
        OR (position(NEW.quote IN theirs.title) = 0 AND position(NEW.quote IN theirs.text) = 0)) THEN
        PERFORM consultation_texte_refused(
            'Les mots cités ne sont pas, à la lettre, dans ce qui est cité.', 'citation_quotes_exactly');
    END IF;
    IF NEW.cited_passage_id IS NOT NULL AND (theirs.state <> 'publiee' OR theirs.texte_id = mine.texte_id
        OR (mine.at IS NOT NULL AND theirs.at >= mine.at)) THEN
        PERFORM consultation_texte_refused('On cite un texte paru avant celui-ci.', 'citation_earlier_texte');
    END IF;
    IF NEW.citing_id IS NOT NULL THEN
        -- What a production comes from counts for the texte that cites the production.
        PERFORM pg_advisory_xact_lock_shared(20110627, mine.demarche_id::integer);
    END IF;
    IF NEW.cited_passage_id IS NULL AND NOT EXISTS (SELECT FROM consultation_citation WHERE citing_id = NEW.cited_id) THEN
        RETURN NEW;
    END IF;
    -- Two that would close a circle together wait for each other.
    PERFORM pg_advisory_xact_lock(20110628, mine.demarche_id::integer);
    IF EXISTS (
        WITH RECURSIVE down(contribution_id, passage_id) AS (
            SELECT NEW.cited_id, NEW.cited_passage_id
            UNION
            SELECT ci.cited_id, ci.cited_passage_id FROM down JOIN consultation_citation ci
                ON ci.citing_id = down.contribution_id OR ci.citing_passage_id = down.passage_id
            WHERE ci.id IS DISTINCT FROM NEW.id
        )
        SELECT FROM down
        LEFT JOIN consultation_passage p ON p.id = down.passage_id
        LEFT JOIN consultation_texteversion v ON v.id = p.version_id
        WHERE down.contribution_id = NEW.citing_id OR v.texte_id = mine.texte_id
    ) THEN
        PERFORM consultation_texte_refused('Cette citation reviendrait sur elle-même.', 'citation_no_circle');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER citation_holds BEFORE INSERT OR UPDATE OF citing_id, citing_passage_id, cited_id, cited_passage_id, quote
    ON consultation_citation FOR EACH ROW EXECUTE FUNCTION consultation_citation_holds();

CREATE FUNCTION consultation_production_citation_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(20110627, demarche_id::integer)
        FROM consultation_contribution WHERE id = OLD.citing_id;
    RETURN OLD;
END $$;

CREATE TRIGGER production_citation_held BEFORE DELETE ON consultation_citation FOR EACH ROW
    WHEN (OLD.citing_id IS NOT NULL) EXECUTE FUNCTION consultation_production_citation_held();

CREATE FUNCTION consultation_quote_follows_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE consultation_citation SET quote = ''
        WHERE cited_id = NEW.id AND quote <> '' AND (NEW.state = 'retiree'
            OR (position(quote IN NEW.title) = 0 AND position(quote IN NEW.body) = 0));
    RETURN NULL;
END $$;

CREATE TRIGGER quote_follows_words AFTER UPDATE OF state, title, body, masked_at, withdrawn_by
    ON consultation_contribution FOR EACH ROW
    WHEN ((NEW.state = 'retiree' AND NEW.withdrawn_by = 'auteur') OR NEW.masked_at IS NOT NULL)
    EXECUTE FUNCTION consultation_quote_follows_words();
"""

BACKWARD = """
DROP TRIGGER quote_follows_words ON consultation_contribution;
DROP FUNCTION consultation_quote_follows_words();
DROP TRIGGER production_citation_held ON consultation_citation;
DROP FUNCTION consultation_production_citation_held();
DROP TRIGGER citation_holds ON consultation_citation;
DROP FUNCTION consultation_citation_holds();
DROP TRIGGER reponse_published_stays ON consultation_reponse;
DROP FUNCTION consultation_reponse_published_stays();
DROP TRIGGER passage_themes_published_stay ON consultation_passage_themes;
DROP TRIGGER citation_published_stays ON consultation_citation;
DROP FUNCTION consultation_on_passage_published_stays();
DROP TRIGGER passage_published_stays ON consultation_passage;
DROP FUNCTION consultation_passage_published_stays();
DROP FUNCTION consultation_refuse_published(bigint, text);
DROP TRIGGER texte_keeps_its_place ON consultation_texte;
DROP FUNCTION consultation_texte_keeps_its_place();
DROP TRIGGER texte_version_current ON consultation_texteversion;
DROP FUNCTION consultation_texte_version_current();
DROP TRIGGER texte_version_guard ON consultation_texteversion;
DROP FUNCTION consultation_texte_version_guard();
DROP FUNCTION consultation_texte_refused(text, text);
DROP TRIGGER contributions_held ON consultation_contribution;
DROP FUNCTION consultation_contributions_held();
DROP TRIGGER contribution_held ON consultation_contribution;
DROP FUNCTION consultation_contribution_held();
DROP FUNCTION consultation_hold_contributions(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("consultation", "0023_textes_coverage")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
