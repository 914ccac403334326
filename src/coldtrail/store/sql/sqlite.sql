-- All SQL of SQLite. `up` and `down` lead from one version of the schema to the next and back.
-- What is text of telemetry, the id of a verdict, is kept as bytes: text may hold what SQL text cannot. Where
-- it is too long for an index, its beginning and a digest stand in its place, and `whole_id` has all of it.

-- up 1: what the line tells, and where it goes on
CREATE TABLE checkpoints (
    serial INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    bundle TEXT NOT NULL,
    positions BLOB NOT NULL,
    state BLOB NOT NULL
);
CREATE TABLE verdicts (
    id BLOB PRIMARY KEY NOT NULL,
    whole_id BLOB,
    start REAL NOT NULL,
    verdict TEXT NOT NULL,
    line BLOB NOT NULL,
    flow BLOB
);
CREATE INDEX verdicts_by_start ON verdicts (start, id);
CREATE INDEX verdicts_by_verdict ON verdicts (verdict, start, id);
CREATE TABLE alerts (
    id TEXT PRIMARY KEY NOT NULL,
    state TEXT NOT NULL,
    severity TEXT NOT NULL,
    first_seen REAL NOT NULL,
    last_seen REAL NOT NULL,
    alert BLOB NOT NULL,
    episode BLOB NOT NULL
);
CREATE INDEX alerts_by_last_seen ON alerts (last_seen, id);
CREATE INDEX alerts_by_state ON alerts (state, last_seen);
CREATE TABLE cases (
    id TEXT PRIMARY KEY NOT NULL,
    state TEXT NOT NULL,
    severity TEXT NOT NULL,
    first_seen REAL NOT NULL,
    last_seen REAL NOT NULL,
    line BLOB NOT NULL
);
CREATE INDEX cases_by_last_seen ON cases (last_seen, id);
CREATE TABLE counts (
    name TEXT PRIMARY KEY NOT NULL,
    count INTEGER NOT NULL
);

-- down 1
DROP TABLE counts;
DROP TABLE cases;
DROP TABLE alerts;
DROP TABLE verdicts;
DROP TABLE checkpoints;

-- up 2: what people decide, and what they are told
CREATE TABLE deliveries (
    id TEXT PRIMARY KEY NOT NULL,
    channel TEXT NOT NULL,
    dedup_key TEXT NOT NULL,
    state TEXT NOT NULL,
    next_at REAL NOT NULL,
    made_at REAL NOT NULL,
    sent_at REAL,
    delivery BLOB NOT NULL
);
CREATE INDEX deliveries_due ON deliveries (channel, next_at, made_at, id) WHERE state = 'due';
CREATE INDEX deliveries_waiting ON deliveries (channel, dedup_key, made_at, id) WHERE state = 'due';
CREATE INDEX deliveries_by_made_at ON deliveries (state, made_at, id);
CREATE TABLE silences (
    id TEXT PRIMARY KEY NOT NULL,
    starts_at REAL NOT NULL,
    ends_at REAL NOT NULL,
    silence BLOB NOT NULL
);
CREATE TABLE decisions (
    serial INTEGER PRIMARY KEY AUTOINCREMENT,
    about TEXT NOT NULL,
    decision BLOB NOT NULL
);
CREATE INDEX decisions_by_about ON decisions (about, serial);

-- down 2
DROP TABLE decisions;
DROP TABLE silences;
DROP TABLE deliveries;

-- query make_schema
CREATE TABLE coldtrail_schema (version INTEGER NOT NULL);

-- query begin_schema
INSERT INTO coldtrail_schema (version) VALUES (0);

-- query is_empty
SELECT count(*) = 0 FROM sqlite_schema;

-- query has_schema
SELECT count(*) = 1 FROM sqlite_schema WHERE name = 'coldtrail_schema';

-- query schema
SELECT version FROM coldtrail_schema;

-- query set_schema
UPDATE coldtrail_schema SET version = :version;

-- query put_verdict
INSERT INTO verdicts (id, whole_id, start, verdict, line, flow)
VALUES (:id, :whole_id, :start, :verdict, :line, :flow)
ON CONFLICT (id) DO UPDATE SET
    start = excluded.start, verdict = excluded.verdict, line = excluded.line, flow = excluded.flow;

-- query drop_verdict
DELETE FROM verdicts WHERE id = :id;

-- query put_alert
INSERT INTO alerts (id, state, severity, first_seen, last_seen, alert, episode)
VALUES (:id, :state, :severity, :first_seen, :last_seen, :alert, :episode)
ON CONFLICT (id) DO UPDATE SET
    state = excluded.state, severity = excluded.severity, first_seen = excluded.first_seen,
    last_seen = excluded.last_seen, alert = excluded.alert, episode = excluded.episode;

-- query put_case
INSERT INTO cases (id, state, severity, first_seen, last_seen, line)
VALUES (:id, :state, :severity, :first_seen, :last_seen, :line)
ON CONFLICT (id) DO UPDATE SET
    state = excluded.state, severity = excluded.severity, first_seen = excluded.first_seen,
    last_seen = excluded.last_seen, line = excluded.line;

