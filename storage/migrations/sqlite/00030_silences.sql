-- +goose Up
-- Who keeps which messages back, when and why. Matchers are a JSON list. A
-- silence is never changed but for its end.
CREATE TABLE silence (
  id         INTEGER PRIMARY KEY,
  author     TEXT NOT NULL,
  reason     TEXT NOT NULL,
  from_at    INTEGER NOT NULL,
  to_at      INTEGER NOT NULL,
  matchers   TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  ended_by   TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX silence_to ON silence (to_at);
