/** What a registry says about how often it may be asked. */
export interface RateLimit {
  /** Requests allowed in the window. */
  readonly limit?: number;
  readonly remaining?: number;
  readonly windowSeconds?: number;
  /** Whom the registry counts for: an address or an account. */
  readonly source?: string;
}

type Header = (name: string) => string | undefined;

/**
 * Reads `ratelimit-limit: 100;w=21600`, `ratelimit-remaining` and `docker-ratelimit-source`, as Docker Hub sends them.
 * Undefined when there is nothing of it.
 */
export function parseRateLimit(header: Header): RateLimit | undefined {
  const [, limit, windowSeconds] = /^(\d{1,12})(?:\s*;\s*w=(\d{1,12}))?/.exec(header("ratelimit-limit") ?? "") ?? [];
  const [remaining] = /^\d{1,12}/.exec(header("ratelimit-remaining") ?? "") ?? [];
  const source = header("docker-ratelimit-source")
    ?.replaceAll(/[^\x21-\x7e]/g, "")
    .slice(0, 64);
  if (limit === undefined && remaining === undefined) return undefined;
  return {
    ...(limit !== undefined && { limit: Number(limit) }),
    ...(remaining !== undefined && { remaining: Number(remaining) }),
    ...(windowSeconds !== undefined && { windowSeconds: Number(windowSeconds) }),
    ...(source && { source }),
  };
}

/**
 * For an error: `limit 100 in 6 h, 0 left, counted for 203.0.113.7`.
 *
 * @example
 * describeRateLimit({ limit: 100, windowSeconds: 21_600, remaining: 0 }); // "limit 100 in 6 h, 0 left"
 */
export function describeRateLimit({ limit, remaining, windowSeconds, source }: RateLimit): string {
  const parts = [
    limit !== undefined && `limit ${limit}${windowSeconds === undefined ? "" : ` in ${duration(windowSeconds)}`}`,
    remaining !== undefined && `${remaining} left`,
    source !== undefined && `counted for ${source}`,
  ];
  return parts.filter((part) => part !== false).join(", ");
}

function duration(seconds: number): string {
  if (seconds >= 3600 && seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds >= 60 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
