-- +goose Up
-- Why the times of a run count for no latency figure, 0 when they do. Lists
-- tell it; runs of before are told in their detail only.
ALTER TABLE run ADD COLUMN taint INTEGER NOT NULL DEFAULT 0;
