import type { StoredObject } from '../stored-form/index.js'

type Metadata = StoredObject['metadata']

/**
 * Metadata under the names that s3db.js gave it. S3 carries them as HTTP headers, and some servers (Ceph's gateway)
 * give `x-amz-meta-_v` back as `x-amz-meta--v`. s3db.js begins names of its own with `_` (`_v`, `_overflow`, `_map`),
 * those of attributes with a letter or a digit, and none with `-`.
 */
export function asWritten(metadata: Metadata): Metadata {
  const names = Object.keys(metadata)
  if (!names.some((name) => name.startsWith('-'))) return metadata
  return Object.fromEntries(names.map((name) => [writtenName(name, metadata), metadata[name]]))
}

/** Where both are there, it was no server that changed one into the other. */
function writtenName(name: string, metadata: Metadata): string {
  const original = name.replace(/^-/, '_')
  return Object.hasOwn(metadata, original) ? name : original
}
