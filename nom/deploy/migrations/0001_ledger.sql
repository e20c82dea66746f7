-- The ledger of one force: records that are only ever added, and what is derived from them by adding more.
--
-- Nobody is granted INSERT, UPDATE, DELETE or TRUNCATE. Workers write through the SECURITY DEFINER functions of
-- 0002 and 0003; a trigger refuses changes even to the owner.

CREATE SCHEMA ledger;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA ledger TO nom_worker, nom_reader;

CREATE TABLE ledger.record (
    -- Which transaction wrote it: the sequencer's low-water mark. Not part of what is sealed.
    transaction       xid8        NOT NULL DEFAULT pg_current_xact_id(),
    recorded_at       timestamptz NOT NULL,
    seq               bigint      NOT NULL CHECK (seq > 0),
    stream            text        NOT NULL COLLATE "C",
    event_id          uuid        NOT NULL,
    command_id        uuid        NOT NULL,
    occurred_at       timestamptz NOT NULL,
    submitted_at      timestamptz NOT NULL,
    type              text        NOT NULL COLLATE "C",
    command           text        NOT NULL COLLATE "C",
    command_digest    bytea       NOT NULL,
    actor_id          text        NOT NULL COLLATE "C",
    actor_role        text        NOT NULL COLLATE "C",
    actor_agency      text        NOT NULL COLLATE "C",
    actor_force       text        COLLATE "C",
    actor_rank        text        COLLATE "C",
    actor_for         text        COLLATE "C",
    policy_version    text        NOT NULL COLLATE "C",
    policy_digest     bytea       NOT NULL,
    payload_digest    bytea       NOT NULL,
    previous          bytea,
    digest            bytea       NOT NULL,
    -- Words and contents are bytes with the id of their key, null while they are not encrypted: destroying a key
    -- breaks no chain, and a word that SQL text cannot hold (U+0000) is kept as it was written.
    key_id            text        COLLATE "C",
    reason            bytea,
    payload           bytea       NOT NULL,
    PRIMARY KEY (stream, seq),
    CONSTRAINT record_event_once UNIQUE (event_id),
    CONSTRAINT record_chain CHECK ((seq = 1) = (previous IS NULL)),
    CONSTRAINT record_payload CHECK (key_id IS NOT NULL OR sha256(payload) = payload_digest)
);
CREATE INDEX record_transaction ON ledger.record (transaction);
COMMENT ON TABLE ledger.record IS 'The events of every process of one force, chained by digest within a stream.';

CREATE TABLE ledger.position (
    position bigint NOT NULL PRIMARY KEY CHECK (position >= 0),
    -- No foreign key: its check would lock, and so rewrite, every record it looks at. Rows come from the sequencer
    -- alone, which takes them from ledger.record, where nothing is ever removed.
    event_id uuid NOT NULL CONSTRAINT position_event_once UNIQUE
);
COMMENT ON TABLE ledger.position IS 'The place of each record in the whole ledger, without gaps, given after the commit.';

CREATE TABLE ledger.snapshot (
    name     text        NOT NULL COLLATE "C",
    position bigint      NOT NULL CHECK (position >= 0),
    taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    state    jsonb       NOT NULL,
    PRIMARY KEY (name, position)
);
COMMENT ON TABLE ledger.snapshot IS 'What a projection had become at a position. Never the truth: it can be made again.';

CREATE TABLE ledger.board_report (
    force          text        NOT NULL COLLATE "C",
    as_of_position bigint      NOT NULL CHECK (as_of_position >= -1),
    reported_at    timestamptz NOT NULL,
    report         jsonb       NOT NULL,
    received_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (force, as_of_position, reported_at)
);
COMMENT ON TABLE ledger.board_report IS 'What each force told the national board, as it was told. Used in the NCA''s database.';

CREATE FUNCTION ledger.refuse_change() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RAISE EXCEPTION '% of %.% is refused: it is only ever added to', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
REVOKE ALL ON FUNCTION ledger.refuse_change() FROM PUBLIC;

-- By statement, so that an INSERT never meets it. ALWAYS: a session that plays a replica is refused as well.
CREATE FUNCTION ledger.add_only(kept regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER add_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', kept);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER add_only', kept);
    EXECUTE format('GRANT SELECT ON %s TO nom_worker, nom_reader', kept);
END
$$;
REVOKE ALL ON FUNCTION ledger.add_only(regclass) FROM PUBLIC;
COMMENT ON FUNCTION ledger.add_only(regclass) IS 'Every table of this schema is made add-only with this, in the migration that creates it.';

SELECT ledger.add_only('ledger.record');
SELECT ledger.add_only('ledger.position');
SELECT ledger.add_only('ledger.snapshot');
SELECT ledger.add_only('ledger.board_report');
