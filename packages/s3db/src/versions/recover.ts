import {
  type Batch,
  type Call,
  compareIds,
  type RestoreMode,
  type Source,
  type Target,
  type WriteReport,
} from '@s3db-backup/core'
import type { PastSource } from './database-at.js'

export interface RecoverOptions {
  /** The names of the resources that are wanted, among these. */
  readonly choose: (names: readonly string[]) => readonly string[]
  /** Only records with these ids: of counters and data of plugins nothing then. */
  readonly ids?: readonly string[] | undefined
  readonly mode: Exclude<RestoreMode, 'replace'>
  readonly dryRun: boolean
}

/** What came of one resource. */
export interface RecoverReport extends WriteReport {
  /** Records of that time that are unknown or unreadable. */
  readonly lost: readonly { readonly id: string; readonly reason: string }[]
  /** The same of records whose ids nobody knows. */
  readonly lostWithoutId: readonly string[]
  /** Of the ids that were asked for: those that the resource did not have at that time. */
  readonly notFound: readonly string[]
}

/** How many ids are requested at a time. */
const atATime = 100

/** Writes a past state of a database directly into another one, without a backup. */
export async function recover(
  source: PastSource,
  target: Target,
  { choose, ids, mode, dryRun }: RecoverOptions,
  call: Call,
): Promise<ReadonlyMap<string, RecoverReport>> {
  const description = await source.describe(call)
  const names = new Set(choose(description.resources.map(({ name }) => name)))
  const resources = description.resources.filter(({ name }) => names.has(name))
  const whole = ids === undefined && resources.length === description.resources.length
  const internal = (description.internal ?? []).filter(({ of }) =>
    of == null ? whole : ids === undefined && names.has(of),
  )
  await target.open({ resources, internal, mode, dryRun, unreadable: new Map(), rename: {} }, call)
  const reports = new Map<string, RecoverReport>()
  for (const { name } of [...resources, ...internal]) {
    const lost: { id: string; reason: string }[] = []
    const lostWithoutId: string[] = []
    const notFound: string[] = []
    const read = ids === undefined ? source.read(name, call) : only(source, { name, ids, notFound }, call)
    const batches = async function* () {
      for await (const batch of read) {
        lost.push(...(batch.lost ?? []))
        lostWithoutId.push(...(batch.lostWithoutId ?? []).map(({ reason }) => reason))
        yield batch
      }
    }
    reports.set(name, { ...(await target.write(name, batches(), call)), lost, lostWithoutId, notFound })
  }
  await target.finish?.(call)
  return reports
}

interface Wanted {
  readonly name: string
  readonly ids: readonly string[]
  readonly notFound: string[]
}

async function* only(source: Source, { name, ids, notFound }: Wanted, call: Call): AsyncGenerator<Batch> {
  const sorted = [...new Set(ids)].sort(compareIds)
  for (let from = 0; from < sorted.length; from += atATime) {
    const answer = await source.secondLook?.ask(name, sorted.slice(from, from + atATime), call)
    notFound.push(...(answer?.gone ?? []))
    yield { rows: [], ...answer?.found, lost: answer?.lost ?? [] }
  }
}
