import { isDeepStrictEqual } from 'node:util'
import {
  type Batch,
  type Call,
  isBackupError,
  type JsonValue,
  type LostRecord,
  type ResourceInfo,
  type Row,
} from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import type { Client, Database } from '../client/database.js'
import { inFlight } from '../client/in-flight.js'
import { askForObject, deleteObject, readObject, writeObject } from '../client/objects.js'
import { versionClient } from '../client/version-client.js'
import { parseDefinition } from '../definition.js'
import { dataKey } from '../listing/keys.js'
import { currentDefinitions } from '../reading/definitions.js'
import { objectReads } from '../reading/object-reads.js'
import { inOrder, understandRecords, understoodOrLost } from '../reading/record-reader.js'
import { type StoredForm, storedForm } from '../stored-form/index.js'
import { deleteReferences, storedReferences } from '../writing/partition-references.js'
import type { PreparedResource } from '../writing/prepare-resources.js'
import { databaseTarget } from '../writing/target.js'
import { mendReferences } from './mend-references.js'
import type { ListedVersion } from './parse-versions.js'
import type { UndoPlan, UndoStep } from './plan-undo.js'
import { versionsOfKey } from './versions-of-key.js'

/** What was done with the records of one resource. */
export interface UndoReport {
  /** Ids of records that are again what they were. */
  readonly broughtBack: readonly string[]
  /** Ids of records that were created since and are removed. */
  readonly removed: readonly string[]
  /** Records that somebody wrote after the plan was made. They have what that somebody wrote. */
  readonly changedMeanwhile: readonly string[]
  /** What could not be brought back, and why. */
  readonly failed: readonly LostRecord[]
  /** Why nothing of the resource could be brought back. */
  readonly refused?: string | undefined
}

export interface UndoOptions {
  /** Remove what was created since. Default `false`. */
  readonly created?: boolean | undefined
}

const atOnce = 16
const batchSize = 64

/**
 * Brings back what a plan says, as new versions: nothing that is there is lost, and an undo can be undone. A record that was
 * written after the plan was made is left as it is. S3 has no write on condition of a version, so each record is asked for
 * its newest version just before, and again after: where somebody wrote in between, that is put back on top.
 */
export async function applyUndo(
  database: Database,
  { steps, resources }: UndoPlan,
  { created = false }: UndoOptions,
  call: Call,
): Promise<ReadonlyMap<string, UndoReport>> {
  const reports = new Map<string, UndoReport>()
  const names = [...new Set(steps.map(({ resource }) => resource))]
  for (const name of names) {
    const own = steps.filter(({ resource }) => resource === name)
    const gathered = gather()
    for (const { id, lost } of own) if (lost !== undefined) gathered.failed.push({ id, reason: lost })
    const info = resources.find((resource) => resource.name === name)
    const back = own.filter(({ then }) => then !== undefined)
    const refused =
      info === undefined || back.length === 0
        ? undefined
        : await bringBack(database, info, back, gathered, call)
    if (created) await removeCreated(database, name, own, gathered, call)
    reports.set(name, { ...gathered, ...(refused === undefined ? {} : { refused }) })
  }
  return reports
}

/** Writes the records of one resource as they were; why not, if its definition of today does not take them. */
async function bringBack(
  database: Database,
  info: ResourceInfo,
  steps: readonly UndoStep[],
  gathered: Gathered,
  call: Call,
): Promise<string | undefined> {
  // Each resource has a target of its own: one that is refused does not stop the others.
  const target = databaseTarget(database)
  const plan = { resources: [info], internal: [], mode: 'merge', dryRun: false } as const
  try {
    await target.open({ ...plan, unreadable: new Map(), rename: {} }, call)
  } catch (error) {
    if (isBackupError(error, 'conflict') || isBackupError(error, 'unsupported')) return error.message
    throw error
  }
  const { version, form } = parseDefinition(info)
  const understand = understandRecords(storedForm(form), version)
  const batches = pastBatches(database.client, steps, understand, gathered, call)
  const { failed, refused } = await target.write(info.name, batches, call)
  gathered.failed.push(...failed)
  if (refused !== undefined) return refused.reason
  const mend = await referencesOf(database, info.name, [storedForm(form)], call)
  await confirm(database.client, steps, { gathered, mend }, call)
  await target.finish?.(call)
  return undefined
}

