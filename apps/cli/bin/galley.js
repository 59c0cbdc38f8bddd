#!/usr/bin/env -S node --
// The dashes are for Node, which would otherwise read our --env-file (or a container's) as its own, NODE_OPTIONS and all.
// Asked for this way, Node's own modules cost nothing; an import of one would evaluate all its lazy parts first, 1 to 3 ms each.
const { enableCompileCache } = process.getBuiltinModule("node:module");
const { homedir } = process.getBuiltinModule("node:os");
const { join } = process.getBuiltinModule("node:path");

// Node's own default is a guessable folder in /tmp that another user could fill before root reads it.
const home = process.getuid?.() === 0 ? "/var/cache" : (process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"));
enableCompileCache(join(home, "galley"));
await import("../dist/galley.js");
