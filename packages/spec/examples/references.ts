import { digestOf, familiarReference, isGalleyError, parseReference, withDefaultTag } from "@galley/spec";
import { parseImageIndex } from "@galley/spec/schemas";

const reference = withDefaultTag(parseReference("docker.io/library/alpine"));
console.log(reference.domain, reference.repository, familiarReference(reference));

const document = new TextEncoder().encode('{"schemaVersion":2,"manifests":[]}');
console.log(digestOf(document), parseImageIndex(document).manifests.length);

try {
  parseReference("Alpine");
} catch (error) {
  if (isGalleyError(error, "invalid")) console.log(error.code, error.message);
}
