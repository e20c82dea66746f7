-- What was asked stands in the ledger too, beside the first record of what came of it: with it, every decision can be taken
-- again from the ledger alone, years after the engine has forgotten its history.

ALTER TABLE ledger.record
    -- The bytes that `command_digest` is over: the command with everything but `submitted_at`, in canonical JSON. Null in
    -- the command's later records, and in what an older version wrote.
    ADD COLUMN asked bytea,
    ADD CONSTRAINT record_asked CHECK (asked IS NULL OR key_id IS NOT NULL OR sha256(asked) = command_digest);

-- As the append of 0002, and keeps what was asked beside the first of the command's records.
--
-- Two writers of one place meet at the primary key: the second waits for the first and then adds nothing. Only the
-- first of the records can meet another writer's, for nobody can follow a record that is not there. So once it is
-- in, the rest go in, and neither a lock nor a subtransaction is needed.
CREATE FUNCTION ledger.append(
    to_stream text, expected bigint, entries ledger.entry[], what_was_asked bytea, OUT outcome text, OUT recorded timestamptz)
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
        previous, digest, payload, key_id, stream, recorded_at, asked)
    SELECT e.*, to_stream, recorded, what_was_asked
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
REVOKE ALL ON FUNCTION ledger.append(text, bigint, ledger.entry[], bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append(text, bigint, ledger.entry[], bytea) TO nom_worker;
