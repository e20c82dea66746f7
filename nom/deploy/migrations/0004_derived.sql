-- What workers may add beside the records: snapshots of projections, and what forces report to the national board.
-- Each answers 'added', 'again' (the very same is there) or 'differs' (something else is there, and stays).

CREATE FUNCTION ledger.add_snapshot(of_name text, at_position bigint, of_state jsonb, OUT outcome text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    INSERT INTO ledger.snapshot (name, position, state) VALUES (of_name, at_position, of_state) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        outcome := 'added';
    ELSE
        SELECT CASE WHEN s.state = of_state THEN 'again' ELSE 'differs' END INTO outcome
          FROM ledger.snapshot s WHERE s.name = of_name AND s.position = at_position;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION ledger.add_snapshot(text, bigint, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.add_snapshot(text, bigint, jsonb) TO nom_worker;

CREATE FUNCTION ledger.add_board_report(
    by_force text, at_position bigint, at timestamptz, what jsonb, OUT outcome text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    INSERT INTO ledger.board_report (force, as_of_position, reported_at, report)
    VALUES (by_force, at_position, at, what) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        outcome := 'added';
    ELSE
        SELECT CASE WHEN b.report = what THEN 'again' ELSE 'differs' END INTO outcome
          FROM ledger.board_report b
         WHERE b.force = by_force AND b.as_of_position = at_position AND b.reported_at = at;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION ledger.add_board_report(text, bigint, timestamptz, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.add_board_report(text, bigint, timestamptz, jsonb) TO nom_worker;
