-- What lets a license's customer in: the code that was mailed last, and the sessions that codes have opened. Both are found by a hash and are of no use once the license's customer has
-- another address (email_hash). A row of codes is there for keys, too, that are none: whoever asks cannot tell by the time it takes. sent: mails since sent_since, an hour at most.
CREATE TABLE IF NOT EXISTS customer_codes (
  key_hash   BINARY(32)   NOT NULL PRIMARY KEY,
  code_hash  BINARY(32)   NULL,
  email_hash BINARY(32)   NULL,
  tries      INT UNSIGNED NOT NULL DEFAULT 0,
  sent       INT UNSIGNED NOT NULL DEFAULT 0,
  sent_since DATETIME(6)  NOT NULL,
  expires_at DATETIME(6)  NOT NULL,
  kept_until DATETIME(6)  NOT NULL,
  KEY ix_customer_codes_kept (kept_until)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS customer_sessions (
  id         CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  license_id CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  token_hash BINARY(32)  NOT NULL,
  email_hash BINARY(32)  NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  KEY ix_customer_sessions_expires (expires_at),
  CONSTRAINT fk_customer_sessions_license FOREIGN KEY (license_id) REFERENCES license_keys (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
