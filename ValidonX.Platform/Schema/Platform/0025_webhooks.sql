-- Webhooks: endpoints that are served in turns, events that are kept for replay, deliveries with the log of their attempts.

DROP PROCEDURE IF EXISTS alter_webhooks;
CREATE PROCEDURE alter_webhooks()
BEGIN
  -- Each ALTER happens wholly or not at all, so what one of these errors tells is that the statement has been done.
  DECLARE CONTINUE HANDLER FOR 1060, 1061, 1091 BEGIN END;
  -- status: enabled, disabled or deleted; disabled_reason: asked, gone (410) or failing.
  -- due_at: when the earliest of its waiting deliveries is due. served_at: when it last had its turn. lease_until: for how long the turn is one worker's.
  -- paused_until: its receiver has failed so often that one try at a time is made. failures, exhausted, failing_since: since the last success.
  ALTER TABLE webhook_endpoints
    ADD COLUMN description VARCHAR(250) NULL,
    ADD COLUMN is_ordered TINYINT(1) NOT NULL DEFAULT 0,
    ADD COLUMN disabled_reason VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN sealed_signing_key VARBINARY(512) NULL,
    ADD COLUMN public_key VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN previous_sealed_secret VARBINARY(512) NULL,
    ADD COLUMN previous_sealed_signing_key VARBINARY(512) NULL,
    ADD COLUMN previous_until DATETIME(6) NULL,
    ADD COLUMN failures INT UNSIGNED NOT NULL DEFAULT 0,
    ADD COLUMN exhausted INT UNSIGNED NOT NULL DEFAULT 0,
    ADD COLUMN failing_since DATETIME(6) NULL,
    ADD COLUMN due_at DATETIME(6) NULL,
    ADD COLUMN paused_until DATETIME(6) NULL,
    ADD COLUMN served_at DATETIME(6) NULL,
    ADD COLUMN lease_until DATETIME(6) NULL,
    ADD COLUMN lease_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD KEY ix_webhook_endpoints_due (due_at),
    ADD KEY ix_webhook_endpoints_status (status);
  -- What is delivered lies in webhook_events; no version has written payloads here. series_start: attempts before the present series of tries.
  ALTER TABLE webhook_deliveries
    DROP COLUMN payload;
  ALTER TABLE webhook_deliveries
    ADD COLUMN event_position BIGINT UNSIGNED NOT NULL DEFAULT 0,
    ADD COLUMN series_start INT UNSIGNED NOT NULL DEFAULT 0,
    ADD COLUMN delivered_at DATETIME(6) NULL,
    ADD KEY ix_webhook_deliveries_due (endpoint_id, status, next_attempt_at),
    ADD KEY ix_webhook_deliveries_order (endpoint_id, status, event_position),
    ADD KEY ix_webhook_deliveries_created (created_at);
END;
CALL alter_webhooks();
DROP PROCEDURE alter_webhooks;

-- position: of two events of a tenant of which one could know of the other, the later one has the greater. pending: 1 until the deliveries are made, then NULL.
-- endpoint_id: the only one that a test is for. body: the very text that is sent and signed.
CREATE TABLE IF NOT EXISTS webhook_events (
  position    BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  id          CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tenant_id   CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  type        VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  endpoint_id CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NULL,
  request_id  VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NULL,
  body        LONGTEXT     NOT NULL,
  pending     TINYINT(1)   NULL,
  created_at  DATETIME(6)  NOT NULL,
  UNIQUE KEY uq_webhook_events_id (id),
  KEY ix_webhook_events_pending (pending, tenant_id, position),
  KEY ix_webhook_events_tenant (tenant_id, created_at),
  KEY ix_webhook_events_created (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What was sent and what came back; the number goes on when a delivery is tried anew.
CREATE TABLE IF NOT EXISTS webhook_attempts (
  delivery_id     CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  number          INT UNSIGNED NOT NULL,
  tenant_id       CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  url             VARCHAR(2048) NOT NULL,
  response_status INT          NULL,
  response_body   TEXT         NULL,
  error           VARCHAR(200) NULL,
  duration_ms     INT UNSIGNED NOT NULL,
  attempted_at    DATETIME(6)  NOT NULL,
  PRIMARY KEY (delivery_id, number),
  KEY ix_webhook_attempts_tenant (tenant_id),
  KEY ix_webhook_attempts_at (attempted_at),
  CONSTRAINT fk_webhook_attempts_delivery FOREIGN KEY (delivery_id) REFERENCES webhook_deliveries (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
