-- Who read what: consultation and disclosure of records (Data Protection Act 2018 s62), one row for each stream that was
-- shown. Holds references and never what was read.
--
-- The reader is the person that the tool was told, in the tool's words; `login` is what the database itself saw.

CREATE TABLE ledger.reading (
    number        bigint      NOT NULL PRIMARY KEY CHECK (number >= 0),
    -- The same in the rows of every stream that was shown together.
    reading       uuid        NOT NULL,
    read_at       timestamptz NOT NULL,
    login         text        NOT NULL COLLATE "C",
    reader_id     text        NOT NULL COLLATE "C" CHECK (reader_id ~ '^[a-z][a-z0-9-]{1,60}$'),
    reader_role   text        NOT NULL COLLATE "C" CHECK (reader_role ~ '^[a-z][a-z_]{1,60}$'),
    reader_agency text        NOT NULL COLLATE "C" CHECK (reader_agency ~ '^[a-z][a-z_]{1,60}$'),
    reader_force  text        COLLATE "C" CHECK (reader_force ~ '^[A-Z]{3}$'),
    -- False where nobody said who reads and the tool put in the person that it takes then.
    named         boolean     NOT NULL,
    purpose       text        NOT NULL COLLATE "C" CHECK (purpose ~ '^[a-z_]{1,40}$'),
    tool          text        NOT NULL COLLATE "C" CHECK (tool ~ '^[a-z][a-z-]{1,40}$'),
    -- A process, or a whole ledger as `gmp/`.
    stream        text        NOT NULL COLLATE "C" CHECK (stream ~ '^[a-z]{3}/([a-z0-9-]{1,60}/[a-z0-9-]{1,50})?$'),
    -- The number of the last record that was shown, 0 for a whole ledger; and its position, if it had one by then.
    up_to         bigint      NOT NULL CHECK (up_to >= 0),
    position      bigint,
    -- Whether only some of the records up to there were shown, or only parts of them.
    partly        boolean     NOT NULL,
    disclosed_to  text        COLLATE "C" CHECK (disclosed_to ~ '^[a-z][a-z0-9_-]{1,60}$'),
    CONSTRAINT reading_once UNIQUE (reading, stream),
    CONSTRAINT reading_recipient CHECK (purpose <> 'disclosure' OR disclosed_to IS NOT NULL)
);
CREATE INDEX reading_of_stream ON ledger.reading (stream, number);
COMMENT ON TABLE ledger.reading IS 'Who was shown which records, when, what for, and to whom it was disclosed.';
SELECT ledger.add_only('ledger.reading');

-- Adds one act of reading and answers when it was added. The same act brought again adds nothing. What was read must be
-- there: nobody can be said to have read a record that the ledger does not hold.
CREATE FUNCTION ledger.add_reading(
    of_reading uuid, of_reader text, in_role text, of_agency text, of_force text, was_named boolean, what_for text,
    with_tool text, of_streams text[], of_last bigint[], in_part boolean, to_whom text, OUT read_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    next_number bigint;
BEGIN
    -- One at a time, so that numbers have no gaps: a row that is taken away leaves one.
    PERFORM pg_advisory_xact_lock(7308604758980);
    SELECT min(r.read_at) INTO read_at FROM ledger.reading r WHERE r.reading = of_reading;
    IF read_at IS NOT NULL THEN
        RETURN;
    END IF;
    IF cardinality(of_streams) IS DISTINCT FROM cardinality(of_last) OR coalesce(cardinality(of_streams), 0) = 0
        OR EXISTS (
            SELECT FROM unnest(of_streams, of_last) AS shown(stream, up_to)
             WHERE shown.stream !~ '/$' AND NOT EXISTS (
                SELECT FROM ledger.record r WHERE r.stream = shown.stream AND r.seq = shown.up_to)
        ) THEN
        RAISE EXCEPTION 'what is said to have been read is not there' USING ERRCODE = 'data_exception';
    END IF;
    read_at := clock_timestamp();
    SELECT coalesce(max(r.number) + 1, 0) INTO next_number FROM ledger.reading r;
    INSERT INTO ledger.reading (
        number, reading, read_at, login, reader_id, reader_role, reader_agency, reader_force, named, purpose, tool,
        stream, up_to, position, partly, disclosed_to)
    SELECT next_number + shown.place - 1, of_reading, add_reading.read_at, session_user, of_reader, in_role, of_agency,
           of_force, was_named, what_for, with_tool, shown.stream, shown.up_to,
           CASE WHEN shown.stream ~ '/$' THEN (SELECT max(p.position) FROM ledger.position p)
                ELSE (SELECT p.position FROM ledger.record r JOIN ledger.position p USING (event_id)
                       WHERE r.stream = shown.stream AND r.seq = shown.up_to) END,
           in_part, to_whom
      FROM unnest(of_streams, of_last) WITH ORDINALITY AS shown(stream, up_to, place);
END
$$;
REVOKE ALL ON FUNCTION ledger.add_reading(
    uuid, text, text, text, text, boolean, text, text, text[], bigint[], boolean, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.add_reading(
    uuid, text, text, text, text, boolean, text, text, text[], bigint[], boolean, text) TO nom_reader;
