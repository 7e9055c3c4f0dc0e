-- Many licenses at once: what was imported, which rows were not, and how far a change of many has come.

-- One upload, under its Idempotency-Key if it has one. digest is that of the first taken_count rows, so that the same upload, sent again, is known and goes on there.
CREATE TABLE IF NOT EXISTS license_imports (
  id            CHAR(36)        CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  key_hash      BINARY(32)      NULL,
  format        VARCHAR(8)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status        VARCHAR(16)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  taken_count   BIGINT UNSIGNED NOT NULL DEFAULT 0,
  created_count BIGINT UNSIGNED NOT NULL DEFAULT 0,
  failed_count  BIGINT UNSIGNED NOT NULL DEFAULT 0,
  digest        BINARY(32)      NOT NULL,
  created_at    DATETIME(6)     NOT NULL,
  updated_at    DATETIME(6)     NOT NULL,
  finished_at   DATETIME(6)     NULL,
  UNIQUE KEY uq_license_imports_key (key_hash),
  KEY ix_license_imports_updated (updated_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- errors is a JSON object of sentences by field, as in a refusal of one license.
CREATE TABLE IF NOT EXISTS license_import_errors (
  import_id CHAR(36)        CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  row_no    BIGINT UNSIGNED NOT NULL,
  errors    LONGTEXT        NOT NULL,
  PRIMARY KEY (import_id, row_no),
  CONSTRAINT fk_license_import_errors_import FOREIGN KEY (import_id) REFERENCES license_imports (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- How far a job has come that changes many licenses, kept in the transaction of each of its steps. last_id is the last license it has looked at.
CREATE TABLE IF NOT EXISTS bulk_progress (
  job_id     CHAR(36)        CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  last_id    VARCHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  done       BIGINT UNSIGNED NOT NULL,
  failed     BIGINT UNSIGNED NOT NULL,
  updated_at DATETIME(6)     NOT NULL,
  KEY ix_bulk_progress_updated (updated_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
