import { BackupError } from '../errors.js'
import { entryOf, type Manifest, type ResourceEntry } from '../manifest.js'
import type { Batch, Description, IndexEntry, ResourceInfo, Source } from '../ports/source.js'
import { readState } from './chain-state.js'
import { readChain } from './read-chain.js'
import { type Link, linksOf } from './read-index.js'
import { stateHash } from './state-hash.js'

/** A chain as a source: the state at its end, read from the backups alone. */
export function chainSource(chain: readonly Link[], { manifest }: Link): Source {
  return {
    describe: async () => describe(manifest),
    read(resource) {
      const state = entryOf(manifest, resource)?.state.after
      const batches = withMarks(readChain(chain, resource), marksOf(chain, resource), resource, state)
      return linksOf(chain, resource).every((link) => hashesLines(link, resource))
        ? withoutHashes(batches)
        : batches
    },
  }
}

function describe(manifest: Manifest): Description {
  const { id, set: series, selection, exportedAt, window, asOf, database } = manifest
  return {
    database,
    origin: {
      backupId: id,
      series,
      exportedAt,
      window,
      ...(asOf === undefined ? {} : { asOf }),
      ...(selection === undefined ? {} : { selection }),
    },
    resources: Object.values(manifest.resources).map(toInfo),
    internal: Object.values(manifest.internal).map(toInfo),
  }
}

/** The manifest's entry of a resource, in the form that sources and targets use. */
export function toInfo({
  name,
  attributes,
  partitions,
  timestamps,
  definition,
  shape,
  of,
}: ResourceEntry): ResourceInfo {
  return {
    name,
    attributes,
    partitions,
    timestamps,
    ...(definition === undefined ? {} : { definition }),
    ...(shape === undefined ? {} : { shape }),
    ...(of === undefined ? {} : { of }),
  }
}

async function* marksOf(
  chain: readonly Link[],
  resource: string,
): AsyncGenerator<IndexEntry, void, undefined> {
  for await (const marks of readState(chain, resource)) yield* marks
}

function hashesLines({ manifest }: Link, resource: string): boolean {
  const entry = entryOf(manifest, resource)
  return entry === undefined || entry.contentHash === 'lines'
}

/** Drops the hashes: the lines are written again and hashed then. */
async function* withoutHashes(batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  for await (const { marks = [], ...batch } of batches)
    yield { ...batch, marks: marks.map(({ id, modified }) => ({ id, modified })) }
}

/**
 * Rows and key index of a chain have the same ids in the same order, and are the state that the newest manifest
 * states; anything else is damage.
 */
async function* withMarks(
  batches: AsyncIterable<Batch>,
  marks: AsyncGenerator<IndexEntry, void, undefined>,
  resource: string,
  state: string | undefined,
): AsyncGenerator<Batch> {
  const seen = stateHash()
  let last: string | undefined
  try {
    for await (const batch of batches) {
      const found: IndexEntry[] = []
      for (const { id } of batch.rows) {
        const step = await marks.next()
        if (step.done === true || step.value.id !== id || id === last) throw notOneState(resource, id)
        last = id
        seen.add(id, step.value.hash)
        found.push(step.value)
      }
      yield { ...batch, marks: found }
    }
    const rest = await marks.next()
    if (rest.done !== true) throw notOneState(resource, rest.value.id)
    if (seen.value() !== state) throw notThatState(resource)
  } finally {
    await marks.return()
  }
}

function notOneState(resource: string, id: string): BackupError {
  return new BackupError(
    'corrupt',
    `The rows and the key index of ${resource} differ, or repeat themselves, at record ${JSON.stringify(id)}`,
    {
      suggestion: 'Take a full backup; verify names the damaged backup of the chain.',
      metadata: { resource, id },
    },
  )
}

function notThatState(resource: string): BackupError {
  return new BackupError(
    'corrupt',
    `The records of ${resource} in this chain are not the ones that its last backup was made from`,
    {
      suggestion: 'Take a full backup; verify names the damaged backup of the chain.',
      metadata: { resource },
    },
  )
}
