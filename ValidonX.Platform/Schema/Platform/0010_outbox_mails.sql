-- Mails, written in the transaction of what causes them. status: 'waiting' to be sent (or, without a mail server, to be read by an operator), 'sent', 'failed'
-- for good, or 'void': written only so that a request about an address without an account does the same work.
-- sealed_body: text and HTML; holds a token as a rule, so it is encrypted and goes when the mail has been sent.
-- due_at: when it is to be tried next; while somebody sends it, when that one is taken for dead. expires_at: not sent any more from then on.
CREATE TABLE IF NOT EXISTS outbox_mails (
  id          CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  recipient   VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject     VARCHAR(200) NOT NULL,
  sealed_body BLOB         NULL,
  status      VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  attempts    INT UNSIGNED NOT NULL DEFAULT 0,
  error       VARCHAR(500) NULL,
  due_at      DATETIME(6)  NOT NULL,
  expires_at  DATETIME(6)  NOT NULL,
  sent_at     DATETIME(6)  NULL,
  created_at  DATETIME(6)  NOT NULL,
  KEY ix_outbox_mails_due (status, due_at),
  KEY ix_outbox_mails_recipient (recipient, created_at),
  KEY ix_outbox_mails_created (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
