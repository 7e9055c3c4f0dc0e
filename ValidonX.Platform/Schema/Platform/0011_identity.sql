-- Users who register themselves, prove their address and have a second factor.
DROP PROCEDURE IF EXISTS alter_users;
CREATE PROCEDURE alter_users()
BEGIN
  -- Each ALTER happens wholly or not at all, so what one of these errors tells is that the statement has been done.
  DECLARE CONTINUE HANDLER FOR 1060, 1061 BEGIN END;
  ALTER TABLE users
    ADD COLUMN company VARCHAR(120) NULL AFTER name,
    ADD COLUMN email_verified_at DATETIME(6) NULL AFTER password_hash;
  -- All accounts until now were made by operators, who vouch for the addresses.
  UPDATE users SET email_verified_at = created_at WHERE email_verified_at IS NULL;
  -- What a user did, for the export of the user's data.
  ALTER TABLE audit_logs ADD KEY ix_audit_logs_actor (actor_id, created_at);
END;
CALL alter_users();
DROP PROCEDURE alter_users;

-- A registration becomes a user when its address is proved, and only then: until then whoever registered has no account, and no password of a stranger waits
-- in one. Several may wait for one address; the first that is proved is the account, and the others go.
CREATE TABLE IF NOT EXISTS registrations (
  id            CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  email         VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name          VARCHAR(120) NOT NULL,
  company       VARCHAR(120) NULL,
  password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  expires_at    DATETIME(6)  NOT NULL,
  created_at    DATETIME(6)  NOT NULL,
  KEY ix_registrations_email (email, expires_at),
  KEY ix_registrations_expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Tokens in the links of mails: for one purpose, once. subject_id: the registration's or the user's.
CREATE TABLE IF NOT EXISTS mailed_tokens (
  id         CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  purpose    VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject_id CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  token_hash BINARY(32)  NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  used_at    DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  KEY ix_mailed_tokens_subject (subject_id, purpose),
  KEY ix_mailed_tokens_expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- TOTP secrets of users and operators. last_step: the time step of the newest code that was accepted; none of it or before is accepted again.
CREATE TABLE IF NOT EXISTS two_factors (
  owner_type    VARCHAR(16)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  owner_id      CHAR(36)       CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sealed_secret VARBINARY(512) NOT NULL,
  confirmed_at  DATETIME(6)    NULL,
  last_step     BIGINT         NOT NULL DEFAULT 0,
  failures      INT UNSIGNED   NOT NULL DEFAULT 0,
  locked_until  DATETIME(6)    NULL,
  created_at    DATETIME(6)    NOT NULL,
  PRIMARY KEY (owner_type, owner_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS recovery_codes (
  owner_type VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  owner_id   CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  code_hash  BINARY(32)  NOT NULL,
  used_at    DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (owner_type, owner_id, code_hash)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
