-- Tenants that were closed. When they have been for long enough, a job deletes what is left of them; then deleted_at is set and the
-- tenant's row stays, without a database, for what the audit log tells about it.
CREATE TABLE IF NOT EXISTS tenant_closings (
  tenant_id  CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  closed_at  DATETIME(6) NOT NULL,
  job_id     CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NULL,
  deleted_at DATETIME(6) NULL,
  KEY ix_tenant_closings_due (deleted_at, closed_at),
  CONSTRAINT fk_tenant_closings_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

INSERT IGNORE INTO tenant_closings (tenant_id, closed_at) SELECT id, updated_at FROM tenants WHERE status = 'closed';
