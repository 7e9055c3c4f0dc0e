-- Single sign-on per tenant, and the challenges of sign-ins that were used up.

-- A NULL audience is the client's id; a NULL default_role lets nobody in to whom the claim gives no role. version: another one after every change.
CREATE TABLE IF NOT EXISTS tenant_sso (
  tenant_id            CHAR(36)        CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  version              CHAR(36)        CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  issuer               VARCHAR(255)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  client_id            VARCHAR(255)    CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  sealed_client_secret VARBINARY(2048) NULL,
  audience             VARCHAR(255)    CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  role_claim           VARCHAR(128)    CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  default_role         VARCHAR(16)     CHARACTER SET ascii COLLATE ascii_bin NULL,
  highest_role         VARCHAR(16)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at           DATETIME(6)     NOT NULL,
  updated_at           DATETIME(6)     NOT NULL,
  KEY ix_tenant_sso_issuer (issuer),
  CONSTRAINT fk_tenant_sso_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Whom a subject of an issuer is in a tenant. It stays when the membership goes: whoever was removed is not let in again by the next token.
-- subject_key: SHA-256 of tenant, issuer and subject. claims_at: when the newest token was issued whose claims were taken note of, Unix seconds.
-- claimed_email: as the issuer has it, for the tenant to look at; it names no account.
CREATE TABLE IF NOT EXISTS sso_subjects (
  tenant_id   CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject_key BINARY(32)   NOT NULL,
  user_id     CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject     VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  claimed_email VARCHAR(254) NULL,
  claims_at   BIGINT       NOT NULL,
  created_at  DATETIME(6)  NOT NULL,
  PRIMARY KEY (subject_key),
  UNIQUE KEY uq_sso_subjects_user (user_id),
  KEY ix_sso_subjects_tenant (tenant_id, created_at),
  CONSTRAINT fk_sso_subjects_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  CONSTRAINT fk_sso_subjects_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What may be answered once, from the answer until it would be too late for another.
CREATE TABLE IF NOT EXISTS used_challenges (
  challenge_hash BINARY(32)  NOT NULL PRIMARY KEY,
  expires_at     DATETIME(6) NOT NULL,
  KEY ix_used_challenges_expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

DROP PROCEDURE IF EXISTS alter_tokens;
CREATE PROCEDURE alter_tokens()
BEGIN
  -- Each ALTER happens wholly or not at all, so what one of these errors tells is that the statement has been done.
  DECLARE CONTINUE HANDLER FOR 1060, 1061 BEGIN END;
  -- tenant_id: the token was given for a sign-on at this tenant's issuer; it opens no other tenant, and ends with that tenant's settings.
  ALTER TABLE personal_access_tokens
    ADD COLUMN tenant_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL AFTER owner_id,
    ADD KEY ix_personal_access_tokens_tenant (tenant_id);
END;
CALL alter_tokens();
DROP PROCEDURE alter_tokens;
