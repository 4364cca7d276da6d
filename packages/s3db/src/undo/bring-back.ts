import { type Call, compareIds, type ResourceInfo } from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import type { Client, Database } from '../client/database.js'
import { parseDefinition } from '../definition.js'
import { understandRecords } from '../reading/record-reader.js'
import { storedForm } from '../stored-form/index.js'
import { openResource } from './open-resource.js'
import { pastBatches } from './past-batches.js'
import type { UndoStep } from './plan-undo.js'
import { type Mend, referencesOf } from './references.js'
import { atOnce, type Gathered } from './report.js'
import { outcomeOf } from './who-wrote-last.js'

/** Records that are written before each check for other writers. A stopped undo leaves at most this many unchecked. */
const together = 256

/** Writes the records of one resource as they were; why not, if its definition of today does not take them. */
export async function bringBack(
  database: Database,
  info: ResourceInfo,
  steps: readonly UndoStep[],
  gathered: Gathered,
  call: Call,
): Promise<string | undefined> {
  const target = await openResource(database, info, { dryRun: false }, call)
  if (typeof target === 'string') return target
  const { version, form } = parseDefinition(info)
  const understand = understandRecords(storedForm(form), version)
  const mend = await referencesOf(database, info.name, form, call)
  const sorted = steps.toSorted((one, other) => compareIds(one.id, other.id))
  let after: string | undefined
  for (let from = 0; from < sorted.length; from += together) {
    const some = sorted.slice(from, from + together)
    const upTo = some.at(-1)?.id
    const batches = pastBatches(database.client, some, understand, gathered, call)
    const { failed, refused } = await target.write(info.name, batches, { ...call, range: { after, upTo } })
    gathered.failed.push(...failed)
    if (refused !== undefined) return refused.reason
    await confirm(database.client, some, { gathered, mend }, call)
    after = upTo
  }
  await target.finish?.(call)
  return undefined
}

/** Checks whether the version below each written record is the one that the plan saw. */
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
