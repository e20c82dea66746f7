-- The one way into ledger.record. One call, one statement of the client, one transaction.

CREATE TYPE ledger.entry AS (
    seq            bigint,
    event_id       uuid,
    type           text,
    command_id     uuid,
    command        text,
    command_digest bytea,
    actor_id       text,
    actor_role     text,
    actor_agency   text,
    actor_force    text,
    actor_rank     text,
    actor_for      text,
    occurred_at    timestamptz,
    submitted_at   timestamptz,
    reason         bytea,
    policy_version text,
    policy_digest  bytea,
    payload_digest bytea,
    previous       bytea,
    digest         bytea,
    payload        bytea,
    key_id         text
);
COMMENT ON TYPE ledger.entry IS 'A record on its way in. Never altered: another shape is another type and another function.';

-- Why an append added nothing: 'again', 'moved_on', 'forked' or 'gap'. Called after the insert met a record that is
-- committed, so what it reads (in one snapshot) is settled; streams only grow, so the answer stays true.
CREATE FUNCTION ledger.standing(
    to_stream text, expected bigint, entries ledger.entry[], OUT outcome text, OUT recorded timestamptz)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    given CONSTANT int := cardinality(entries);
    kept  bytea;
    same  int;
    met   int;
BEGIN
    IF expected > 0 THEN
        SELECT r.digest INTO kept FROM ledger.record r WHERE r.stream = to_stream AND r.seq = expected;
        IF NOT FOUND THEN
            outcome := 'gap';
            RETURN;
        ELSIF kept <> entries[1].previous THEN
            outcome := 'forked';
            RETURN;
        END IF;
    END IF;
    SELECT count(*), count(*) FILTER (WHERE e.event_id = r.event_id AND e.digest = r.digest), min(r.recorded_at)
      INTO met, same, recorded
      FROM ledger.record r JOIN unnest(entries) e ON e.seq = r.seq
     WHERE r.stream = to_stream AND r.seq > expected AND r.seq <= expected + given;
    IF met = 0 THEN
        RAISE EXCEPTION 'the record was not added, yet its place is free' USING ERRCODE = 'data_exception';
    END IF;
    -- The record after the last one tells whether this delivery of the command once made more events than now.
    IF same = given AND NOT EXISTS (
        SELECT FROM ledger.record r
         WHERE r.stream = to_stream AND r.seq = expected + given + 1
           AND r.command_id = entries[given].command_id AND r.submitted_at = entries[given].submitted_at) THEN
        outcome := 'again';
        RETURN;
    END IF;
    recorded := NULL;
    outcome := CASE WHEN EXISTS (
        SELECT FROM ledger.record r
         WHERE r.stream = to_stream AND r.seq = expected + 1
           AND r.command_id = entries[1].command_id AND r.submitted_at = entries[1].submitted_at)
        THEN 'forked' ELSE 'moved_on' END;
END
$$;
REVOKE ALL ON FUNCTION ledger.standing(text, bigint, ledger.entry[]) FROM PUBLIC;

-- Adds the records of one command after the record number `expected` (0 for none), all or nothing.
--
-- Two writers of one place meet at the primary key: the second waits for the first and then adds nothing. Only the
-- first of the records can meet another writer's, for nobody can follow a record that is not there. So once it is
-- in, the rest go in, and neither a lock nor a subtransaction is needed.
CREATE FUNCTION ledger.append(
    to_stream text, expected bigint, entries ledger.entry[], OUT outcome text, OUT recorded timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    given CONSTANT int := cardinality(entries);
BEGIN
    FOR place IN 1 .. given LOOP
        IF entries[place].seq IS DISTINCT FROM expected + place
            OR (place > 1 AND entries[place].previous IS DISTINCT FROM entries[place - 1].digest) THEN
            RAISE EXCEPTION 'the records do not follow each other' USING ERRCODE = 'data_exception';
        END IF;
    END LOOP;
    recorded := clock_timestamp();
    INSERT INTO ledger.record (
        seq, event_id, type, command_id, command, command_digest, actor_id, actor_role, actor_agency, actor_force,
        actor_rank, actor_for, occurred_at, submitted_at, reason, policy_version, policy_digest, payload_digest,
        previous, digest, payload, key_id, stream, recorded_at)
    SELECT e.*, to_stream, recorded
      FROM unnest(entries[1:1]) e
     WHERE expected = 0
        OR e.previous = (SELECT r.digest FROM ledger.record r WHERE r.stream = to_stream AND r.seq = expected)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        SELECT s.outcome, s.recorded INTO outcome, recorded FROM ledger.standing(to_stream, expected, entries) s;
        RETURN;
    END IF;
    IF given > 1 THEN
        INSERT INTO ledger.record (
            seq, event_id, type, command_id, command, command_digest, actor_id, actor_role, actor_agency, actor_force,
            actor_rank, actor_for, occurred_at, submitted_at, reason, policy_version, policy_digest, payload_digest,
            previous, digest, payload, key_id, stream, recorded_at)
        SELECT e.*, to_stream, recorded FROM unnest(entries[2:]) e;
    END IF;
    outcome := 'appended';
END
$$;
REVOKE ALL ON FUNCTION ledger.append(text, bigint, ledger.entry[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append(text, bigint, ledger.entry[]) TO nom_worker;
