-- How each database server is connected to: options of a connection string, without login.
CREATE TABLE IF NOT EXISTS database_server_options (
  server_name VARCHAR(64)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  options     VARCHAR(1024) NOT NULL,
  CONSTRAINT fk_database_server_options FOREIGN KEY (server_name) REFERENCES database_servers (name) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
