-- What each tenant's callers have experienced, by the hour; all tenants together under the id of zeros. The provisioner carries it over from Redis.
CREATE TABLE IF NOT EXISTS tenant_hours (
  tenant_id CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  hour      DATETIME     NOT NULL,
  requests  BIGINT       NOT NULL,
  counts    TEXT         CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  routes    TEXT         CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (tenant_id, hour),
  KEY ix_tenant_hours_hour (hour)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
