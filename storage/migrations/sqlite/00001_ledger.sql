-- +goose Up
-- Times are milliseconds of Unix time in UTC, 0 when not known; spans are
-- milliseconds; enumerations are small integers given by enum.go.

CREATE TABLE setting (
  key   TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE location (
  id  INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE scenario (
  id      INTEGER PRIMARY KEY,
  key     TEXT NOT NULL UNIQUE,
  state   INTEGER NOT NULL,             -- 0 known by its runs only, 1 active, 2 retired
  ord     INTEGER NOT NULL DEFAULT 0,   -- place in the list
  rev_id  INTEGER NOT NULL DEFAULT 0    -- current revision
) STRICT;

CREATE TABLE scenario_rev (
  id          INTEGER PRIMARY KEY,
  scenario_id INTEGER NOT NULL REFERENCES scenario(id),
  sha256      TEXT NOT NULL,
  card        BLOB NOT NULL,
  source      TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  UNIQUE (scenario_id, sha256)
) STRICT;

-- Open slots only: a row goes when its run or its gap is written.
CREATE TABLE slot (
  scenario_id INTEGER NOT NULL,
  due_at      INTEGER NOT NULL,
  location_id INTEGER NOT NULL,
  attempt     INTEGER NOT NULL,
  kind        INTEGER NOT NULL,
  issued_at   INTEGER NOT NULL,
  PRIMARY KEY (scenario_id, due_at, location_id, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE gap (
  id          INTEGER PRIMARY KEY,
  scenario_id INTEGER NOT NULL,
  location_id INTEGER NOT NULL,
  from_at     INTEGER NOT NULL,
  to_at       INTEGER NOT NULL,
  n           INTEGER NOT NULL,
  fate        INTEGER NOT NULL,
  reason      TEXT NOT NULL
) STRICT;
CREATE INDEX gap_scenario ON gap (scenario_id, location_id, to_at);

CREATE TABLE run (
  scenario_id INTEGER NOT NULL,
  due_at      INTEGER NOT NULL,
  location_id INTEGER NOT NULL,
  attempt     INTEGER NOT NULL,
  kind        INTEGER NOT NULL,
  rev_id      INTEGER NOT NULL,
  started_at  INTEGER NOT NULL,
  queue_ms    INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  outcome     INTEGER NOT NULL,
  fault       TEXT NOT NULL,
  reason      TEXT NOT NULL,
  failed_step INTEGER NOT NULL,
  steps       BLOB NOT NULL,
  vitals      BLOB NOT NULL,
  PRIMARY KEY (scenario_id, due_at, location_id, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_detail (
  scenario_id INTEGER NOT NULL,
  due_at      INTEGER NOT NULL,
  location_id INTEGER NOT NULL,
  attempt     INTEGER NOT NULL,
  outcome     INTEGER NOT NULL,
  body        BLOB NOT NULL,
  PRIMARY KEY (scenario_id, due_at, location_id, attempt)
) STRICT;

CREATE TABLE evidence (
  sha256   TEXT NOT NULL PRIMARY KEY,
  kind     INTEGER NOT NULL,
  size     INTEGER NOT NULL,
  last_ref INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_last_ref ON evidence (last_ref);

CREATE TABLE run_evidence (
  scenario_id INTEGER NOT NULL,
  due_at      INTEGER NOT NULL,
  location_id INTEGER NOT NULL,
  attempt     INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  kind        INTEGER NOT NULL,
  sha256      TEXT NOT NULL,
  PRIMARY KEY (scenario_id, due_at, location_id, attempt, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_evidence_sha256 ON run_evidence (sha256);

-- res 1 is an hour of UTC, 2 a day of the configured zone; step 0 is the run.
CREATE TABLE rollup (
  res         INTEGER NOT NULL,
  scenario_id INTEGER NOT NULL,
  step        INTEGER NOT NULL,
  bucket      INTEGER NOT NULL,
  location_id INTEGER NOT NULL,
  n           INTEGER NOT NULL,
  n_failed    INTEGER NOT NULL,
  n_degraded  INTEGER NOT NULL,
  n_errored   INTEGER NOT NULL,
  sum_ms      INTEGER NOT NULL,
  max_ms      INTEGER NOT NULL,
  hist        BLOB NOT NULL,
  PRIMARY KEY (res, scenario_id, step, bucket, location_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE check_state (
  check_key    TEXT NOT NULL,
  location     TEXT NOT NULL,
  state        INTEGER NOT NULL,
  since        INTEGER NOT NULL,
  streak       INTEGER NOT NULL,
  impact_start INTEGER NOT NULL,
  flips        INTEGER NOT NULL,
  flips_since  INTEGER NOT NULL,
  error_streak INTEGER NOT NULL,
  last_run     TEXT NOT NULL,
  last_outcome INTEGER NOT NULL,
  last_start   INTEGER NOT NULL,
  last_took_ms INTEGER NOT NULL,
  last_passed  INTEGER NOT NULL,
  PRIMARY KEY (check_key, location)
) STRICT, WITHOUT ROWID;

CREATE TABLE incident (
  number       TEXT NOT NULL PRIMARY KEY,
  year         INTEGER NOT NULL,
  ordinal      INTEGER NOT NULL,
  key          TEXT NOT NULL,
  state        INTEGER NOT NULL,
  grade        INTEGER NOT NULL,
  title        TEXT NOT NULL,
  target       TEXT NOT NULL,
  owner        TEXT NOT NULL,
  notify       TEXT NOT NULL,
  first_run    TEXT NOT NULL,
  last_run     TEXT NOT NULL,
  impact_start INTEGER NOT NULL,
  opened_at    INTEGER NOT NULL,
  acked_at     INTEGER NOT NULL,
  acked_by     TEXT NOT NULL,
  assignee     TEXT NOT NULL,
  resolved_at  INTEGER NOT NULL,
  impact_end   INTEGER NOT NULL,
  closed_at    INTEGER NOT NULL,
  reopened     INTEGER NOT NULL,
  seq          INTEGER NOT NULL,
  detail       BLOB NOT NULL            -- tags, runbook, members, failure
) STRICT;
CREATE UNIQUE INDEX incident_ordinal ON incident (year, ordinal);
CREATE INDEX incident_key ON incident (key, year, ordinal);
CREATE INDEX incident_active ON incident (year, ordinal) WHERE state <= 3;

CREATE TABLE incident_event (
  incident TEXT NOT NULL REFERENCES incident(number),
  seq      INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  actor    TEXT NOT NULL,
  kind     INTEGER NOT NULL,
  text     TEXT NOT NULL,
  run      TEXT NOT NULL,
  failure  BLOB,
  PRIMARY KEY (incident, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  idem        TEXT NOT NULL UNIQUE,
  endpoint    TEXT NOT NULL,
  stream      TEXT NOT NULL,
  incident    TEXT NOT NULL,
  seq         INTEGER NOT NULL,
  kind        TEXT NOT NULL,
  prio        INTEGER NOT NULL,
  body        BLOB NOT NULL,
  summary     TEXT NOT NULL,
  state       INTEGER NOT NULL,         -- 1 pending, 2 sent, 3 dead
  attempts    INTEGER NOT NULL,
  next_at     INTEGER NOT NULL,
  lease_until INTEGER NOT NULL,
  lease_owner TEXT NOT NULL,
  expires_at  INTEGER NOT NULL,         -- 0 never
  ref         TEXT NOT NULL,
  last_error  TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  sent_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 1;
CREATE INDEX outbox_order ON outbox (prio, next_at, id) WHERE state = 1;
CREATE INDEX outbox_expires ON outbox (expires_at) WHERE state = 1 AND expires_at > 0;
CREATE INDEX outbox_stream ON outbox (stream, id) WHERE state = 1;
CREATE INDEX outbox_thread ON outbox (stream, id) WHERE state = 2 AND ref <> '';
CREATE INDEX outbox_incident ON outbox (incident, endpoint);
CREATE INDEX outbox_done ON outbox (created_at) WHERE state <> 1;

CREATE TABLE host_sample (
  host          TEXT NOT NULL,
  at            INTEGER NOT NULL,
  cpu           REAL NOT NULL,
  load1         REAL NOT NULL,
  cores         INTEGER NOT NULL,
  mem_total     INTEGER NOT NULL,
  mem_available INTEGER NOT NULL,
  swap_used     INTEGER NOT NULL,
  uptime_ms     INTEGER NOT NULL,
  mounts        BLOB NOT NULL,
  PRIMARY KEY (host, at)
) STRICT, WITHOUT ROWID;
