-- +goose Up
-- At the end of which step a picture was taken, 0 for the end of the run.
ALTER TABLE run_evidence ADD COLUMN step INTEGER NOT NULL DEFAULT 0;
