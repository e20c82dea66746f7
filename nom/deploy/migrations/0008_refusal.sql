-- What was refused: a command that the rules turn down leaves no record and, where the update's validator refused it, no
-- event in the engine's history. A worker notes it here after it answered: that one is noted shows that it happened;
-- that none is noted proves nothing. And the logs of readings and of refusals get trees of their own, as records and seals
-- have.

CREATE TABLE ledger.refusal (
    number         bigint      NOT NULL PRIMARY KEY CHECK (number >= 0),
    noted_at       timestamptz NOT NULL,
    -- What the database itself saw.
    login          text        NOT NULL COLLATE "C",
    workflow_id    text        NOT NULL COLLATE "C",
    run_id         text        NOT NULL COLLATE "C",
    -- When it was refused: at which length of the history, at which place among the jobs of its activation, and at which
    -- moment by the engine, in nanoseconds since 1970.
    history_length bigint      NOT NULL CHECK (history_length BETWEEN 0 AND 4294967295),
    place          integer     NOT NULL CHECK (place >= 0),
    at             bigint      NOT NULL CHECK (at >= 0),
    update_name    text        NOT NULL COLLATE "C",
    code           text        NOT NULL COLLATE "C",
    -- Whether it was accepted first and refused by the turn: then it is in the history too.
    accepted       boolean     NOT NULL,
    -- The engine's own messages, protobuf. It carries none that is larger than 4 MiB.
    request        bytea       NOT NULL CHECK (octet_length(request) <= 4194304),
    failure        bytea       NOT NULL CHECK (octet_length(failure) <= 4194304)
);
CREATE UNIQUE INDEX refusal_once ON ledger.refusal (workflow_id, run_id, history_length, at, place, sha256(request));
CREATE INDEX refusal_of_workflow ON ledger.refusal (workflow_id, number);
COMMENT ON TABLE ledger.refusal IS 'Commands that the rules turned down: what was asked, and what was answered.';
SELECT ledger.add_only('ledger.refusal');

-- Adds a batch of notes, the n-th made of the n-th of each array, and answers how many were new. A note that is there is
-- not added again. All of the batch are added, or none.
CREATE FUNCTION ledger.add_refusals(
    of_workflows text[], of_runs text[], of_lengths bigint[], of_places integer[], of_moments bigint[],
    of_updates text[], of_codes text[], were_accepted boolean[], of_requests bytea[], of_failures bytea[],
    OUT added integer)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    next_number bigint;
    moment timestamptz;
BEGIN
    -- One at a time, so that numbers have no gaps: a row that is taken away leaves one.
    PERFORM pg_advisory_xact_lock(7308604758981);
    moment := clock_timestamp();
    SELECT coalesce(max(r.number) + 1, 0) INTO next_number FROM ledger.refusal r;
    INSERT INTO ledger.refusal (
        number, noted_at, login, workflow_id, run_id, history_length, place, at, update_name, code, accepted, request,
        failure)
    SELECT next_number + row_number() OVER (ORDER BY fresh.nth) - 1, moment, session_user, fresh.workflow_id, fresh.run_id,
           fresh.history_length, fresh.place, fresh.at, fresh.update_name, fresh.code, fresh.accepted,
           fresh.request, fresh.failure
      FROM (
        SELECT DISTINCT ON (n.workflow_id, n.run_id, n.history_length, n.at, n.place, sha256(n.request)) n.*
          FROM unnest(of_workflows, of_runs, of_lengths, of_places, of_moments, of_updates, of_codes, were_accepted,
                      of_requests, of_failures) WITH ORDINALITY
               AS n(workflow_id, run_id, history_length, place, at, update_name, code, accepted, request, failure, nth)
         ORDER BY n.workflow_id, n.run_id, n.history_length, n.at, n.place, sha256(n.request), n.nth
      ) fresh
     WHERE NOT EXISTS (
        SELECT FROM ledger.refusal r
         WHERE r.workflow_id = fresh.workflow_id AND r.run_id = fresh.run_id
           AND r.history_length = fresh.history_length AND r.at = fresh.at AND r.place = fresh.place
           AND sha256(r.request) = sha256(fresh.request));
    GET DIAGNOSTICS added = ROW_COUNT;
END
$$;
REVOKE ALL ON FUNCTION ledger.add_refusals(
    text[], text[], bigint[], integer[], bigint[], text[], text[], boolean[], bytea[], bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.add_refusals(
    text[], text[], bigint[], integer[], bigint[], text[], text[], boolean[], bytea[], bytea[]) TO nom_worker;

ALTER TABLE ledger.checkpoint
    DROP CONSTRAINT checkpoint_tree_check,
    ADD CONSTRAINT checkpoint_tree CHECK (tree IN ('records', 'seals', 'readings', 'refusals'));
