-- Members are invited by mail, users change their address, keys of the scope "licenses" may not resolve by it any more.

-- tenant_users.id: what the tenant knows a member by, the id of the invitation if there was one. NULL, in rows of before and of services of before: the user's id.
DROP PROCEDURE IF EXISTS alter_members;
CREATE PROCEDURE alter_members()
BEGIN
  -- Each ALTER happens wholly or not at all, so what one of these errors tells is that the statement has been done.
  DECLARE CONTINUE HANDLER FOR 1060, 1061 BEGIN END;
  ALTER TABLE tenant_users
    ADD COLUMN id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD UNIQUE KEY uq_tenant_users_member (tenant_id, id);
  -- When the token's holder has set a password with it: as good as a sign-in for what only the owner of the account may do.
  ALTER TABLE personal_access_tokens
    ADD COLUMN proved_at DATETIME(6) NULL;
END;
CALL alter_members();
DROP PROCEDURE alter_members;

-- open_marker: 1 until it is accepted, declined or taken back, then NULL; so an address is invited to a tenant once at a time. Rows that are over stay for a while:
-- they are counted, so that nobody has more strangers mailed to by taking invitations back.
CREATE TABLE IF NOT EXISTS invitations (
  id          CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  tenant_id   CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  email       VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  role        VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  invited_by  CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NULL,
  open_marker TINYINT(1)   NULL,
  expires_at  DATETIME(6)  NOT NULL,
  created_at  DATETIME(6)  NOT NULL,
  UNIQUE KEY uq_invitations_open (tenant_id, email, open_marker),
  KEY ix_invitations_email (email, open_marker),
  KEY ix_invitations_created (tenant_id, created_at),
  KEY ix_invitations_expires (expires_at),
  CONSTRAINT fk_invitations_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Who was a member, for a while: a removal that was committed and not announced is repeated, and has to be announced then.
CREATE TABLE IF NOT EXISTS former_members (
  tenant_id CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  id        CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id   CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  left_at   DATETIME(6) NOT NULL,
  PRIMARY KEY (tenant_id, id),
  KEY ix_former_members_user (user_id),
  KEY ix_former_members_left (left_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- An address that a user wants to have and still has to prove, by a mailed token whose subject is this row.
CREATE TABLE IF NOT EXISTS email_changes (
  id         CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  user_id    CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  email      VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  expires_at DATETIME(6)  NOT NULL,
  created_at DATETIME(6)  NOT NULL,
  KEY ix_email_changes_user (user_id),
  KEY ix_email_changes_expires (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Until now the scope "licenses" was good for resolving, too; keys that have it keep what they could do.
UPDATE api_keys SET scopes = REPLACE(scopes, '"licenses"', '"licenses","resolve"') WHERE scopes LIKE '%"licenses"%' AND scopes NOT LIKE '%"resolve"%';
