import { z } from "zod";
import { stringListSchema } from "./descriptor-schema.ts";
import { parseDocument } from "./parse-document.ts";

/** What a registry says when it refuses (OCI distribution-spec, "Error Codes"). */
export const registryErrorsSchema = z.object({
  errors: z
    .array(z.object({ code: z.string(), message: z.string().exactOptional(), detail: z.unknown().optional() }))
    .min(1)
    .max(100),
});

/** One page of tags (OCI distribution-spec, "Listing Tags"). */
export const tagListSchema = z.object({
  name: z.string(),
  tags: stringListSchema.default([]),
});

/** What a token service answers (the registries' token authentication protocol). */
export const tokenResponseSchema = z
  .object({
    token: z.string().min(1).exactOptional(),
    access_token: z.string().min(1).exactOptional(),
    refresh_token: z.string().exactOptional(),
    /** In seconds from `issued_at`. */
    expires_in: z.number().exactOptional(),
    issued_at: z.string().exactOptional(),
  })
  .refine((answer) => answer.token !== undefined || answer.access_token !== undefined, "no token");

export type RegistryErrors = z.infer<typeof registryErrorsSchema>;
export type TagList = z.infer<typeof tagListSchema>;
export type TokenResponse = z.infer<typeof tokenResponseSchema>;

/**
 * Reads an error body. Throws `corrupt`: many proxies answer with something else.
 *
 * @example
 * parseRegistryErrors(body).errors[0]?.code; // "MANIFEST_UNKNOWN"
 */
export function parseRegistryErrors(input: unknown): RegistryErrors {
  return parseDocument(registryErrorsSchema, input, { name: "registry error" });
}

/**
 * Reads one page of tags; a registry's null list is an empty one. Throws `corrupt`.
 *
 * @example
 * parseTagList(body).tags; // ["latest", "v1"]
 */
export function parseTagList(input: unknown): TagList {
  return parseDocument(tagListSchema, input, { name: "tag list" });
}

/**
 * Reads a token service's answer. Throws `corrupt`.
 *
 * @example
 * const { token, access_token = token } = parseTokenResponse(body);
 */
export function parseTokenResponse(input: unknown): TokenResponse {
  return parseDocument(tokenResponseSchema, input, { name: "token response" });
}
