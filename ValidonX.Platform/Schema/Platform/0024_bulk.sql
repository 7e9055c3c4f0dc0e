-- Changes of many licenses at once, each worked on by the job of the same id. What it is to do stands in the job's payload; done and failed are copies of the tenant's bulk_progress.
CREATE TABLE IF NOT EXISTS bulk_changes (
  job_id    CHAR(36)        CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  tenant_id CHAR(36)        CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  action    VARCHAR(16)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  matched   BIGINT UNSIGNED NOT NULL,
  done      BIGINT UNSIGNED NOT NULL DEFAULT 0,
  failed    BIGINT UNSIGNED NOT NULL DEFAULT 0,
  KEY ix_bulk_changes_tenant (tenant_id, job_id),
  CONSTRAINT fk_bulk_changes_job FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
