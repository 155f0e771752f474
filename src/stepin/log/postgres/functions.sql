CREATE OR REPLACE FUNCTION {schema}.real_us() RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
$$;

CREATE OR REPLACE FUNCTION {schema}.log_us() RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    SELECT trunc({schema}.real_us() * scale)::bigint + offset_us FROM {schema}.log
$$;

-- Everything that draws a position, or that may wait for a row of work while it holds others,
-- takes this lock first and holds it to its commit. So positions become visible in order.
CREATE OR REPLACE FUNCTION {schema}.lock_log() RETURNS void
LANGUAGE sql VOLATILE AS $$
    SELECT pg_advisory_xact_lock({lock_key})
$$;

CREATE OR REPLACE FUNCTION {schema}.change_one(
    p_verb text, p_id text, p_kind text, p_stream text, p_due bigint, p_body bytea
) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF p_verb = 'drop' THEN
        DELETE FROM {schema}.work k WHERE k.id = p_id;
        DELETE FROM {schema}.journal j WHERE j.work_id = p_id;
    ELSIF p_verb = 'replace' THEN
        INSERT INTO {schema}.work AS k (id, kind, stream, due_us, body)
            VALUES (p_id, p_kind, p_stream, p_due, p_body)
            ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, stream = excluded.stream,
                due_us = excluded.due_us, body = excluded.body, lease_us = 0, holder = '',
                attempt = k.attempt + 1, unended = 0;
    ELSE
        INSERT INTO {schema}.work (id, kind, stream, due_us, body)
            VALUES (p_id, p_kind, p_stream, p_due, p_body)
            ON CONFLICT (id) DO NOTHING;
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION {schema}.change_work(
    p_by text, p_attempt bigint, p_verb text[], p_id text[], p_kind text[], p_stream text[],
    p_due bigint[], p_body bytea[]
) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM {schema}.lock_log();
    IF p_by IS NOT NULL THEN
        PERFORM 1 FROM {schema}.work k WHERE k.id = p_by AND k.attempt = p_attempt FOR SHARE;
        IF NOT FOUND THEN
            RETURN false;
        END IF;
    END IF;
    FOR n IN 1..cardinality(p_id) LOOP
        PERFORM {schema}.change_one(p_verb[n], p_id[n], p_kind[n], p_stream[n], p_due[n], p_body[n]);
    END LOOP;
    RETURN true;
END
$$;

-- Appends a batch of items. Verdicts, one letter for each item: 'a' appended, 'r' replayed, else the
-- refusal: 'c' command, 's' seq, 'e' epoch, 't' attempt, 'b' basis,
-- 'k' a key that is claimed. Heads are those before each item; they are NULL when the batch had been carried out by an earlier call.
CREATE OR REPLACE FUNCTION {schema}.append(
    p_writer text, p_batch bigint,
    p_streams text[],
    i_stream int[], i_events int[], i_expect bigint[], i_epoch bigint[],
    i_fence_epoch bigint[], i_fence_work text[], i_fence_attempt bigint[], i_fence_basis bigint[],
    i_command text[], i_digest bytea[], i_same int[],
    e_kind text[], e_ref text[], e_meta bytea[], e_data bytea[], e_private bytea[],
    e_epoch bigint[], e_moves boolean[],
    w_item int[], w_verb text[], w_id text[], w_kind text[], w_stream text[], w_due bigint[],
    w_body bytea[],
    k_item int[], k_claim boolean[], k_key text[],
    OUT o_position bigint, OUT o_now_us bigint, OUT o_verdicts text,
    OUT o_seq bigint[], OUT o_epoch bigint[], OUT o_basis bigint[], OUT o_at_us bigint[],
    OUT o_hash bytea[], OUT o_first_seq bigint[], OUT o_last_seq bigint[]
)
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
AS $$
DECLARE
    h_seq bigint[]; h_epoch bigint[]; h_basis bigint[]; h_at bigint[]; h_hash bytea[];
    c_digest bytea[]; c_first bigint[]; c_last bigint[];
    n_position bigint[]; n_stream text[]; n_seq bigint[]; n_at bigint[]; n_epoch bigint[];
    n_basis bigint[]; n_hash bytea[];
    at_position bigint; e int := 0; w int := 1; k int := 1; s int; n int; same int;
    n_items int := cardinality(i_stream); n_works int := cardinality(w_item);
    n_keys int := cardinality(k_item);
    at_us bigint; seq bigint; epoch bigint; basis bigint; hash bytea; name text;
    live bigint; verdict text; verdicts text[]; real_us bigint;
    has_commands boolean := false; n_events int := cardinality(e_kind);
