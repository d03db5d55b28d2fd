-- +goose Up
-- What wakes the prober up for an incident. What is due follows from the
-- incident itself.
CREATE TABLE timer (
    incident   TEXT NOT NULL REFERENCES incident (number),
    kind       TEXT NOT NULL,
    step       INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,
    PRIMARY KEY (incident, kind, step, generation)
) WITHOUT ROWID;
CREATE INDEX timer_due ON timer (due_at);
