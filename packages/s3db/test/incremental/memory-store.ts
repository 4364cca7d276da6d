import { gunzipSync } from 'node:zlib'
import { BackupError, type Driver, type Manifest } from '@s3db-backup/core'

export interface MemoryStore extends Driver {
  readonly objects: Map<string, Buffer>
}

/** A place for backups, over a map. */
export function memoryStore(): MemoryStore {
  const objects = new Map<string, Buffer>()
  return {
    name: 'memory',
    objects,
    async put(key, body) {
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(Buffer.from(chunk))
      const bytes = Buffer.concat(chunks)
      objects.set(key, bytes)
      return { bytes: bytes.byteLength }
    },
    async *get(key) {
      const bytes = objects.get(key)
      if (bytes === undefined) throw new BackupError('not_found', `${key} is not there`)
      yield bytes
    },
    async *list(prefix) {
      for (const [key, { byteLength }] of [...objects]) {
        if (key.startsWith(prefix)) yield { key, bytes: byteLength }
      }
    },
    async delete(key) {
      objects.delete(key)
    },
  }
}

/** The lines of all parts of one kind, by resource; gzip is the codec of these tests. */
export function linesOf(
  { objects }: MemoryStore,
  manifest: Manifest,
  holds: 'rows' | 'raw' | 'index' | 'deleted',
): Record<string, string[]> {
  const lines: Record<string, string[]> = {}
  for (const part of manifest.parts.filter((candidate) => candidate.holds === holds)) {
    const bytes = objects.get(`${manifest.id}/${part.file}`)!
    const text = gunzipSync(bytes).toString()
    lines[part.resource] = [...(lines[part.resource] ?? []), ...text.split('\n').slice(0, -1)]
  }
  return lines
}

/** The ids of the records that a backup stored anew. */
export function storedIds(store: MemoryStore, manifest: Manifest, resource: string): string[] {
  return (linesOf(store, manifest, 'rows')[resource] ?? []).map((line) => String(JSON.parse(line).id))
}
