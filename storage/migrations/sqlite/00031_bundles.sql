-- +goose Up
-- Deliveries of an endpoint with the same bundle leave in one message. State 4
-- is told by another delivery.
ALTER TABLE outbox ADD COLUMN bundle TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_bundle ON outbox (endpoint, bundle, state) WHERE bundle <> '';
