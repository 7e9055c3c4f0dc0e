-- Subscriptions that pass their periods, invoices with numbers and lines, taxes, credit and metered prices.

DROP PROCEDURE IF EXISTS alter_billing;
CREATE PROCEDURE alter_billing()
BEGIN
  -- Each ALTER happens wholly or not at all, so what these errors tell is that the statement has been done.
  DECLARE CONTINUE HANDLER FOR 1060, 1061 BEGIN END;
  -- next_look_at: nothing is to be done by itself before; what an older version writes is looked at once.
  ALTER TABLE subscriptions
    ADD COLUMN anchor_at      DATETIME(6) NULL,
    ADD COLUMN period_number  INT         NOT NULL DEFAULT 0,
    ADD COLUMN billing_period VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'month',
    ADD COLUMN price_cents    BIGINT      NULL,
    ADD COLUMN currency       CHAR(3)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'USD',
    ADD COLUMN next_plan_code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN invoiced_until DATETIME(6) NULL,
    ADD COLUMN metered_until  DATETIME(6) NULL,
    ADD COLUMN past_due_since DATETIME(6) NULL,
    ADD COLUMN paused_at      DATETIME(6) NULL,
    ADD COLUMN canceled_at    DATETIME(6) NULL,
    ADD COLUMN next_look_at   DATETIME(6) NOT NULL DEFAULT '1970-01-01 00:00:00',
    ADD KEY ix_subscriptions_look (next_look_at, id),
    ADD CONSTRAINT fk_subscriptions_next_plan FOREIGN KEY (next_plan_code) REFERENCES plans (code);
  -- What has begun before there were invoices counts as paid.
  UPDATE subscriptions s JOIN plans p ON p.code = s.plan_code
  SET s.anchor_at = s.current_period_start, s.price_cents = p.price_cents, s.currency = p.currency, s.billing_period = p.billing_period,
      s.invoiced_until = s.current_period_end, s.metered_until = DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-01'), s.next_look_at = s.current_period_end
  WHERE s.anchor_at IS NULL;
  -- seller_details, customer: as they were when it was issued, as JSON.
  ALTER TABLE invoices
    MODIFY COLUMN amount_cents BIGINT NOT NULL,
    ADD COLUMN seller         VARCHAR(32)  CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN number         BIGINT UNSIGNED NULL,
    ADD COLUMN display_number VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN plan_code      VARCHAR(32)  CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN subtotal_cents BIGINT       NOT NULL DEFAULT 0,
    ADD COLUMN tax_cents      BIGINT       NOT NULL DEFAULT 0,
    ADD COLUMN due_at         DATETIME(6)  NULL,
    ADD COLUMN seller_details LONGTEXT     NULL,
    ADD COLUMN customer       LONGTEXT     NULL,
    ADD COLUMN paid_at        DATETIME(6)  NULL,
    ADD COLUMN failed_at      DATETIME(6)  NULL,
    ADD COLUMN payment_note   VARCHAR(200) NULL,
    ADD UNIQUE KEY uq_invoices_number (seller, number),
    ADD KEY ix_invoices_open (subscription_id, status, due_at);
END;
CALL alter_billing();
DROP PROCEDURE alter_billing;

-- The last number of each seller, whose row is locked from the taking of a number to the commit: a number that is not used is not taken.
CREATE TABLE IF NOT EXISTS invoice_series (
  seller      VARCHAR(32)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  last_number BIGINT UNSIGNED NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS invoice_lines (
  invoice_id       CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  position         INT UNSIGNED NOT NULL,
  kind             VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  description      VARCHAR(300) NOT NULL,
  quantity         BIGINT       NOT NULL,
  amount_cents     BIGINT       NOT NULL,
  period_start     DATETIME(6)  NULL,
  period_end       DATETIME(6)  NULL,
  tax_basis_points INT          NULL,
  PRIMARY KEY (invoice_id, position),
  CONSTRAINT fk_invoice_lines_invoice FOREIGN KEY (invoice_id) REFERENCES invoices (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What a tenant is owed (positive) and what of it was used (negative); append-only.
CREATE TABLE IF NOT EXISTS billing_credits (
  id           CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  tenant_id    CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  currency     CHAR(3)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  amount_cents BIGINT       NOT NULL,
  reason       VARCHAR(300) NOT NULL,
  invoice_id   CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NULL,
  created_at   DATETIME(6)  NOT NULL,
  KEY ix_billing_credits_tenant (tenant_id, currency, id),
  CONSTRAINT fk_billing_credits_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- To whom a tenant's invoices are made out.
CREATE TABLE IF NOT EXISTS billing_details (
  tenant_id  CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  name       VARCHAR(120) NOT NULL,
  address    VARCHAR(500) NOT NULL,
  country    CHAR(2)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tax_id     VARCHAR(64)  NULL,
  updated_at DATETIME(6)  NOT NULL,
  CONSTRAINT fk_billing_details_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The taxes of a country, each from a day on until another.
CREATE TABLE IF NOT EXISTS tax_rates (
  id           CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  country      CHAR(2)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name         VARCHAR(64)  NOT NULL,
  basis_points INT UNSIGNED NOT NULL,
  valid_from   DATETIME(6)  NOT NULL,
  valid_until  DATETIME(6)  NULL,
  created_at   DATETIME(6)  NOT NULL,
  KEY ix_tax_rates_country (country, valid_from)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- What usage costs beyond what a plan includes: price_cents for each unit units of it in a calendar month.
CREATE TABLE IF NOT EXISTS plan_meters (
  plan_code   VARCHAR(32)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  metric      VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  included    BIGINT       NOT NULL,
  unit        BIGINT       NOT NULL,
  price_cents BIGINT       NOT NULL,
  PRIMARY KEY (plan_code, metric),
  CONSTRAINT fk_plan_meters_plan FOREIGN KEY (plan_code) REFERENCES plans (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