function gather() {
  return {
    broughtBack: [] as string[],
    removed: [] as string[],
    changedMeanwhile: [] as string[],
    failed: [] as LostRecord[],
  }
}

type Gathered = ReturnType<typeof gather>

/** The records as they were, without those that somebody has written since the plan. */
async function* pastBatches(
  client: Client,
  steps: readonly UndoStep[],
  understand: ReturnType<typeof understandRecords>,
  gathered: Gathered,
  call: Call,
): AsyncGenerator<Batch> {
  const reads = objectReads(client, inFlight(atOnce))
  const work = async (step: UndoStep) => {
    const key = dataKey(step.resource, step.id)
    const [newest] = await versionsOfKey(client, key, 1, call)
    if (newest?.versionId !== step.seen) return { step, meanwhile: true as const }
    const { versionId, bytes } = step.then ?? { versionId: undefined, bytes: undefined }
    const object = await reads.read({ key, versionId, bytes }, call).catch((error: unknown) => {
      if (!isBackupError(error) || error.metadata.wholeStorage !== false) throw error
      return error.message
    })
    if (typeof object === 'string') return { step, lost: object }
    if (object === undefined) return { step, lost: `its version ${versionId} is gone` }
    const record = understoodOrLost(inOrder(object), step.id, understand)
    return 'lost' in record ? { step, lost: record.lost } : { step, record }
  }
  let rows: Row[] = []
  let raw = new Map<string, JsonValue>()
  for await (const { step, ...came } of ordered(steps, atOnce, work)) {
    if (came.meanwhile === true) gathered.changedMeanwhile.push(step.id)
    else if (came.lost !== undefined) gathered.failed.push({ id: step.id, reason: came.lost })
    else if (came.record !== undefined) {
      rows.push(came.record.row)
      if (came.record.raw !== undefined) raw.set(step.id, came.record.raw)
    }
    if (rows.length < batchSize) continue
    yield { rows, raw }
    rows = []
    raw = new Map()
  }
  yield { rows, raw }
}

/** Looks whether what lies under each record that was written is what the plan saw. */
async function confirm(
  client: Client,
  steps: readonly UndoStep[],
  { gathered, mend }: { readonly gathered: Gathered; readonly mend: Mend },
  call: Call,
): Promise<void> {
  const done = new Set([...gathered.changedMeanwhile, ...gathered.failed.map(({ id }) => id)])
  const written = steps.filter(({ id }) => !done.has(id))
  const work = async (step: UndoStep) => ({ step, outcome: await outcomeOf(client, step, mend, call) })
  for await (const { step, outcome } of ordered(written, atOnce, work)) {
    if (outcome === 'ours') gathered.broughtBack.push(step.id)
    else if (outcome === 'theirs') gathered.changedMeanwhile.push(step.id)
    else gathered.failed.push({ id: step.id, reason: 'the storage shows no new version of it' })
  }
}

/** How many versions may have come on top of what the plan saw until it is given up to look for it. */
const depth = 100

async function outcomeOf(
  client: Client,
  step: UndoStep,
  mend: Mend,
  call: Call,
): Promise<'ours' | 'theirs' | 'not written'> {
  const key = dataKey(step.resource, step.id)
  const versions = await versionsOfKey(client, key, depth, call)
  const at = versions.findIndex(({ versionId }) => versionId === step.seen)
  if (at === 0) return 'not written'
  if (at === 1) return 'ours'
  // Somebody wrote, too, or we did more than once, as we do to learn whether a server heeds conditions.
  const above = versions.slice(0, at < 0 ? undefined : at)
  const ours = await Promise.all(
    above.map(async ({ versionId, isMarker }) => !isMarker && isOurs(client, key, versionId, step, call)),
  )
  const theirs = above.find((_, index) => ours[index] === false)
  if (theirs === undefined) return 'ours'
  // Where it was before us, it goes back on top.
  if (ours[0] === true) await putBack(client, key, theirs, call)
  await mend.mend(step.id, at < 0 ? versions : versions.slice(0, at + 1))
  return 'theirs'
}

