import { isDeepStrictEqual } from 'node:util'
import { type Call, isBackupError, type ResourceInfo } from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import type { Database } from '../client/database.js'
import { inFlight } from '../client/in-flight.js'
import { type DefinedResource, describeResource } from '../definition.js'
import { definitionsKey } from '../definitions-file.js'
import { dataPrefix } from '../listing/keys.js'
import { currentDefinitions } from '../reading/definitions.js'
import { objectReads } from '../reading/object-reads.js'
import { inOrder, understandRecords } from '../reading/record-reader.js'
import { storedForm } from '../stored-form/index.js'
import { keysAsOf, type PastKey } from '../versions/as-of.js'
import { bucketVersioning, checkMoment } from '../versions/bucket-versioning.js'
import { type Gaps, gapsAt } from '../versions/gaps.js'
import { listVersions } from '../versions/list-versions.js'
import type { ListedVersion } from '../versions/parse-versions.js'
import { pastDefinitions } from '../versions/past-definitions.js'
import { asOfToday } from './as-of-today.js'
import { openResource } from './open-resource.js'

/** A record that differs from its state at a moment. */
export interface UndoStep {
  readonly resource: string
  readonly id: string
  /** What happened to it since. `unknown`: its earlier state cannot be determined, for the reason in `lost`. */
  readonly change: 'changed' | 'deleted' | 'created' | 'unknown'
  /** The newest version or delete marker that the plan saw. Later writes of others take precedence. */
  readonly seen: string
  /** Its version at that moment. */
  readonly then?: ListedVersion | undefined
  /** For a changed record: the names of the fields that differ. */
  readonly fields?: readonly string[] | undefined
  readonly lost?: string | undefined
}

/** Everything that differs from a moment, and how it was defined. */
export interface UndoPlan {
  readonly since: Date
  readonly steps: readonly UndoStep[]
  /** The resources as they were. */
  readonly resources: readonly ResourceInfo[]
  /** Versions and delete markers within two seconds of the moment: there the storage's clock decides. */
  readonly near: number
  /** The requested ids that no resource has, or had at any time that the versions cover. */
  readonly notFound: readonly string[]
  /** Why further records may differ that left no trace, in sentences. */
  readonly doubts: readonly string[]
  /** By resource: why its definition of today does not take its records of that time. None of them is brought back. */
  readonly refused: Readonly<Record<string, string>>
}

export interface UndoSelection {
  /** The names of the resources that are wanted, among these. */
  readonly choose?: ((names: readonly string[]) => readonly string[]) | undefined
  /** Only records with these ids. */
  readonly ids?: readonly string[] | undefined
}

const readsAtOnce = 32

/**
 * Compares the records of a database with their state at a moment, from the versions of its bucket: a listing per 1,000
 * versions, and two reads per record written since. A record that was rewritten unchanged does not count. Holds a step
 * for each difference. Changes nothing; throws what `databaseAt` throws.
 */
export async function planUndo(
  database: Database,
  since: Date,
  selection: UndoSelection,
  call: Call,
): Promise<UndoPlan> {
  const { client } = database
  const at = since.getTime()
  const versioning = await bucketVersioning(client, call)
  checkMoment(at, versioning)
  const reads = objectReads(client, inFlight(readsAtOnce))
  const { definitions: before, version } = await pastDefinitions(
    database,
    at,
    { listed: listVersions(client, definitionsKey, call), reads },
    call,
  )
  const gaps = await gapsAt(at, versioning, version, () => listVersions(client, '', call))
  const now = await currentDefinitions(database, call)
  const names = [...new Set([...before.keys(), ...now.keys()])]
  const chosen = selection.choose === undefined ? names : selection.choose(names)
  const steps: UndoStep[] = []
  const looked = { near: 0, notFound: new Set(selection.ids) }
  for (const name of chosen) {
    const prefix = dataPrefix(name)
    const today = asOfToday(before.get(name)?.form, now.get(name)?.form)
    const candidates = differing(database, { name, at, gaps, ids: selection.ids, looked }, call)
    const work = async (found: PastKey) => {
      const step = { resource: name, id: found.key.slice(prefix.length), seen: found.latest.versionId }
      if ('lost' in found) return { ...step, change: 'unknown' as const, lost: found.lost }
      if ('absent' in found) return { ...step, change: 'created' as const }
      const then = found.version
      if (found.latest.isMarker) return { ...step, change: 'deleted' as const, then }
      try {
        const fields = await changedFields(step.id, found.latest, then)
        return fields === undefined ? undefined : { ...step, change: 'changed' as const, then, fields }
      } catch (error) {
        // If a single version cannot be read, such as an archived one, its content is unknown; a failure of the whole
        // storage is thrown.
        if (!isBackupError(error) || error.metadata.wholeStorage !== false) throw error
        return { ...step, change: 'unknown' as const, lost: error.message }
      }
    }
    const changedFields = async (id: string, latest: ListedVersion, then: ListedVersion) => {
      const [one, other] = await Promise.all([then, latest].map((version) => reads.read(version, call)))
      if (one === undefined || other === undefined) return []
      const isSame = [one, today(one)].some((object) => isDeepStrictEqual(inOrder(object), inOrder(other)))
      if (isSame) return undefined
      return namesBetween(rowOf(before.get(name), one, id), rowOf(now.get(name), other, id))
    }
    for await (const step of ordered(candidates, readsAtOnce, work)) if (step !== undefined) steps.push(step)
  }
  const needed = new Set(steps.filter(({ then }) => then !== undefined).map(({ resource }) => resource))
  const resources = [...before.values()].filter(({ name }) => needed.has(name)).map(describeResource)
  const refused: Record<string, string> = {}
  for (const info of resources) {
    const opened = await openResource(database, info, { dryRun: true }, call)
    if (typeof opened === 'string') refused[info.name] = opened
  }
  const { near, notFound } = looked
  return { since, steps, resources, near, notFound: [...notFound], doubts: gaps.doubts, refused }
}

interface Where {
  readonly name: string
  readonly at: number
  readonly gaps: Gaps
  readonly ids: readonly string[] | undefined
  /** What is counted, and which ids were not met yet. */
  readonly looked: { near: number; readonly notFound: Set<string> }
}

/** Keys whose newest version is not that of the moment. */
async function* differing(
  { client }: Database,
  { name, at, gaps, ids, looked }: Where,
  call: Call,
): AsyncGenerator<PastKey> {
  const prefix = dataPrefix(name)
  const wanted = ids === undefined ? undefined : new Set(ids.map((id) => `${prefix}${id}`))
  const pages = listVersions(client, prefix, call)
  for await (const { keys, near } of keysAsOf(pages, at, gaps)) {
    looked.near += near
    for (const found of keys) {
      if (wanted !== undefined && !wanted.has(found.key)) continue
      looked.notFound.delete(found.key.slice(prefix.length))
      if ('version' in found && found.version.versionId === found.latest.versionId) continue
      if ('absent' in found && found.latest.isMarker) continue
      yield found
    }
  }
}

function rowOf(
  resource: DefinedResource | undefined,
  object: Parameters<ReturnType<typeof understandRecords>>[0],
  id: string,
): Readonly<Record<string, unknown>> {
  if (resource === undefined) return {}
  return understandRecords(storedForm(resource.form), resource.version)(object, id).row
}

function namesBetween(
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): string[] {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort()
  return names.filter((name) => !isDeepStrictEqual(one[name], other[name]))
}
