import type { StoredObject } from './stored-form/index.js'

type Metadata = StoredObject['metadata']

/**
 * Metadata under the names that s3db.js gave it. S3 carries them as HTTP headers, and some servers (Ceph's gateway)
 * give `x-amz-meta-_v` back as `x-amz-meta--v`. s3db.js begins names of its own with `_` (`_v`, `_overflow`, `_map`),
 * those of attributes with a letter or a digit, and none with `-`.
 */
export function asWritten(metadata: Metadata): Metadata {
  if (!Object.keys(metadata).some((name) => name.startsWith('-'))) return metadata
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.replace(/^-/, '_'), value]))
}
