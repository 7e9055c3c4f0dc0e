-- Processes that are cut off from Redis and answer from what they read here a moment ago; writers wait for that moment while there is one.
CREATE TABLE IF NOT EXISTS cut_off_replicas (
  replica VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  time    INT UNSIGNED NOT NULL,
  until   DATETIME(6)  NOT NULL,
  PRIMARY KEY (replica, time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Nothing in it lives longer than half a minute. A process that still runs the version before finds no register: its writers then wait each time.
DROP TABLE IF EXISTS adrift_replicas;
