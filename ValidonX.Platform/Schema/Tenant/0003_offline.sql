-- Verdicts that are verified without asking: the keys that sign them, and the license files that were given out.

-- slot is 'active' for the key that signs, 'next' for the one that will, NULL for one that signs no more. An old key is published until
-- needed_until, when the last that it has signed has ended, unless it was revoked.
CREATE TABLE IF NOT EXISTS signing_keys (
  id             CHAR(36)       CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  slot           VARCHAR(8)     CHARACTER SET ascii COLLATE ascii_bin NULL,
  sealed_private VARBINARY(512) NOT NULL,
  x              CHAR(43)       CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  y              CHAR(43)       CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at     DATETIME(6)    NOT NULL,
  retired_at     DATETIME(6)    NULL,
  needed_until   DATETIME(6)    NULL,
  revoked_at     DATETIME(6)    NULL,
  UNIQUE KEY uq_signing_keys_slot (slot)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS license_files (
  id          CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  license_id  CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  key_id      CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  instance_id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  encrypted   TINYINT(1)   NOT NULL,
  expires_at  DATETIME(6)  NOT NULL,
  created_at  DATETIME(6)  NOT NULL,
  revoked_at  DATETIME(6)  NULL,
  KEY ix_license_files_license (license_id, id),
  KEY ix_license_files_revoked (revoked_at),
  CONSTRAINT fk_license_files_license FOREIGN KEY (license_id) REFERENCES license_keys (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