-- query drop_case
DELETE FROM cases WHERE id = :id;

-- query put_delivery
INSERT INTO deliveries (id, channel, dedup_key, state, next_at, made_at, sent_at, delivery)
VALUES (:id, :channel, :dedup_key, :state, :next_at, :made_at, :sent_at, :delivery)
ON CONFLICT (id) DO NOTHING;

-- query set_delivery
UPDATE deliveries SET
    channel = :channel, dedup_key = :dedup_key, state = :state, next_at = :next_at, made_at = :made_at,
    sent_at = :sent_at, delivery = :delivery
WHERE id = :id;

-- query put_silence
INSERT INTO silences (id, starts_at, ends_at, silence) VALUES (:id, :starts_at, :ends_at, :silence)
ON CONFLICT (id) DO UPDATE SET
    starts_at = excluded.starts_at, ends_at = excluded.ends_at, silence = excluded.silence;

-- query put_decision
INSERT INTO decisions (about, decision) VALUES (:about, :decision);

-- query add_count
INSERT INTO counts (name, count) VALUES (:name, :count)
ON CONFLICT (name) DO UPDATE SET count = counts.count + excluded.count;

-- query put_checkpoint
INSERT INTO checkpoints (at, bundle, positions, state) VALUES (:at, :bundle, :positions, :state);

-- query drop_old_checkpoints
DELETE FROM checkpoints
WHERE serial NOT IN (SELECT serial FROM checkpoints ORDER BY serial DESC LIMIT 2);

-- query checkpoint
SELECT positions, state, bundle, at FROM checkpoints ORDER BY serial DESC LIMIT 1;

-- query alerts
SELECT alert, episode FROM alerts
WHERE (last_seen, id) < (:at, :id)
ORDER BY last_seen DESC, id DESC LIMIT :limit;

-- query alerts_in_states
SELECT alert, episode FROM alerts
WHERE (last_seen, id) < (:at, :id) AND state IN (SELECT value FROM json_each(:states))
ORDER BY last_seen DESC, id DESC LIMIT :limit;

-- query alerts_from
SELECT alert, episode FROM alerts WHERE id >= :id AND id <= :last ORDER BY id LIMIT 2;

-- query cases
SELECT line FROM cases
WHERE (last_seen, id) < (:at, :id)
ORDER BY last_seen DESC, id DESC LIMIT :limit;

-- query cases_from
SELECT line FROM cases WHERE id >= :id AND id <= :last ORDER BY id LIMIT 2;

-- query silences
SELECT silence FROM silences ORDER BY starts_at, id;

-- query silences_at
SELECT silence FROM silences WHERE starts_at <= :at AND :at < ends_at ORDER BY starts_at, id;

-- query decisions
SELECT decision FROM decisions ORDER BY serial;

-- query decisions_about
SELECT decision FROM decisions WHERE about = :about ORDER BY serial;

-- query verdicts
SELECT id, whole_id, start, verdict, line, flow FROM verdicts
WHERE (start, id) > (:start, :id)
ORDER BY start, id LIMIT :limit;

-- query verdicts_of
SELECT id, whole_id, start, verdict, line, flow FROM verdicts
WHERE verdict = :verdict AND (start, id) > (:start, :id)
ORDER BY start, id LIMIT :limit;

-- query verdict
SELECT id, whole_id, start, verdict, line, flow FROM verdicts WHERE id = :id;

-- query due
SELECT delivery FROM deliveries WHERE state = 'due' AND channel = :channel AND next_at <= :now
ORDER BY next_at, made_at, id LIMIT :limit;

-- query waiting
SELECT delivery FROM deliveries WHERE state = 'due' AND channel = :channel AND dedup_key = :dedup_key
ORDER BY made_at, id;

-- query deliveries
SELECT delivery FROM deliveries
WHERE state = :state AND (made_at, id) < (:at, :id)
ORDER BY made_at DESC, id DESC LIMIT :limit;

-- query counts
SELECT name, count FROM counts ORDER BY name;

-- query prune_verdicts
DELETE FROM verdicts WHERE id IN (SELECT id FROM verdicts WHERE start < :before LIMIT :limit);

-- query prune_sent
DELETE FROM deliveries WHERE id IN (
    SELECT id FROM deliveries WHERE state = 'sent' AND sent_at < :before LIMIT :limit
);

-- query prune_dead
DELETE FROM deliveries WHERE id IN (
    SELECT id FROM deliveries WHERE state = 'dead' AND made_at < :decided_before LIMIT :limit
);

-- query prune_alerts
DELETE FROM alerts WHERE id IN (
    SELECT id FROM alerts WHERE state = 'closed' AND last_seen < :decided_before LIMIT :limit
);

-- query prune_cases
DELETE FROM cases WHERE id IN (
    SELECT id FROM cases WHERE state = 'quiet' AND last_seen < :decided_before LIMIT :limit
);

-- query prune_silences
DELETE FROM silences WHERE id IN (SELECT id FROM silences WHERE ends_at < :decided_before LIMIT :limit);
