-- Alerts, and from when on something is one. is_held: 1 until its condition is over, then NULL; so of one tenant, kind and subject there is one at a time, whoever looks. Who closes an
-- alert by hand leaves it held: it opens again when its condition has been over and comes back.
-- subject: what of the tenant it is about where the kind alone does not say so, such as a webhook endpoint's id. peak: the worst value. clear_since: since when its condition is over.
CREATE TABLE IF NOT EXISTS alerts (
  id              CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  tenant_id       CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind            VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject         VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  severity        VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status          VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  is_held         TINYINT(1)  NULL,
  measured        DOUBLE      NOT NULL,
  threshold       DOUBLE      NOT NULL,
  peak            DOUBLE      NOT NULL,
  opened_at       DATETIME(6) NOT NULL,
  last_seen_at    DATETIME(6) NOT NULL,
  clear_since     DATETIME(6) NULL,
  acknowledged_at DATETIME(6) NULL,
  acknowledged_by VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
  closed_at       DATETIME(6) NULL,
  closed_by       VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
  UNIQUE KEY uq_alerts_held (tenant_id, kind, subject, is_held),
  KEY ix_alerts_tenant (tenant_id, id),
  KEY ix_alerts_status (status, id),
  KEY ix_alerts_held (is_held),
  KEY ix_alerts_opened (opened_at),
  KEY ix_alerts_closed (closed_at),
  CONSTRAINT fk_alerts_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- NULL is "as configured".
CREATE TABLE IF NOT EXISTS plan_alert_thresholds (
  plan_code        VARCHAR(32)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  noisy_percent    BIGINT       NULL,
  noisy_requests   BIGINT       NULL,
  error_percent    BIGINT       NULL,
  p95_ms           BIGINT       NULL,
  minimum_requests BIGINT       NULL,
  queue_age_s      BIGINT       NULL,
  quota_percent    BIGINT       NULL,
  updated_at       DATETIME(6)  NOT NULL,
  CONSTRAINT fk_plan_alert_thresholds_plan FOREIGN KEY (plan_code) REFERENCES plans (code) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- NULL is "the plan's".
CREATE TABLE IF NOT EXISTS tenant_alert_thresholds (
  tenant_id        CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  noisy_percent    BIGINT       NULL,
  noisy_requests   BIGINT       NULL,
  error_percent    BIGINT       NULL,
  p95_ms           BIGINT       NULL,
  minimum_requests BIGINT       NULL,
  queue_age_s      BIGINT       NULL,
  quota_percent    BIGINT       NULL,
  updated_at       DATETIME(6)  NOT NULL,
  CONSTRAINT fk_tenant_alert_thresholds_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- One row: when the next look at everything is due. Whoever moves it makes that look.
CREATE TABLE IF NOT EXISTS alert_rounds (
  id     TINYINT     NOT NULL PRIMARY KEY,
  due_at DATETIME(6) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT IGNORE INTO alert_rounds (id, due_at) VALUES (1, '1970-01-01');
