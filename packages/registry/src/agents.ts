import type { Agent as HttpAgent } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import { maxSockets } from "./limits.ts";
import type { RegistryOptions } from "./options.ts";
import { mayBeUnverified } from "./trust.ts";

/** Pools of connections, by what is asked of those at the other end. */
export interface Agents {
  agentFor(url: URL): HttpAgent;
  /** From now on trusts this machine's authorities besides Node's; false when that is no news. */
  trustThisMachine(): boolean;
  close(): void;
}

/** Makes the pools as they are needed. */
export function createAgents(options: RegistryOptions, host: string): Agents {
  const agents = new Map<string, HttpAgent>();
  const registry = new URL(`https://${host}`);
  let authorities = options.tls?.ca;
  const create = (secure: boolean, verify: boolean, own: boolean): HttpAgent => {
    const pool = { keepAlive: true, maxSockets, maxFreeSockets: maxSockets };
    // Not by import statements: those evaluate all lazy parts of node:http, for 20 ms.
    if (!secure) return new (process.getBuiltinModule("node:http").Agent)(pool);
    const { Agent } = process.getBuiltinModule("node:https") as { readonly Agent: typeof HttpsAgent };
    const { ca: _, ...client } = options.tls ?? {};
    const trust = authorities ? { ca: [...authorities] } : {};
    return new Agent({ ...pool, ...(own && client), ...trust, rejectUnauthorized: verify });
  };
  return {
    agentFor(url) {
      const secure = url.protocol === "https:";
      const verify = !mayBeUnverified(url.hostname, options);
      const own = url.origin === registry.origin;
      const key = secure ? `${verify} ${own} ${authorities !== options.tls?.ca}` : "plain";
      const agent = agents.get(key) ?? create(secure, verify, own);
      agents.set(key, agent);
      return agent;
    },
    trustThisMachine() {
      if (authorities) return false;
      // Only when it is needed: reading them takes longer than a small pull.
      const { getCACertificates } = process.getBuiltinModule("node:tls");
      authorities = [...new Set([...getCACertificates("default"), ...getCACertificates("system")])];
      return true;
    },
    close() {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}
