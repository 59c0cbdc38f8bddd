import { isShortName, parseReference } from "@galley/spec";
import { maxPolicyBytes } from "./limits.ts";
import type { Fulcio, Policy, Requirement, SignedIdentity } from "./policy.ts";
import { badPolicy, isRecord, type PolicyObject, policyObject } from "./policy-object.ts";
import { parseStrictJson } from "./strict-json.ts";

/**
 * Reads a policy file (containers-policy.json(5)), strictly: what it does not know, or finds twice, makes the whole file invalid.
 *
 * @throws invalid trust.bad-policy, with the file and what is wrong where
 *
 * @example
 * const policy = parsePolicy("policy.json", '{ "default": [{ "type": "reject" }] }');
 */
export function parsePolicy(path: string, text: string): Policy {
  const file = policyObject(path, parseJson(path, text), "the policy");
  file.allow("default", "transports");
  const document = parseStrictJson(text) as Readonly<Record<string, unknown>>;
  if (!file.has("default")) throw file.bad("needs default requirements");
  const transports = Object.entries(recordOf(path, document["transports"] ?? {}, "transports"));
  return {
    path,
    default: requirementsOf(path, document["default"], "default"),
    transports: new Map(
      transports.map(([transport, scopes]) => {
        const at = `transports.${transport}`;
        const entries = Object.entries(recordOf(path, scopes, at));
        return [
          transport,
          new Map(
            entries.map(([scope, list]) => [
              checkScope(path, transport, scope),
              requirementsOf(path, list, `${at}.${JSON.stringify(scope)}`),
            ]),
          ),
        ];
      }),
    ),
  };
}

function parseJson(path: string, text: string): unknown {
  if (text.length > maxPolicyBytes) throw badPolicy(path, "it is too large");
  try {
    return parseStrictJson(text);
  } catch (cause) {
    throw badPolicy(path, (cause as Error).message.split("\n", 1)[0] ?? "not JSON");
  }
}

function recordOf(path: string, value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value;
  throw badPolicy(path, `${at} must be an object`);
}

/** A directory's scope that could never be met is a mistake that is better known. */
function checkScope(path: string, transport: string, scope: string): string {
  const isDirectory = transport === "dir" || transport === "oci";
  if (!isDirectory || scope === "") return scope;
  if (scope === "/") throw badPolicy(path, `transports.${transport}."/" must be written as ""`);
  if (!scope.startsWith("/"))
    throw badPolicy(path, `transports.${transport}.${JSON.stringify(scope)} must be an absolute path`);
  return scope;
}

function requirementsOf(path: string, value: unknown, at: string): Requirement[] {
  if (!Array.isArray(value) || value.length === 0) throw badPolicy(path, `${at} must be a list with a requirement`);
  return value.map((each, index) => requirementOf(policyObject(path, each, `${at}[${index}]`)));
}

function requirementOf(object: PolicyObject): Requirement {
  const type = object.neededText("type");
  switch (type) {
    case "insecureAcceptAnything":
    case "reject":
      object.allow("type");
      return { type };
    case "signedBy":
      return signedBy(object);
    case "sigstoreSigned":
      return sigstoreSigned(object);
    case "signedBaseLayer":
      return { type: "unsupported", what: "signedBaseLayer" };
    default:
      throw object.bad(`has an unknown type ${JSON.stringify(type)}`);
  }
}

function signedBy(object: PolicyObject): Requirement {
  object.allow("type", "keyType", "keyPath", "keyPaths", "keyData", "signedIdentity");
  const keyType = object.neededText("keyType");
  const keys = object.keys("key");
  if (keys.length === 0) throw object.bad("needs exactly one of keyPath, keyPaths and keyData");
  if (keyType !== "GPGKeys") {
    if (!/^(?:signedByGPGKeys|X509Certificates|signedByX509CAs)$/.test(keyType))
      throw object.bad("has an unknown keyType");
    return { type: "unsupported", what: `signedBy with keyType ${keyType}` };
  }
  return { type: "signedBy", keys, identity: identityOf(object.object("signedIdentity")) };
}

function sigstoreSigned(object: PolicyObject): Requirement {
  object.allow(
    ...["type", "keyPath", "keyPaths", "keyData", "keyDatas", "fulcio", "pki", "signedIdentity"],
    ...["rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas"],
  );
  const keys = object.keys("key");
  const fulcio = fulcioOf(object.object("fulcio"));
  const ways = [keys.length > 0, fulcio !== undefined, object.has("pki")].filter(Boolean);
  if (ways.length !== 1) throw object.bad("needs exactly one of keyPath, keyPaths, keyData, keyDatas, fulcio and pki");
  const rekorKeys = object.keys("rekorPublicKey");
  const identity = identityOf(object.object("signedIdentity"));
  if (object.has("pki")) return { type: "unsupported", what: "sigstoreSigned with pki" };
  if (fulcio && rekorKeys.length === 0)
    throw object.bad("has fulcio and so needs a rekorPublicKeyPath or rekorPublicKeyData");
  return { type: "sigstoreSigned", keys, ...(fulcio && { fulcio }), rekorKeys, identity };
}

function fulcioOf(object: PolicyObject | undefined): Fulcio | undefined {
  if (!object) return undefined;
  object.allow("caPath", "caData", "oidcIssuer", "subjectEmail");
  const [ca] = object.keys("ca");
  if (!ca) throw object.bad("needs exactly one of caPath and caData");
  return { ca, oidcIssuer: object.neededText("oidcIssuer"), subjectEmail: object.neededText("subjectEmail") };
}

function identityOf(object: PolicyObject | undefined): SignedIdentity {
  if (!object) return { type: "matchRepoDigestOrExact" };
  const type = object.neededText("type");
  switch (type) {
    case "matchExact":
    case "matchRepoDigestOrExact":
    case "matchRepository":
      object.allow("type");
      return { type };
    case "exactReference": {
      object.allow("type", "dockerReference");
      const dockerReference = fullName(object, "dockerReference");
      const { tag, digest } = parseReference(dockerReference);
      if (tag === undefined && digest === undefined) throw object.bad("has a dockerReference without tag and digest");
      return { type, dockerReference };
    }
    case "exactRepository":
      object.allow("type", "dockerRepository");
      return { type, dockerRepository: fullName(object, "dockerRepository") };
    case "remapIdentity":
      object.allow("type", "prefix", "signedPrefix");
      return { type, prefix: prefixOf(object, "prefix"), signedPrefix: prefixOf(object, "signedPrefix") };
    default:
      throw object.bad(`has an unknown type ${JSON.stringify(type)}`);
  }
}

function fullName(object: PolicyObject, member: string): string {
  const name = object.neededText(member);
  try {
    parseReference(name);
    return name;
  } catch {
    throw object.bad(`has a ${member} that is no image name`);
  }
}

/** A host, or a whole name without tag and digest. */
function prefixOf(object: PolicyObject, member: string): string {
  const prefix = object.neededText(member);
  try {
    const { tag, digest } = parseReference(prefix.includes("/") ? prefix : `${prefix}/x`);
    const host = prefix.includes("/") ? !isShortName(prefix) : true;
    if (tag === undefined && digest === undefined && host) return prefix;
  } catch {
    // Said below.
  }
  throw object.bad(`has a ${member} that is neither a host nor a full name without tag`);
}
