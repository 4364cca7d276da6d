import { sealManifest } from '../src/format/manifest/manifest-file.js'
import type { Manifest, Part, ResourceEntry } from '../src/manifest.js'

const time = '2024-03-15T14:30:45.000Z'

/** A manifest that is in order, with what a test wants different. */
export function aManifest(more: Partial<Manifest> = {}): Manifest {
  return {
    format: 's3db-backup/1',
    version: '1.0',
    id: 'full-2024-03-15T14-30-45-abc123',
    backupType: 'full',
    status: 'completed',
    parent: null,
    set: 'aaaaaaaaaaaaaaaa',
    exportedAt: time,
    completedAt: time,
    window: { from: time, to: time },
    database: {},
    resources: { users: aResource('users') },
    internal: {},
    parts: [aPart('users.jsonl.gz')],
    metadata: {},
    writer: { name: 'test', version: '0' },
    ...more,
  }
}

export function aResource(name: string, more: Partial<ResourceEntry> = {}): ResourceEntry {
  return {
    name,
    attributes: { name: 'string' },
    partitions: {},
    timestamps: false,
    recordCount: 1,
    exportFile: `${name}.jsonl.gz`,
    compression: 'gzip',
    format: 'jsonl',
    bytesWritten: 100,
    whole: true,
    totalCount: 1,
    replacedCount: 0,
    deletedCount: 0,
    state: { before: '0'.repeat(64), after: 'f'.repeat(64) },
    ordered: true,
    vanished: 0,
    lost: [],
    ...more,
  }
}

export function aPart(file: string, more: Partial<Part> = {}): Part {
  return {
    file,
    resource: 'users',
    holds: 'rows',
    records: 1,
    bytes: 100,
    sha256: 'a'.repeat(64),
    blocks: ['b'.repeat(64)],
    blockBytes: 4 * 1024 * 1024,
    contentBytes: 200,
    longestLine: 199,
    codecs: ['gzip'],
    ...more,
  }
}

/** The manifest file of a backup in a directory, as an entry of a store. */
export function stored(directory: string, manifest: Manifest): readonly [string, Uint8Array] {
  return [`${directory}/s3db.json`, sealManifest(manifest).bytes]
}
