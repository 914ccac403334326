-- All SQL of PostgreSQL 15. `up` and `down` lead from one version of the schema to the next and back.
-- What is text of telemetry, the id of a verdict, is kept as bytes: text may hold what SQL text cannot. Where
-- it is too long for an index, its beginning and a digest stand in its place, and `whole_id` has all of it.
-- Ids are ordered by their bytes (COLLATE "C"), as SQLite orders them; large states are stored uncompressed,
-- since they are packed already.

-- up 1: what the line tells, and where it goes on
CREATE TABLE coldtrail.checkpoints (
    serial bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at double precision NOT NULL,
    bundle text NOT NULL,
    positions bytea NOT NULL,
    state bytea NOT NULL
);
ALTER TABLE coldtrail.checkpoints ALTER COLUMN state SET STORAGE EXTERNAL;
CREATE TABLE coldtrail.verdicts (
    id bytea PRIMARY KEY,
    whole_id bytea,
    start double precision NOT NULL,
    verdict text NOT NULL,
    line bytea NOT NULL,
    flow bytea
);
CREATE INDEX verdicts_by_start ON coldtrail.verdicts (start, id);
CREATE INDEX verdicts_by_verdict ON coldtrail.verdicts (verdict, start, id);
CREATE TABLE coldtrail.alerts (
    id text COLLATE "C" PRIMARY KEY,
    state text NOT NULL,
    severity text NOT NULL,
    first_seen double precision NOT NULL,
    last_seen double precision NOT NULL,
    alert bytea NOT NULL,
    episode bytea NOT NULL
);
CREATE INDEX alerts_by_last_seen ON coldtrail.alerts (last_seen, id);
CREATE INDEX alerts_by_state ON coldtrail.alerts (state, last_seen);
CREATE TABLE coldtrail.cases (
    id text COLLATE "C" PRIMARY KEY,
    state text NOT NULL,
    severity text NOT NULL,
    first_seen double precision NOT NULL,
    last_seen double precision NOT NULL,
    line bytea NOT NULL
);
CREATE INDEX cases_by_last_seen ON coldtrail.cases (last_seen, id);
CREATE TABLE coldtrail.counts (
    name text COLLATE "C" PRIMARY KEY,
    count bigint NOT NULL
);

-- down 1
DROP TABLE coldtrail.counts;
DROP TABLE coldtrail.cases;
DROP TABLE coldtrail.alerts;
DROP TABLE coldtrail.verdicts;
DROP TABLE coldtrail.checkpoints;

-- up 2: what people decide, and what they are told
CREATE TABLE coldtrail.deliveries (
    id text COLLATE "C" PRIMARY KEY,
    channel text NOT NULL,
    dedup_key text NOT NULL,
    state text NOT NULL,
    next_at double precision NOT NULL,
    made_at double precision NOT NULL,
    sent_at double precision,
    delivery bytea NOT NULL
);
CREATE INDEX deliveries_due ON coldtrail.deliveries (channel, next_at, made_at, id) WHERE state = 'due';
CREATE INDEX deliveries_waiting ON coldtrail.deliveries (channel, dedup_key, made_at, id) WHERE state = 'due';
CREATE INDEX deliveries_by_made_at ON coldtrail.deliveries (state, made_at, id);
CREATE TABLE coldtrail.silences (
    id text COLLATE "C" PRIMARY KEY,
    starts_at double precision NOT NULL,
    ends_at double precision NOT NULL,
    silence bytea NOT NULL
);
CREATE TABLE coldtrail.decisions (
    serial bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    about text COLLATE "C" NOT NULL,
    decision bytea NOT NULL
);
CREATE INDEX decisions_by_about ON coldtrail.decisions (about, serial);

-- down 2
DROP TABLE coldtrail.decisions;
DROP TABLE coldtrail.silences;
DROP TABLE coldtrail.deliveries;

-- query make_schema
DO $$ BEGIN IF to_regnamespace('coldtrail') IS NULL THEN CREATE SCHEMA coldtrail; END IF; END $$;

