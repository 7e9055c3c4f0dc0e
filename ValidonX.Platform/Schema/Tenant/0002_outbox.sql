-- What has happened in this database and others have yet to hear of, written in the transaction in which it happened. The provisioner
-- takes the rows out in the order of their positions.
CREATE TABLE IF NOT EXISTS outbox (
  position     BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  id           CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  type         VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  occurred_at  DATETIME(6)  NOT NULL,
  actor_type   VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  actor_id     VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NULL,
  subject_type VARCHAR(32)  CHARACTER SET ascii COLLATE ascii_bin NULL,
  subject_id   VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NULL,
  request_id   VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NULL,
  data         LONGTEXT     NOT NULL,
  UNIQUE KEY uq_outbox_id (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Answers to changes made under an Idempotency-Key, sealed, each written in the transaction of its change.
CREATE TABLE IF NOT EXISTS idempotent_answers (
  key_hash     BINARY(32)  NOT NULL PRIMARY KEY,
  request_hash BINARY(32)  NOT NULL,
  answer       LONGBLOB    NOT NULL,
  expires_at   DATETIME(6) NOT NULL,
  KEY ix_idempotent_answers_expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