BEGIN
    PERFORM {schema}.lock_log();
    SELECT wr.position, wr.now_us, wr.verdicts, wr.batch INTO o_position, o_now_us, o_verdicts, live
        FROM {schema}.writer wr WHERE wr.id = p_writer;
    IF FOUND AND live >= p_batch THEN
        IF live > p_batch THEN
            RAISE EXCEPTION 'batch % of % came after batch %', p_batch, p_writer, live
                USING ERRCODE = 'SD001';
        END IF;
        RETURN;
    END IF;
    real_us := {schema}.real_us();
    SELECT trunc(real_us * l.scale)::bigint + l.offset_us INTO o_now_us FROM {schema}.log l;
    SELECT coalesce(max(v.position), 0) INTO o_position FROM {schema}.event v;
    SELECT array_agg(coalesce(v.seq, 0) ORDER BY d.o), array_agg(coalesce(v.epoch, 0) ORDER BY d.o),
           array_agg(coalesce(v.basis, 0) ORDER BY d.o), array_agg(coalesce(v.at_us, 0) ORDER BY d.o),
           array_agg(coalesce(v.hash, '') ORDER BY d.o)
        INTO h_seq, h_epoch, h_basis, h_at, h_hash
        FROM unnest(p_streams) WITH ORDINALITY d(stream, o)
        LEFT JOIN LATERAL (SELECT x.seq, x.epoch, x.basis, x.at_us, x.hash FROM {schema}.event x
                           WHERE x.stream = d.stream ORDER BY x.seq DESC LIMIT 1) v ON true;
    IF i_command IS NOT NULL THEN
        has_commands := true;
        SELECT array_agg(c.digest ORDER BY d.o), array_agg(c.first_seq ORDER BY d.o),
               array_agg(c.last_seq ORDER BY d.o)
            INTO c_digest, c_first, c_last
            FROM unnest(i_stream, i_command) WITH ORDINALITY d(stream, command, o)
            LEFT JOIN LATERAL (SELECT x.digest, x.first_seq, x.last_seq FROM {schema}.command x
                               WHERE x.stream = p_streams[d.stream] AND x.id = d.command
                               LIMIT 1) c ON true;
    END IF;
    at_position := o_position;
    -- Filled, because an assignment past the end of an empty array moves its lower bound.
    n_position := array_fill(NULL::bigint, ARRAY[n_events]);
    n_stream := array_fill(NULL::text, ARRAY[n_events]);
    n_seq := n_position; n_at := n_position; n_epoch := n_position; n_basis := n_position;
    n_hash := array_fill(NULL::bytea, ARRAY[n_events]);
    o_first_seq := array_fill(NULL::bigint, ARRAY[n_items]);
    o_last_seq := o_first_seq;
    o_hash := array_fill(NULL::bytea, ARRAY[n_items]);
    FOR i IN 1..n_items LOOP
        s := i_stream[i];
        n := e + i_events[i];
        seq := h_seq[s]; epoch := h_epoch[s]; basis := h_basis[s];
        o_seq[i] := seq; o_epoch[i] := epoch; o_basis[i] := basis; o_at_us[i] := h_at[s];
        verdict := 'a';
        IF has_commands AND i_command[i] IS NOT NULL THEN
            same := i_same[i];
            IF same IS NOT NULL AND c_digest[i] IS NULL THEN
                c_digest[i] := c_digest[same];
                c_first[i] := c_first[same];
                c_last[i] := c_last[same];
            END IF;
            IF c_digest[i] IS NOT NULL THEN
                verdict := CASE WHEN c_digest[i] = i_digest[i] THEN 'r' ELSE 'c' END;
                o_first_seq[i] := c_first[i];
                o_last_seq[i] := c_last[i];
            END IF;
        END IF;
        IF verdict = 'a' AND i_expect[i] <> seq THEN
            verdict := 's';
        END IF;
        IF verdict = 'a' AND i_fence_epoch[i] IS NOT NULL THEN
            IF i_fence_epoch[i] <> epoch THEN
                verdict := 'e';
            ELSE
                IF i_fence_work[i] IS NOT NULL THEN
                    -- Locked, so that no other process can claim the work before this commits.
                    SELECT k.attempt INTO live FROM {schema}.work k
                        WHERE k.id = i_fence_work[i] FOR SHARE;
                    IF NOT FOUND OR live <> i_fence_attempt[i] THEN
                        verdict := 't';
                    END IF;
                END IF;
                IF verdict = 'a' AND i_fence_basis[i] < basis THEN
                    verdict := 'b';
                END IF;
            END IF;
        END IF;
        IF verdict = 'a' AND i_epoch[i] < epoch THEN
            verdict := 'e';
        END IF;
        IF verdict = 'a' AND n_keys > 0 THEN
            PERFORM 1 FROM {schema}.claim c WHERE c.key IN (
                SELECT t.key FROM unnest(k_item, k_claim, k_key) t(item, claim, key)
                WHERE t.item = i AND t.claim);
            IF FOUND THEN
                verdict := 'k';
            END IF;
        END IF;
        verdicts[i] := verdict;
        IF verdict <> 'a' THEN
            o_hash[i] := h_hash[s];
            e := n;
            CONTINUE;
        END IF;
        name := p_streams[s];
        at_us := greatest(o_now_us, h_at[s]);
        hash := h_hash[s];
        WHILE e < n LOOP
            e := e + 1;
            at_position := at_position + 1;
            seq := seq + 1;
            epoch := coalesce(e_epoch[e], epoch);
            IF e_moves[e] THEN basis := seq; END IF;
            hash := sha256(hash || int8send(at_position) || int8send(seq) || int8send(at_us)
                           || int8send(epoch) || int8send(basis)
                           || convert_to(name || E'\x1f' || e_kind[e] || E'\x1f', 'UTF8')
                           || e_meta[e] || '\x1f'::bytea || e_data[e]);
            n_position[e] := at_position; n_stream[e] := name; n_seq[e] := seq; n_at[e] := at_us;
            n_epoch[e] := epoch; n_basis[e] := basis; n_hash[e] := hash;
        END LOOP;
        IF has_commands AND i_command[i] IS NOT NULL THEN
            c_digest[i] := i_digest[i]; c_first[i] := h_seq[s] + 1; c_last[i] := seq;
        END IF;
        h_seq[s] := seq; h_epoch[s] := epoch; h_basis[s] := basis; h_at[s] := at_us;
        h_hash[s] := hash;
        WHILE w <= n_works AND w_item[w] < i LOOP
            w := w + 1;
        END LOOP;
        WHILE w <= n_works AND w_item[w] = i LOOP
            PERFORM {schema}.change_one(w_verb[w], w_id[w], w_kind[w], w_stream[w], w_due[w],
                                        w_body[w]);
            w := w + 1;
        END LOOP;
        WHILE k <= n_keys AND k_item[k] <= i LOOP
            IF k_item[k] = i AND k_claim[k] THEN
                INSERT INTO {schema}.claim VALUES (k_key[k], name) ON CONFLICT DO NOTHING;
            ELSIF k_item[k] = i THEN
                DELETE FROM {schema}.claim c WHERE c.key = k_key[k] AND c.stream = name;
            END IF;
            k := k + 1;
        END LOOP;
    END LOOP;
    o_verdicts := array_to_string(verdicts, '');
    IF at_position > o_position THEN
        INSERT INTO {schema}.event
            SELECT t.* FROM unnest(n_position, n_stream, n_seq, n_at, n_epoch, n_basis,
                                   e_kind, e_ref, e_meta, e_data, e_private, n_hash)
                AS t(position, stream, seq, at_us, epoch, basis, kind, ref, meta, data, private, hash)
            WHERE t.position IS NOT NULL;
        IF has_commands THEN
            INSERT INTO {schema}.command
                SELECT p_streams[t.stream], t.id, t.digest, t.first_seq, t.last_seq
                FROM unnest(i_stream, i_command, i_digest, c_first, c_last, verdicts)
                    AS t(stream, id, digest, first_seq, last_seq, verdict)
                WHERE t.verdict = 'a' AND t.id IS NOT NULL;
        END IF;
    END IF;
    INSERT INTO {schema}.writer AS x VALUES (p_writer, p_batch, o_position, o_now_us, o_verdicts, real_us)
        ON CONFLICT (id) DO UPDATE SET batch = excluded.batch, position = excluded.position,
            now_us = excluded.now_us, verdicts = excluded.verdicts, seen_us = excluded.seen_us;
