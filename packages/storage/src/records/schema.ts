/** "GLRY": lets file(1) and others tell what this database is. */
export const applicationId = 0x474c5259;

/** Grows with every change of the tables; a database of a later version is refused. */
export const schemaVersion = 1;

/** The tables of version 1, made once. */
export const schema = `
  CREATE TABLE records (
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    value TEXT NOT NULL,
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
