-- What vouches for the ledger as a whole: histories of the engine that were sealed, and signed checkpoints of two Merkle
-- trees (RFC 9162), one over the records by position and one over the seals by number.

CREATE TABLE ledger.seal (
    number         bigint      NOT NULL PRIMARY KEY CHECK (number >= 0),
    workflow_id    text        NOT NULL COLLATE "C",
    run_id         text        NOT NULL COLLATE "C",
    first_event    bigint      NOT NULL CHECK (first_event > 0),
    last_event     bigint      NOT NULL CHECK (last_event >= first_event),
    -- How the run stood: 'running' for a part that others follow.
    status         text        NOT NULL COLLATE "C",
    -- SHA-256 of these events as the engine's own protobuf, before compression.
    history_digest bytea       NOT NULL CHECK (octet_length(history_digest) = 32),
    -- SHA-256 of the statement made of the columns above: the leaf of the tree.
    digest         bytea       NOT NULL CHECK (octet_length(digest) = 32),
    sealed_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    history        bytea       NOT NULL,
    CONSTRAINT seal_once UNIQUE (workflow_id, run_id, first_event)
);
COMMENT ON TABLE ledger.seal IS 'Histories of the engine, so that they outlive it: a run in one part or several, without gaps.';
SELECT ledger.add_only('ledger.seal');

CREATE TABLE ledger.checkpoint (
    tree         text        NOT NULL COLLATE "C" CHECK (tree IN ('records', 'seals')),
    size         bigint      NOT NULL,
    before       bigint      NOT NULL CHECK (before >= 0 AND before < size),
    -- The hashes of the leaves that this checkpoint added. They name the record that was replaced, should one be; that
    -- they are the right ones follows from the signed root.
    leaves       bytea       NOT NULL,
    note         text        NOT NULL,
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tree, size),
    CONSTRAINT checkpoint_follows UNIQUE (tree, before),
    CONSTRAINT checkpoint_leaves CHECK (octet_length(leaves) = 32 * (size - before))
);
COMMENT ON TABLE ledger.checkpoint IS 'Signed roots of the trees, each following the one before.';
SELECT ledger.add_only('ledger.checkpoint');

-- False when the run is not sealed up to the event before `of_first` any more: another was quicker, or it has ended.
CREATE FUNCTION ledger.add_seal(
    of_workflow text, of_run text, of_first bigint, of_last bigint, of_status text, of_history_digest bytea,
    of_digest bytea, of_history bytea, OUT added boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    -- One at a time, so that numbers have no gaps: a seal that fails after it drew its number gives it back.
    PERFORM pg_advisory_xact_lock(7308604758978);
    added := of_first = (
        SELECT coalesce(max(s.last_event), 0) + 1 FROM ledger.seal s
         WHERE s.workflow_id = of_workflow AND s.run_id = of_run
    ) AND NOT EXISTS (
        SELECT FROM ledger.seal s
         WHERE s.workflow_id = of_workflow AND s.run_id = of_run AND s.status <> 'running'
    );
    IF added THEN
        INSERT INTO ledger.seal
            (number, workflow_id, run_id, first_event, last_event, status, history_digest, digest, history)
        SELECT coalesce(max(s.number) + 1, 0), of_workflow, of_run, of_first, of_last, of_status, of_history_digest,
               of_digest, of_history
          FROM ledger.seal s;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION ledger.add_seal(text, text, bigint, bigint, text, bytea, bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.add_seal(text, text, bigint, bigint, text, bytea, bytea, bytea) TO nom_worker;

-- False when the tree is not at `of_before` any more: another publisher was quicker.
CREATE FUNCTION ledger.add_checkpoint(
    of_tree text, of_before bigint, of_size bigint, of_leaves bytea, of_note text, OUT added boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7308604758979);
    IF of_before <> (SELECT coalesce(max(c.size), 0) FROM ledger.checkpoint c WHERE c.tree = of_tree) THEN
        added := false;
        RETURN;
    END IF;
    INSERT INTO ledger.checkpoint (tree, size, before, leaves, note)
    VALUES (of_tree, of_size, of_before, of_leaves, of_note);
    added := true;
END
$$;
REVOKE ALL ON FUNCTION ledger.add_checkpoint(text, bigint, bigint, bytea, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.add_checkpoint(text, bigint, bigint, bytea, text) TO nom_worker;