END
$$;

CREATE OR REPLACE FUNCTION {schema}.claim(
    p_kinds text[], p_holder text, p_limit int, p_lease_us bigint
) RETURNS SETOF {schema}.work
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    real bigint := {schema}.real_us();
    due bigint := {schema}.log_us();
BEGIN
    RETURN QUERY
        UPDATE {schema}.work k
        SET attempt = k.attempt + 1, unended = k.unended + 1, lease_us = real + p_lease_us,
            holder = p_holder
        WHERE k.id IN (SELECT x.id FROM {schema}.work x
                       WHERE x.kind = ANY (p_kinds) AND x.due_us <= due AND x.lease_us < real
                       ORDER BY x.due_us LIMIT p_limit FOR UPDATE SKIP LOCKED)
        RETURNING k.*;
END
$$;

CREATE OR REPLACE FUNCTION {schema}.heartbeat(
    p_ids text[], p_attempts bigint[], p_lease_us bigint
) RETURNS SETOF text
LANGUAGE plpgsql VOLATILE
SET synchronous_commit = off
AS $$
DECLARE
    real bigint;
BEGIN
    PERFORM {schema}.lock_log();
    real := {schema}.real_us();
    RETURN QUERY
        UPDATE {schema}.work k SET lease_us = real + p_lease_us
        FROM unnest(p_ids, p_attempts) AS t(id, attempt)
        WHERE k.id = t.id AND k.attempt = t.attempt
        RETURNING k.id;
END
$$;

-- Says for each step whether the attempt was still the live one. The work is locked, so that no
-- claim comes between the look and the commit.
CREATE OR REPLACE FUNCTION {schema}.journal_put(
    p_id text[], p_attempt bigint[], p_step text[], p_body bytea[]
) RETURNS boolean[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    ours boolean[];
BEGIN
    PERFORM {schema}.lock_log();
    PERFORM 1 FROM {schema}.work k WHERE k.id = ANY (p_id) FOR SHARE;
    SELECT array_agg(k.id IS NOT NULL ORDER BY t.o) INTO ours
        FROM unnest(p_id, p_attempt) WITH ORDINALITY t(id, attempt, o)
        LEFT JOIN {schema}.work k ON k.id = t.id AND k.attempt = t.attempt;
    INSERT INTO {schema}.journal
        SELECT t.id, t.step, t.body
        FROM unnest(p_id, p_step, p_body, ours) WITH ORDINALITY t(id, step, body, ours, o)
        WHERE t.ours ORDER BY t.o
        ON CONFLICT DO NOTHING;
    RETURN ours;
END
$$;