-- query begin_schema
CREATE TABLE coldtrail.schema_version AS SELECT 0::bigint AS version;

-- query is_empty
SELECT count(*) = 0 FROM pg_class WHERE relnamespace = to_regnamespace('coldtrail');

-- query has_schema
SELECT to_regclass('coldtrail.schema_version') IS NOT NULL;

-- query schema
SELECT version FROM coldtrail.schema_version;

-- query set_schema
UPDATE coldtrail.schema_version SET version = %(version)s;

-- query put_verdict
INSERT INTO coldtrail.verdicts (id, whole_id, start, verdict, line, flow)
VALUES (%(id)s, %(whole_id)s, %(start)s, %(verdict)s, %(line)s, %(flow)s)
ON CONFLICT (id) DO UPDATE SET
    start = excluded.start, verdict = excluded.verdict, line = excluded.line, flow = excluded.flow;

-- query drop_verdict
DELETE FROM coldtrail.verdicts WHERE id = %(id)s;

-- query put_alert
INSERT INTO coldtrail.alerts (id, state, severity, first_seen, last_seen, alert, episode)
VALUES (%(id)s, %(state)s, %(severity)s, %(first_seen)s, %(last_seen)s, %(alert)s, %(episode)s)
ON CONFLICT (id) DO UPDATE SET
    state = excluded.state, severity = excluded.severity, first_seen = excluded.first_seen,
    last_seen = excluded.last_seen, alert = excluded.alert, episode = excluded.episode;

-- query put_case
INSERT INTO coldtrail.cases (id, state, severity, first_seen, last_seen, line)
VALUES (%(id)s, %(state)s, %(severity)s, %(first_seen)s, %(last_seen)s, %(line)s)
ON CONFLICT (id) DO UPDATE SET
    state = excluded.state, severity = excluded.severity, first_seen = excluded.first_seen,
    last_seen = excluded.last_seen, line = excluded.line;

-- query drop_case
DELETE FROM coldtrail.cases WHERE id = %(id)s;

-- query put_delivery
INSERT INTO coldtrail.deliveries (id, channel, dedup_key, state, next_at, made_at, sent_at, delivery)
VALUES (%(id)s, %(channel)s, %(dedup_key)s, %(state)s, %(next_at)s, %(made_at)s, %(sent_at)s, %(delivery)s)
ON CONFLICT (id) DO NOTHING;

-- query set_delivery
UPDATE coldtrail.deliveries SET
    channel = %(channel)s, dedup_key = %(dedup_key)s, state = %(state)s, next_at = %(next_at)s,
    made_at = %(made_at)s, sent_at = %(sent_at)s, delivery = %(delivery)s
WHERE id = %(id)s;

-- query put_silence
INSERT INTO coldtrail.silences (id, starts_at, ends_at, silence)
VALUES (%(id)s, %(starts_at)s, %(ends_at)s, %(silence)s)
ON CONFLICT (id) DO UPDATE SET
    starts_at = excluded.starts_at, ends_at = excluded.ends_at, silence = excluded.silence;

-- query put_decision
INSERT INTO coldtrail.decisions (about, decision) VALUES (%(about)s, %(decision)s);

-- query add_count
INSERT INTO coldtrail.counts (name, count) VALUES (%(name)s, %(count)s)
ON CONFLICT (name) DO UPDATE SET count = counts.count + excluded.count;

-- query put_checkpoint
INSERT INTO coldtrail.checkpoints (at, bundle, positions, state)
VALUES (%(at)s, %(bundle)s, %(positions)b, %(state)b);

-- query drop_old_checkpoints
DELETE FROM coldtrail.checkpoints
WHERE serial NOT IN (SELECT serial FROM coldtrail.checkpoints ORDER BY serial DESC LIMIT 2);

-- query checkpoint
SELECT positions, state, bundle, at FROM coldtrail.checkpoints ORDER BY serial DESC LIMIT 1;

-- query alerts
SELECT alert, episode FROM coldtrail.alerts
WHERE (last_seen, id) < (%(at)s, %(id)s)
ORDER BY last_seen DESC, id DESC LIMIT %(limit)s;

