-- The plans of the public contract, section 8. Rows, not code: operators may change them.

INSERT IGNORE INTO plans (code, name, position, price_cents) VALUES
  ('starter', 'Starter', 1, 0),
  ('pro', 'Pro', 2, 4900),
  ('enterprise', 'Enterprise', 3, NULL);

INSERT IGNORE INTO plan_entitlements (plan_code, code, kind, value) VALUES
  ('starter', 'products.max', 'limit', 1),
  ('starter', 'licenses.max', 'limit', 100),
  ('starter', 'activations.total', 'limit', 500),
  ('starter', 'activations.max', 'limit', 10),
  ('starter', 'api_calls_monthly', 'limit', 10000),
  ('starter', 'api_calls_per_minute', 'limit', 120),
  ('starter', 'webhook_endpoints.max', 'limit', 1),
  ('pro', 'products.max', 'limit', 5),
  ('pro', 'licenses.max', 'limit', NULL),
  ('pro', 'activations.total', 'limit', NULL),
  ('pro', 'activations.max', 'limit', 50),
  ('pro', 'api_calls_monthly', 'limit', 100000),
  ('pro', 'api_calls_per_minute', 'limit', 1200),
  ('pro', 'webhook_endpoints.max', 'limit', 5),
  ('enterprise', 'products.max', 'limit', NULL),
  ('enterprise', 'licenses.max', 'limit', NULL),
  ('enterprise', 'activations.total', 'limit', NULL),
  ('enterprise', 'activations.max', 'limit', NULL),
  ('enterprise', 'api_calls_monthly', 'limit', NULL),
  ('enterprise', 'api_calls_per_minute', 'limit', 12000),
  ('enterprise', 'webhook_endpoints.max', 'limit', NULL);