async function isOurs(
  client: Client,
  key: string,
  versionId: string,
  { then }: UndoStep,
  call: Call,
): Promise<boolean> {
  if (then === undefined) return false
  const [one, other] = await Promise.all(
    [versionId, then.versionId].map((id) => askForObject(versionClient(client, id), key, call)),
  )
  return (
    one?.object !== undefined &&
    other?.object !== undefined &&
    isDeepStrictEqual(inOrder(one.object), inOrder(other.object))
  )
}

async function putBack(
  client: Client,
  key: string,
  { versionId, isMarker }: { readonly versionId: string; readonly isMarker: boolean },
  call: Call,
): Promise<void> {
  if (isMarker) return deleteObject(client, key, call)
  const object = await readObject(versionClient(client, versionId), key, call)
  if (object !== undefined) await writeObject(client, key, object, call)
}

/** Removes records that were not there at the moment, with the references that partitions have of them. */
async function removeCreated(
  database: Database,
  name: string,
  steps: readonly UndoStep[],
  gathered: Gathered,
  call: Call,
): Promise<void> {
  const created = steps.filter(({ change }) => change === 'created')
  if (created.length === 0) return
  const { client } = database
  const { prepared, mend } = await referencesOf(database, name, [], call)
  const work = async ({ id, seen }: UndoStep) => {
    const key = dataKey(name, id)
    const [newest] = await versionsOfKey(client, key, 1, call)
    if (newest?.versionId !== seen) return { id, outcome: 'theirs' as const }
    // Before the record: an undo that is killed in between, and made again, finds the record and goes on.
    const references =
      prepared === undefined ? [] : ((await storedReferences(client, prepared, id, call)) ?? [])
    await deleteReferences(client, references, call)
    await deleteObject(client, key, call)
    const versions = await versionsOfKey(client, key, depth, call)
    const at = versions.findIndex(({ versionId }) => versionId === seen)
    const [top, next] = versions
    if (at === 1 && top?.isMarker === true) return { id, outcome: 'ours' as const }
    if (top?.isMarker === true && next !== undefined) await putBack(client, key, next, call)
    await mend(id, at < 0 ? versions : versions.slice(0, at + 1))
    return { id, outcome: 'theirs' as const }
  }
  for await (const { id, outcome } of ordered(created, atOnce, work))
    (outcome === 'ours' ? gathered.removed : gathered.changedMeanwhile).push(id)
}

/** How the references of the records of a resource are put right, by its definition of today. */
async function referencesOf(
  database: Database,
  name: string,
  earlier: readonly StoredForm[],
  call: Call,
): Promise<Mend> {
  const { client } = database
  const defined = (await currentDefinitions(database, call)).get(name)
  const resource = Object.hasOwn(database.resources, name) ? database.resources[name] : undefined
  if (defined === undefined || resource === undefined)
    return { prepared: undefined, mend: () => Promise.resolve() }
  const { version } = defined
  const form = storedForm(defined.form)
  const prepared = { name, version, form, targetForm: undefined, resource, shortfalls: [] }
  const forms = [form, ...earlier]
  return {
    prepared,
    mend: (id, versions) => mendReferences(client, prepared, { id, versions, forms }, call),
  }
}

interface Mend {
  /** Nothing where the resource has no definition today. */
  readonly prepared: PreparedResource | undefined
  /** These versions are all that may have left references. */
  readonly mend: (id: string, versions: readonly ListedVersion[]) => Promise<void>
}
