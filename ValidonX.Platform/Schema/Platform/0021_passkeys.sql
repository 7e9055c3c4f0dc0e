-- Passkeys (WebAuthn) of users and operators. credential_hash: SHA-256 of credential_id, which is too long for a key.
-- sign_count: as the authenticator had it at the last sign-in; one that goes back means a copy.
CREATE TABLE IF NOT EXISTS passkeys (
  id              CHAR(36)        CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  owner_type      VARCHAR(16)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  owner_id        CHAR(36)        CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  credential_hash BINARY(32)      NOT NULL,
  credential_id   VARBINARY(1023) NOT NULL,
  public_key      VARBINARY(1024) NOT NULL,
  sign_count      BIGINT          NOT NULL,
  name            VARCHAR(120)    NOT NULL,
  is_backed_up    TINYINT(1)      NOT NULL,
  created_at      DATETIME(6)     NOT NULL,
  last_used_at    DATETIME(6)     NULL,
  UNIQUE KEY uq_passkeys_credential (credential_hash),
  KEY ix_passkeys_owner (owner_type, owner_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
