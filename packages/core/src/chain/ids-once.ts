import { createHash } from 'node:crypto'
import { BackupError } from '../errors.js'
import { entryOf, partsOf } from '../manifest.js'
import { type Link, readMarks } from './read-index.js'

/** Ids that are held at once. */
const held = 1_000_000

/**
 * Throws `corrupt` for an id that comes twice in the key index of a resource whose records are in no order. The index is
 * read as often as it takes to hold no more than a million ids at once.
 */
export async function checkNoIdTwice(link: Link, resource: string, most = held): Promise<void> {
  const { manifest, context } = link
  const rounds = Math.ceil((entryOf(manifest, resource)?.recordCount ?? 0) / most)
  for (let round = 0; round < rounds; round++) {
    const seen = new Set<string>()
    for await (const marks of readMarks(context, partsOf(manifest, resource, 'index'))) {
      for (const { id } of marks) {
        if (rounds > 1 && roundOf(id, rounds) !== round) continue
        if (seen.has(id)) throw twice(link, resource, id)
        seen.add(id)
      }
    }
  }
}

function roundOf(id: string, rounds: number): number {
  return createHash('sha256').update(id).digest().readUInt32BE() % rounds
}

function twice({ manifest }: Link, resource: string, id: string): BackupError {
  return new BackupError(
    'corrupt',
    `In '${manifest.id}', record ${JSON.stringify(id)} of ${resource} occurs twice`,
    {
      operation: 'download',
      metadata: { backupId: manifest.id, resource, id },
    },
  )
}
