-- Operators are people: invited by mail (without a password until they accept), and disabled when they leave. A row stays, so that the audit log keeps naming who did what.
DROP PROCEDURE IF EXISTS alter_operators;
CREATE PROCEDURE alter_operators()
BEGIN
  -- Each ALTER happens wholly or not at all, so what this error tells is that the statement has been done.
  DECLARE CONTINUE HANDLER FOR 1060 BEGIN END;
  ALTER TABLE admins
    MODIFY password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN disabled_at DATETIME(6) NULL AFTER password_hash,
    ADD COLUMN last_signed_in_at DATETIME(6) NULL AFTER disabled_at;
END;
CALL alter_operators();
DROP PROCEDURE alter_operators;
