-- Usage by the hour, kept in step with the events in their transactions: what is asked for by hour, day or month is a sum of these.
CREATE TABLE IF NOT EXISTS usage_hours (
  license_id CHAR(36)        CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  code       VARCHAR(100)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  hour       DATETIME        NOT NULL,
  used       BIGINT UNSIGNED NOT NULL,
  events     BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (license_id, code, hour),
  KEY ix_usage_hours_code (code, hour)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

REPLACE INTO usage_hours (license_id, code, hour, used, events)
SELECT license_id, code, DATE_FORMAT(recorded_at, '%Y-%m-%d %H:00:00') AS started, SUM(quantity), COUNT(*) FROM usage_events GROUP BY license_id, code, started;

-- The thresholds of a period that somebody was told of, in percent of the limit.
CREATE TABLE IF NOT EXISTS usage_thresholds (
  license_id   CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  code         VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  period_start DATE         NOT NULL,
  percent      INT UNSIGNED NOT NULL,
  told_at      DATETIME(6)  NOT NULL,
  PRIMARY KEY (license_id, code, period_start, percent)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

DROP PROCEDURE IF EXISTS add_keys;
CREATE PROCEDURE add_keys()
BEGIN
  -- What this error tells is that the statement has been done.
  DECLARE CONTINUE HANDLER FOR 1061 BEGIN END;
  ALTER TABLE usage_events ADD KEY ix_usage_events_time (recorded_at);
  -- The list of revocations looks for what was freed lately.
  ALTER TABLE activations ADD KEY ix_activations_revoked (revoked_at);
END;
CALL add_keys();
DROP PROCEDURE add_keys;

-- Nothing was ever kept here.
DROP TABLE IF EXISTS usage_snapshots;
