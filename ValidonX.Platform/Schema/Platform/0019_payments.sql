-- Payments that come in through a provider, and what the platform has at Stripe.

-- A tenant's customer at Stripe, and the card that may be charged again.
CREATE TABLE IF NOT EXISTS stripe_customers (
  tenant_id      CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  customer_id    VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  payment_method VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL,
  created_at     DATETIME(6)  NOT NULL,
  UNIQUE KEY uq_stripe_customers_customer (customer_id),
  KEY ix_stripe_customers_method (payment_method),
  CONSTRAINT fk_stripe_customers_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The one page at Stripe on which an invoice can be paid; attempt counts the pages that it has had.
CREATE TABLE IF NOT EXISTS stripe_checkouts (
  invoice_id CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  tenant_id  CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  attempt    INT UNSIGNED NOT NULL,
  keeps_card TINYINT(1)   NOT NULL,
  session_id VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL,
  updated_at DATETIME(6)  NOT NULL,
  KEY ix_stripe_checkouts_tenant (tenant_id),
  CONSTRAINT fk_stripe_checkouts_invoice FOREIGN KEY (invoice_id) REFERENCES invoices (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Events of Stripe's that have had their effect; written in its transaction.
CREATE TABLE IF NOT EXISTS stripe_events (
  id          VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  type        VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at  DATETIME(6)  NOT NULL,
  received_at DATETIME(6)  NOT NULL,
  KEY ix_stripe_events_received (received_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Money that came in, once each: applied to its invoice, or unapplied for a reason until somebody decides.
CREATE TABLE IF NOT EXISTS payments (
  id             CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  provider       VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reference      VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tenant_id      CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  invoice_id     CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NULL,
  amount_cents   BIGINT       NOT NULL,
  currency       CHAR(3)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status         VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason         VARCHAR(32)  CHARACTER SET ascii COLLATE ascii_bin NULL,
  refunded_cents BIGINT       NOT NULL DEFAULT 0,
  dispute        VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NULL,
  paid_at        DATETIME(6)  NOT NULL,
  created_at     DATETIME(6)  NOT NULL,
  UNIQUE KEY uq_payments_reference (provider, reference),
  KEY ix_payments_tenant (tenant_id, id),
  KEY ix_payments_status (status, id),
  CONSTRAINT fk_payments_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
