/** "GLRY": lets file(1) and others tell what this database is. */
export const applicationId = 0x474c5259;

/** Grows with every change of the tables; a database of a later version is refused. */
export const schemaVersion = 2;

/** The tables as they are now, made once. */
export const schema = `
  CREATE TABLE records (
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    value TEXT NOT NULL,
    checksum INTEGER,
    PRIMARY KEY (collection, key)
  ) STRICT;
  CREATE TABLE names (
    collection TEXT NOT NULL,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (collection, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX names_of_record ON names (collection, key);
  PRAGMA user_version = ${schemaVersion};
`;

/** What brings a database of version n to n + 1, by n; run in one transaction by the first who writes. */
export const migrations: Readonly<Record<number, string>> = {
  1: "ALTER TABLE records ADD COLUMN checksum INTEGER", // unknown for records that were written before
};
