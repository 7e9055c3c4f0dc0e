-- One tenant's database. Every statement may run again after a crash between two of them.

CREATE TABLE IF NOT EXISTS products (
  id         CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  code       VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name       VARCHAR(120) NOT NULL,
  key_prefix VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NULL,
  status     VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  metadata   LONGTEXT     NOT NULL,
  created_at DATETIME(6)  NOT NULL,
  updated_at DATETIME(6)  NOT NULL,
  UNIQUE KEY uq_products_code (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS license_keys (
  id             CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  license_key    VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  type           VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- active, suspended or revoked; "expired" follows from expires_at and grace_days.
  status         VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- For type subscription: active, trialing, past_due, paused or canceled; NULL follows status.
  billing_status VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NULL,
  billing_since  DATETIME(6)  NULL,
  product_id     CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NULL,
  expires_at     DATETIME(6)  NULL,
  grace_days     INT UNSIGNED NOT NULL DEFAULT 0,
  customer_name  VARCHAR(120) NULL,
  customer_email VARCHAR(254) NULL,
  metadata       LONGTEXT     NOT NULL,
  last_used_at   DATETIME(6)  NULL,
  created_at     DATETIME(6)  NOT NULL,
  updated_at     DATETIME(6)  NOT NULL,
  UNIQUE KEY uq_license_keys_key (license_key),
  KEY ix_license_keys_status (status, created_at),
  KEY ix_license_keys_product (product_id, created_at),
  CONSTRAINT fk_license_keys_product FOREIGN KEY (product_id) REFERENCES products (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- license_id '' holds the tenant's own entitlements, those of its plan.
CREATE TABLE IF NOT EXISTS entitlements (
  license_id  VARCHAR(36)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  code        VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- boolean, number or text for a license; limit or boolean for the tenant.
  kind        VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- The JSON value; NULL is "unlimited" where kind is limit.
  value       TEXT         NULL,
  hard_limit  TINYINT(1)   NOT NULL DEFAULT 0,
  source      VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  updated_at  DATETIME(6)  NOT NULL,
  PRIMARY KEY (license_id, code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- active_marker is 1 while active and NULL once revoked, so that an instance has at most one active activation.
CREATE TABLE IF NOT EXISTS activations (
  id                 CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  license_id         CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  instance_id        VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  device_fingerprint VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  status             VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  active_marker      TINYINT(1)   NULL,
  metadata           LONGTEXT     NOT NULL,
  activated_at       DATETIME(6)  NOT NULL,
  revoked_at         DATETIME(6)  NULL,
  created_at         DATETIME(6)  NOT NULL,
  UNIQUE KEY uq_activations_instance (license_id, instance_id, active_marker),
  KEY ix_activations_active (active_marker),
  CONSTRAINT fk_activations_license FOREIGN KEY (license_id) REFERENCES license_keys (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Append-only.
CREATE TABLE IF NOT EXISTS usage_events (
  id                   CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  license_id           CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  code                 VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  quantity             BIGINT UNSIGNED NOT NULL,
  idempotency_key_hash BINARY(32)   NULL,
  request_hash         BINARY(32)   NULL,
  metadata             LONGTEXT     NOT NULL,
  recorded_at          DATETIME(6)  NOT NULL,
  UNIQUE KEY uq_usage_events_idempotency (idempotency_key_hash),
  KEY ix_usage_events_license (license_id, code, recorded_at),
  CONSTRAINT fk_usage_events_license FOREIGN KEY (license_id) REFERENCES license_keys (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- license_id '' counts what the tenant's plan limits (licenses, products, activations); period_start is then 1970-01-01.
CREATE TABLE IF NOT EXISTS usage_counters (
  license_id   VARCHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  code         VARCHAR(100)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  period_start DATE            NOT NULL,
  used         BIGINT UNSIGNED NOT NULL DEFAULT 0,
  updated_at   DATETIME(6)     NOT NULL,
  PRIMARY KEY (license_id, code, period_start)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS usage_snapshots (
  license_id   CHAR(36)        CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  code         VARCHAR(100)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  period_start DATE            NOT NULL,
  used         BIGINT UNSIGNED NOT NULL,
  taken_at     DATETIME(6)     NOT NULL,
  PRIMARY KEY (license_id, code, period_start)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS settings (
  name       VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  value      LONGTEXT     NOT NULL,
  updated_at DATETIME(6)  NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS branding (
  name       VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  value      LONGTEXT     NOT NULL,
  updated_at DATETIME(6)  NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
