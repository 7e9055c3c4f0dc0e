-- The platform database: who the tenants are, who may act for them, what they bought, where their databases live.
-- Every statement may run again after a crash between two of them.

CREATE TABLE IF NOT EXISTS database_servers (
  name            VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  host            VARCHAR(255) NOT NULL,
  port            INT UNSIGNED NOT NULL,
  region          VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  class           VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  capacity        INT UNSIGNED NOT NULL,
  accepts_tenants TINYINT(1)   NOT NULL DEFAULT 1,
  created_at      DATETIME(6)  NOT NULL,
  updated_at      DATETIME(6)  NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS plans (
  code                VARCHAR(32)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  name                VARCHAR(64)  NOT NULL,
  position            INT          NOT NULL,
  price_cents         INT UNSIGNED NULL,
  currency            CHAR(3)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'USD',
  billing_period      VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'month',
  is_public           TINYINT(1)   NOT NULL DEFAULT 1,
  cluster             VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- A NULL limit is "unlimited".
CREATE TABLE IF NOT EXISTS plan_entitlements (
  plan_code VARCHAR(32)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  code      VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind      VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  value     BIGINT       NULL,
  PRIMARY KEY (plan_code, code),
  CONSTRAINT fk_plan_entitlements_plan FOREIGN KEY (plan_code) REFERENCES plans (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS tenants (
  id              CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  name            VARCHAR(120) NOT NULL,
  slug            VARCHAR(40)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status          VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  plan_code       VARCHAR(32)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  region          VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  server_name     VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NULL,
  database_name   VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NULL,
  schema_version  INT UNSIGNED NOT NULL DEFAULT 0,
  cluster         VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NULL,
  created_at      DATETIME(6)  NOT NULL,
  updated_at      DATETIME(6)  NOT NULL,
  UNIQUE KEY uq_tenants_slug (slug),
  UNIQUE KEY uq_tenants_database (server_name, database_name),
  KEY ix_tenants_status (status, created_at),
  KEY ix_tenants_schema_version (schema_version),
  CONSTRAINT fk_tenants_plan FOREIGN KEY (plan_code) REFERENCES plans (code),
  CONSTRAINT fk_tenants_server FOREIGN KEY (server_name) REFERENCES database_servers (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- An operator's limits for one tenant; NULL is "the plan's".
CREATE TABLE IF NOT EXISTS rate_limit_overrides (
  tenant_id             CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  key_requests          BIGINT UNSIGNED NULL,
  key_period_seconds    INT UNSIGNED NULL,
  tenant_requests       BIGINT UNSIGNED NULL,
  endpoint_activations  BIGINT UNSIGNED NULL,
  endpoint_usage        BIGINT UNSIGNED NULL,
  endpoint_entitlements BIGINT UNSIGNED NULL,
  updated_at            DATETIME(6)  NOT NULL,
  CONSTRAINT fk_rate_limit_overrides_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- API calls that a tenant made in a calendar month (UTC), flushed by the gateways; what is left when Redis forgets. Each run of a
-- gateway writes a row of its own that only grows, so writing it twice changes nothing; the month's use is the sum.
CREATE TABLE IF NOT EXISTS api_call_months (
  tenant_id  CHAR(36)        CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  month      DATE            NOT NULL,
  writer     VARCHAR(100)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  used       BIGINT UNSIGNED NOT NULL,
  updated_at DATETIME(6)     NOT NULL,
  PRIMARY KEY (tenant_id, month, writer)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS users (
  id            CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  email         VARCHAR(254) NOT NULL,
  name          VARCHAR(120) NOT NULL,
  password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL,
  created_at    DATETIME(6)  NOT NULL,
  updated_at    DATETIME(6)  NOT NULL,
  UNIQUE KEY uq_users_email (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS tenant_users (
  tenant_id  CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id    CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  role       VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (tenant_id, user_id),
  KEY ix_tenant_users_user (user_id),
  CONSTRAINT fk_tenant_users_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  CONSTRAINT fk_tenant_users_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS admins (
  id            CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  email         VARCHAR(254) NOT NULL,
  name          VARCHAR(120) NOT NULL,
  password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at    DATETIME(6)  NOT NULL,
  updated_at    DATETIME(6)  NOT NULL,
  UNIQUE KEY uq_admins_email (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Bearer tokens "<id>|<secret>": only the SHA-256 of the secret is kept.
CREATE TABLE IF NOT EXISTS personal_access_tokens (
  id           CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  owner_type   VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  owner_id     CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name         VARCHAR(120) NOT NULL,
  ability      VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  token_hash   BINARY(32)   NOT NULL,
  last_used_at DATETIME(6)  NULL,
  expires_at   DATETIME(6)  NULL,
  revoked_at   DATETIME(6)  NULL,
  created_at   DATETIME(6)  NOT NULL,
  KEY ix_personal_access_tokens_owner (owner_type, owner_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- sealed_key: the raw key, encrypted, from its creation by a provisioning run until its owner reveals it once.
CREATE TABLE IF NOT EXISTS api_keys (
  id                   CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  tenant_id            CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name                 VARCHAR(120) NOT NULL,
  key_hash             BINARY(32)   NOT NULL,
  hint                 CHAR(4)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sealed_key           VARBINARY(512) NULL,
  scopes               LONGTEXT     NOT NULL,
  allowed_ips          LONGTEXT     NOT NULL,
  status               VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  provisioned          TINYINT(1)   NULL,
  rate_limit_requests  BIGINT UNSIGNED NULL,
  rate_limit_period_seconds INT UNSIGNED NULL,
  replaced_by          CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NULL,
  expires_at           DATETIME(6)  NULL,
  last_used_at         DATETIME(6)  NULL,
  created_at           DATETIME(6)  NOT NULL,
  revoked_at           DATETIME(6)  NULL,
  UNIQUE KEY uq_api_keys_hash (key_hash),
  -- At most one key of a tenant is the one its provisioning made: a repeated stage adopts it.
  UNIQUE KEY uq_api_keys_provisioned (tenant_id, provisioned),
  KEY ix_api_keys_tenant (tenant_id, created_at),
  CONSTRAINT fk_api_keys_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS feature_flags (
  tenant_id  CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  code       VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind       VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  value      BIGINT       NULL,
  updated_at DATETIME(6)  NOT NULL,
  PRIMARY KEY (tenant_id, code),
  CONSTRAINT fk_feature_flags_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS subscriptions (
  id                   CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  tenant_id            CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  plan_code            VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status               VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  current_period_start DATETIME(6) NOT NULL,
  current_period_end   DATETIME(6) NOT NULL,
  cancel_at            DATETIME(6) NULL,
  created_at           DATETIME(6) NOT NULL,
  updated_at           DATETIME(6) NOT NULL,
  UNIQUE KEY uq_subscriptions_tenant (tenant_id),
  CONSTRAINT fk_subscriptions_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  CONSTRAINT fk_subscriptions_plan FOREIGN KEY (plan_code) REFERENCES plans (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS invoices (
  id              CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  tenant_id       CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subscription_id CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status          VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  amount_cents    INT UNSIGNED NOT NULL,
  currency        CHAR(3)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  period_start    DATETIME(6)  NOT NULL,
  period_end      DATETIME(6)  NOT NULL,
  created_at      DATETIME(6)  NOT NULL,
  KEY ix_invoices_tenant (tenant_id, created_at),
  CONSTRAINT fk_invoices_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS domains (
  id          CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  tenant_id   CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  host        VARCHAR(253) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
  verified_at DATETIME(6)  NULL,
  created_at  DATETIME(6)  NOT NULL,
  UNIQUE KEY uq_domains_host (host),
  KEY ix_domains_tenant (tenant_id),
  CONSTRAINT fk_domains_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS webhook_endpoints (
  id          CHAR(36)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  tenant_id   CHAR(36)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  url         VARCHAR(2048) NULL,
  status      VARCHAR(16)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  events      LONGTEXT      NOT NULL,
  sealed_secret VARBINARY(512) NOT NULL,
  placeholder TINYINT(1)    NULL,
  created_at  DATETIME(6)   NOT NULL,
  updated_at  DATETIME(6)   NOT NULL,
  UNIQUE KEY uq_webhook_endpoints_placeholder (tenant_id, placeholder),
  CONSTRAINT fk_webhook_endpoints_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS webhook_deliveries (
  id              CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  endpoint_id     CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tenant_id       CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  event_id        CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  event_type      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  payload         LONGTEXT    NOT NULL,
  status          VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  attempts        INT UNSIGNED NOT NULL DEFAULT 0,
  response_status INT         NULL,
  next_attempt_at DATETIME(6) NULL,
  created_at      DATETIME(6) NOT NULL,
  updated_at      DATETIME(6) NOT NULL,
  UNIQUE KEY uq_webhook_deliveries_event (endpoint_id, event_id),
  KEY ix_webhook_deliveries_tenant (tenant_id, created_at),
  CONSTRAINT fk_webhook_deliveries_endpoint FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- dedupe_key: a writer that may run again gives its event a key; the second write is a no-op.
CREATE TABLE IF NOT EXISTS audit_logs (
  id          CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  tenant_id   CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NULL,
  actor_type  VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  actor_id    VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NULL,
  action      VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject_type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
  subject_id  VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NULL,
  request_id  VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NULL,
  details     LONGTEXT     NOT NULL,
  dedupe_key  VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NULL,
  created_at  DATETIME(6)  NOT NULL,
  UNIQUE KEY uq_audit_logs_dedupe (dedupe_key),
  KEY ix_audit_logs_tenant (tenant_id, created_at),
  KEY ix_audit_logs_action (action, created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS provisioning_runs (
  id          CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  tenant_id   CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status      VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  attempts    INT UNSIGNED NOT NULL DEFAULT 0,
  error       VARCHAR(500) NULL,
  created_at  DATETIME(6) NOT NULL,
  started_at  DATETIME(6) NULL,
  finished_at DATETIME(6) NULL,
  UNIQUE KEY uq_provisioning_runs_tenant (tenant_id),
  CONSTRAINT fk_provisioning_runs_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS provisioning_stages (
  run_id      CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  number      INT UNSIGNED NOT NULL,
  name        VARCHAR(40)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status      VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  attempts    INT UNSIGNED NOT NULL DEFAULT 0,
  started_at  DATETIME(6)  NULL,
  finished_at DATETIME(6)  NULL,
  duration_ms DOUBLE       NULL,
  error       VARCHAR(500) NULL,
  PRIMARY KEY (run_id, number),
  CONSTRAINT fk_provisioning_stages_run FOREIGN KEY (run_id) REFERENCES provisioning_runs (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Work for the background, written in the transaction of the change that causes it. A job without a tenant is an error.
CREATE TABLE IF NOT EXISTS jobs (
  id           CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  tenant_id    CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind         VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  payload      LONGTEXT     NOT NULL,
  status       VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  attempts     INT UNSIGNED NOT NULL DEFAULT 0,
  max_attempts INT UNSIGNED NOT NULL,
  run_at       DATETIME(6)  NOT NULL,
  lease_owner  VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NULL,
  lease_until  DATETIME(6)  NULL,
  trace_parent VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NULL,
  error        VARCHAR(500) NULL,
  created_at   DATETIME(6)  NOT NULL,
  finished_at  DATETIME(6)  NULL,
  KEY ix_jobs_ready (status, run_at),
  KEY ix_jobs_tenant (tenant_id, created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- When each tenant was last served, so that the one served least recently goes first.
CREATE TABLE IF NOT EXISTS job_turns (
  tenant_id      CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  last_served_at DATETIME(6) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS idempotency_keys (
  tenant_id       CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  key_hash        BINARY(32)   NOT NULL,
  request_hash    BINARY(32)   NOT NULL,
  status          VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  lease_until     DATETIME(6)  NULL,
  response_status INT          NULL,
  response_body   LONGBLOB     NULL,
  created_at      DATETIME(6)  NOT NULL,
  expires_at      DATETIME(6)  NOT NULL,
  PRIMARY KEY (tenant_id, key_hash),
  KEY ix_idempotency_keys_expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Pools of licensing APIs that a plan or a tenant can name as its own (plans.cluster, tenants.cluster).
CREATE TABLE IF NOT EXISTS gateway_clusters (
  name         VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  destinations LONGTEXT    NOT NULL,
  updated_at   DATETIME(6) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
