-- Gives committed records their place in the whole ledger.

-- `low_water`: every transaction below it had ended when an earlier run looked, and its records have their positions.
-- It holds for the server process `known_server` only (a restored or promoted server counts transactions anew), so
-- with any other the whole ledger is compared. A record of a transaction that commits late lies above the mark, for
-- the mark never passes a transaction that is still open.
--
-- Null for `sequenced`: another sequencer is at work, nothing was done.
CREATE FUNCTION ledger.sequence_records(
    known_server timestamptz, low_water xid8,
    OUT sequenced bigint, OUT server timestamptz, OUT next_low_water xid8)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    -- With the two below, a run looks up what is above the mark and nothing else, whatever the planner has heard of the
    -- tables: records by the index of their transactions, and each one's position by the index of its event (a
    -- subquery with OFFSET is never turned into a join that would read all positions).
    SET enable_seqscan = off
    AS $$
DECLARE
    above xid8 := low_water;
    head  bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(7308604758976) THEN
        RETURN;
    END IF;
    server := pg_postmaster_start_time();
    IF above IS NULL OR known_server IS DISTINCT FROM server THEN
        above := '0';
    END IF;
    -- Taken before the records are read, and so no later than what is read.
    next_low_water := pg_snapshot_xmin(pg_current_snapshot());
    SELECT coalesce(max(p.position), -1) INTO head FROM ledger.position p;
    -- Within a stream the order is the stream's. A transaction that began early and appended late to a stream takes
    -- the place of the youngest transaction before it there.
    WITH fresh AS (
        SELECT r.event_id, r.stream, r.seq, max(r.transaction) OVER (PARTITION BY r.stream ORDER BY r.seq) AS follows
          FROM ledger.record r
         WHERE r.transaction >= above
           AND NOT EXISTS (SELECT FROM ledger.position p WHERE p.event_id = r.event_id OFFSET 0)
    )
    INSERT INTO ledger.position (position, event_id)
    SELECT head + row_number() OVER (ORDER BY fresh.follows, fresh.stream, fresh.seq), fresh.event_id FROM fresh;
    GET DIAGNOSTICS sequenced = ROW_COUNT;
END
$$;
REVOKE ALL ON FUNCTION ledger.sequence_records(timestamptz, xid8) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.sequence_records(timestamptz, xid8) TO nom_worker;