-- query alerts_in_states
SELECT alert, episode FROM coldtrail.alerts
WHERE (last_seen, id) < (%(at)s, %(id)s) AND state IN (SELECT jsonb_array_elements_text(%(states)s::jsonb))
ORDER BY last_seen DESC, id DESC LIMIT %(limit)s;

-- query alerts_from
SELECT alert, episode FROM coldtrail.alerts WHERE id >= %(id)s AND id <= %(last)s ORDER BY id LIMIT 2;

-- query cases
SELECT line FROM coldtrail.cases
WHERE (last_seen, id) < (%(at)s, %(id)s)
ORDER BY last_seen DESC, id DESC LIMIT %(limit)s;

-- query cases_from
SELECT line FROM coldtrail.cases WHERE id >= %(id)s AND id <= %(last)s ORDER BY id LIMIT 2;

-- query silences
SELECT silence FROM coldtrail.silences ORDER BY starts_at, id;

-- query silences_at
SELECT silence FROM coldtrail.silences WHERE starts_at <= %(at)s AND %(at)s < ends_at ORDER BY starts_at, id;

-- query decisions
SELECT decision FROM coldtrail.decisions ORDER BY serial;

-- query decisions_about
SELECT decision FROM coldtrail.decisions WHERE about = %(about)s ORDER BY serial;

-- query verdicts
SELECT id, whole_id, start, verdict, line, flow FROM coldtrail.verdicts
WHERE (start, id) > (%(start)s, %(id)s)
ORDER BY start, id LIMIT %(limit)s;

-- query verdicts_of
SELECT id, whole_id, start, verdict, line, flow FROM coldtrail.verdicts
WHERE verdict = %(verdict)s AND (start, id) > (%(start)s, %(id)s)
ORDER BY start, id LIMIT %(limit)s;

-- query verdict
SELECT id, whole_id, start, verdict, line, flow FROM coldtrail.verdicts WHERE id = %(id)s;

-- query due
SELECT delivery FROM coldtrail.deliveries
WHERE state = 'due' AND channel = %(channel)s AND next_at <= %(now)s
ORDER BY next_at, made_at, id LIMIT %(limit)s;

-- query waiting
SELECT delivery FROM coldtrail.deliveries
WHERE state = 'due' AND channel = %(channel)s AND dedup_key = %(dedup_key)s
ORDER BY made_at, id;

-- query deliveries
SELECT delivery FROM coldtrail.deliveries
WHERE state = %(state)s AND (made_at, id) < (%(at)s, %(id)s)
ORDER BY made_at DESC, id DESC LIMIT %(limit)s;

-- query counts
SELECT name, count FROM coldtrail.counts ORDER BY name;

-- query prune_verdicts
DELETE FROM coldtrail.verdicts WHERE id IN (
    SELECT id FROM coldtrail.verdicts WHERE start < %(before)s LIMIT %(limit)s
);

-- query prune_sent
DELETE FROM coldtrail.deliveries WHERE id IN (
    SELECT id FROM coldtrail.deliveries WHERE state = 'sent' AND sent_at < %(before)s LIMIT %(limit)s
);

-- query prune_dead
DELETE FROM coldtrail.deliveries WHERE id IN (
    SELECT id FROM coldtrail.deliveries WHERE state = 'dead' AND made_at < %(decided_before)s LIMIT %(limit)s
);

-- query prune_alerts
DELETE FROM coldtrail.alerts WHERE id IN (
    SELECT id FROM coldtrail.alerts WHERE state = 'closed' AND last_seen < %(decided_before)s LIMIT %(limit)s
);

-- query prune_cases
DELETE FROM coldtrail.cases WHERE id IN (
    SELECT id FROM coldtrail.cases WHERE state = 'quiet' AND last_seen < %(decided_before)s LIMIT %(limit)s
);

-- query prune_silences
DELETE FROM coldtrail.silences WHERE id IN (
    SELECT id FROM coldtrail.silences WHERE ends_at < %(decided_before)s LIMIT %(limit)s
);
