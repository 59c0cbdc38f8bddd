#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// Node's own default is a guessable folder in /tmp that another user could fill before root reads it.
const home = process.getuid?.() === 0 ? "/var/cache" : (process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"));
enableCompileCache(join(home, "galley"));
await import("../dist/galley.js");
