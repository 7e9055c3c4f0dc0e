-- One row: from when on something is an alert where neither tenant nor plan says so, as the provisioner is configured that judged last. It alone writes this.
CREATE TABLE IF NOT EXISTS platform_alert_thresholds (
  id               TINYINT NOT NULL PRIMARY KEY,
  noisy_percent    BIGINT  NOT NULL,
  noisy_requests   BIGINT  NOT NULL,
  error_percent    BIGINT  NOT NULL,
  p95_ms           BIGINT  NOT NULL,
  minimum_requests BIGINT  NOT NULL,
  queue_age_s      BIGINT  NOT NULL,
  quota_percent    BIGINT  NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
