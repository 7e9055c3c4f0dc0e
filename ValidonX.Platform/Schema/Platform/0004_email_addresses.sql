-- An account's address is compared byte by byte, in its canonical form, so that no other spelling can be taken for it.
ALTER TABLE admins MODIFY email VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
ALTER TABLE users MODIFY email VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
