import type { Batch, JsonValue, ResourceEntry, ResourceInfo, Row, WriteReport } from '@s3db-backup/core'
import type { Doubt, Loss } from '@s3db-backup/core/internal'
import { select, toInfo } from '@s3db-backup/core/internal'
import type { Database } from '@s3db-backup/s3db'
import * as z from 'zod'
import type { Databases, Storage } from '../context/plugin-context.js'
import { openedLate } from '../target/late-target.js'
import { describeStored } from './inspect/describe-stored.js'
import { type SalvageCall, salvageBackup } from './salvage-backup.js'

/** Options of one `salvageInto()` call. */
export interface SalvageIntoCall extends SalvageCall {
  /** A database, or its connection string. Existing records with the same ids are kept. */
  readonly target: string | Database
}

/** What became of a damaged backup's records. */
export interface SalvageReport {
  readonly id: string
  /** By resource. Records that the database refused are in `failed`; a resource that cannot be made there is `refused`. */
  readonly resources: Readonly<Record<string, WriteReport>>
  /** The data of plugins, by its name in the backup. */
  readonly internal: Readonly<Record<string, WriteReport>>
  /** The losses, part by part. Empty if there are none. */
  readonly lost: readonly Loss[]
  /** Contradictions between unaltered bytes. */
  readonly doubts: readonly Doubt[]
}

/**
 * `plugin.salvageInto(id, { target })`: writes the proven intact records into a database, without replacing existing
 * records. The raw forms of one resource at a time are held in memory. If some of them are lost, records are restored
 * from their rows, and records with empty rows are not restored. Of an incremental backup these are its own records;
 * nothing is deleted.
 */
export async function salvageInto(
  context: Storage & Databases,
  backupId: string,
  { target: given, ...options }: SalvageIntoCall,
): Promise<SalvageReport> {
  const call = { signal: options.signal ?? new AbortController().signal }
  const { manifest } = await describeStored(context, backupId, call)
  const { resources, internal } = chosen(manifest, options)
  const target = openedLate(given, context.database(), { dryRun: false, ...call })
  try {
    await target.open(
      { resources, internal, unreadable: new Map(), mode: 'skip', dryRun: false, rename: {} },
      call,
    )
    const lost: Loss[] = []
    const doubts: Doubt[] = []
    const write = async (infos: readonly ResourceInfo[]) => {
      const reports: [string, WriteReport][] = []
      for (const { name } of infos) {
        const batches = intactBatches(context, backupId, { ...options, resources: [name] }, { lost, doubts })
        reports.push([name, await target.write(name, batches, call)])
      }
      return Object.fromEntries(reports)
    }
    const report = {
      id: backupId,
      resources: await write(resources),
      internal: await write(internal),
      lost,
      doubts,
    }
    await target.finish?.(call)
    return report
  } finally {
    await target.close()
  }
}

interface Entries {
  readonly resources: Readonly<Record<string, ResourceEntry>>
  readonly internal: Readonly<Record<string, ResourceEntry>>
}

function chosen(manifest: Entries, selection: SalvageCall) {
  const names = select(Object.keys(manifest.resources), selection)
  const whole = selection.resources === undefined
  return {
    resources: Object.values(manifest.resources)
      .filter(({ name }) => names.includes(name))
      .map(toInfo),
    internal: Object.values(manifest.internal)
      .filter(({ of }) => (typeof of === 'string' ? names.includes(of) : whole))
      .map(toInfo),
  }
}

const rowSchema = z.looseObject({ id: z.string() })
// Parsed JSON is JSON at any depth, so it is not checked again.
const rawSchema = z.looseObject({ id: z.string(), raw: z.custom<JsonValue>((value) => value !== undefined) })

const isRow = (line: unknown): line is Row => rowSchema.safeParse(line).success

/** A row with nothing but an id, whose record needs its raw form. */
const isHollow = (row: Row): boolean => Object.keys(row).length === 1

async function* intactBatches(
  storage: Storage,
  id: string,
  options: SalvageCall,
  { lost, doubts }: { readonly lost: Loss[]; readonly doubts: Doubt[] },
): AsyncGenerator<Batch> {
  const { raw, whole } = await rawForms(storage, id, options)
  for await (const found of salvageBackup(storage, id, options)) {
    if (found.type === 'lost') lost.push(found)
    else if (found.type === 'doubt') doubts.push(found)
    else if (found.holds === 'rows') {
      const rows = found.lines.filter(isRow).filter((row) => whole || raw.has(row.id) || !isHollow(row))
      yield { rows, raw }
    }
  }
}

async function rawForms(
  storage: Storage,
  id: string,
  options: SalvageCall,
): Promise<{ readonly raw: ReadonlyMap<string, JsonValue>; readonly whole: boolean }> {
  const raw = new Map<string, JsonValue>()
  let whole = true
  for await (const found of salvageBackup(storage, id, options)) {
    if (found.type === 'doubt' || found.holds !== 'raw') continue
    if (found.type === 'lost') whole = false
    else {
      for (const line of found.lines) {
        const parsed = rawSchema.safeParse(line)
        if (parsed.success) raw.set(parsed.data.id, parsed.data.raw)
      }
    }
  }
  return { raw, whole }
}
