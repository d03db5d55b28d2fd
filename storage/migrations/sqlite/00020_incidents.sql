-- +goose Up
-- The latest changes of a check between up and down as a JSON list, the newest
-- first, and since when its runs come to no verdict.
ALTER TABLE check_state ADD COLUMN flipped TEXT NOT NULL DEFAULT '';
ALTER TABLE check_state ADD COLUMN stale_since INTEGER NOT NULL DEFAULT 0;
-- Incidents in mitigated (6) are active, too.
DROP INDEX incident_active;
CREATE INDEX incident_active ON incident (year, ordinal) WHERE state IN (1, 2, 3, 6);
CREATE INDEX incident_target ON incident (target, year, ordinal) WHERE state IN (1, 2, 3, 6);
