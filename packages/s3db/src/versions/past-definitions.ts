import { BackupError, type Call } from '@s3db-backup/core'
import type { Database, SavedResource } from '../client/database.js'
import { type DefinedResource, definedResource } from '../definition.js'
import { definitionsKey, parseDefinitions } from '../definitions-file.js'
import { type Definitions, isAlias, isKnown, openEach, ownResources } from '../reading/definitions.js'
import type { ObjectReads } from '../reading/object-reads.js'
import { definitionsFile } from '../reading/stored-definitions.js'
import { keysAsOf } from './as-of.js'
import { noGaps } from './gaps.js'
import type { VersionsPage } from './list-versions.js'
import { namingRight } from './missing-right.js'
import type { ListedVersion } from './parse-versions.js'

/**
 * The resources of a database as they were defined at a moment, in ms since 1970, and by which version of `s3db.json`;
 * `listed` are its versions.
 */
export async function pastDefinitions(
  database: Database,
  at: number,
  { listed, reads }: { readonly listed: AsyncIterable<VersionsPage>; readonly reads: ObjectReads },
  call: Call,
): Promise<{ readonly definitions: Definitions; readonly version: ListedVersion }> {
  const version = await definitionsVersion(listed, at)
  const { key, versionId } = version
  const object = await reads.read({ key, versionId, bytes: undefined }, call).catch((error: unknown) => {
    throw namingRight(error, 's3:GetObjectVersion on the objects of the bucket')
  })
  if (object === undefined) throw untold(at, 'the version of that time is gone')
  const stored = new Map(
    Object.entries(parseDefinitions(object.body, definitionsFile, 'backup').resources).filter(
      ([name]) => !isAlias(database, name),
    ),
  )
  const live = ownResources(database)
  const known = [...stored].filter(([name, entry]) => live.has(name) && isKnown(database, name, entry))
  const names = new Set(known.map(([name]) => name))
  const foreign = Object.fromEntries([...stored].filter(([name]) => !names.has(name)))
  // A definition of the connected database that differs from the stored entry is of another time, so it is not used.
  const opened = await openEach(database, foreign, new Map())
  const definitions = new Map<string, DefinedResource>()
  const add = (name: string, entry: SavedResource, version: string) => {
    const resource = opened.get(name) ?? live.get(name)
    if (resource !== undefined) definitions.set(name, definedResource(resource, entry, version))
  }
  for (const [name, entry] of known) add(name, entry, live.get(name)?.version ?? 'v1')
  for (const name of opened.keys())
    add(name, stored.get(name) ?? {}, stored.get(name)?.currentVersion ?? 'v1')
  return { definitions, version }
}

async function definitionsVersion(listed: AsyncIterable<VersionsPage>, at: number): Promise<ListedVersion> {
  let oldest: number | undefined
  const pages = async function* () {
    for await (const page of listed) {
      const entries = page.entries.filter(({ key }) => key === definitionsKey)
      oldest = entries.at(-1)?.modified ?? oldest
      yield { ...page, entries }
    }
  }
  for await (const { keys } of keysAsOf(pages(), at, noGaps))
    for (const found of keys) {
      if ('lost' in found) throw untold(at, found.lost)
      if ('version' in found) return found.version
    }
  throw new BackupError(
    'not_found',
    `There was no database at ${new Date(at).toISOString()}${since(oldest)}`,
    {
      suggestion: 'Choose a later time, or restore a backup from before that time.',
      metadata: { key: definitionsKey, oldest: oldest === undefined ? null : new Date(oldest).toISOString() },
    },
  )
}

function since(oldest: number | undefined): string {
  if (oldest === undefined) return `: the bucket has no version of ${definitionsKey}`
  return `: the oldest version of ${definitionsKey} is of ${new Date(oldest).toISOString()}`
}

function untold(at: number, why: string): BackupError {
  return new BackupError(
    'unsupported',
    `The definitions of the database (${definitionsKey}) as of ${new Date(at).toISOString()} cannot be read: ${why}`,
    {
      suggestion: 'Choose a later time, or restore a backup from before that time.',
      metadata: { key: definitionsKey },
    },
  )
}
