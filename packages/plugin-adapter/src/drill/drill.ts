import { createHash, randomUUID } from 'node:crypto'
import { type BackupError, isBackupError, readManifests, restore, type Target } from '@s3db-backup/core'
import type { Database } from './database.js'
import { encrypting } from './encryption.js'
import { openTarget } from './open-target.js'
import type { PluginContext } from './plugin-context.js'
import { databaseSource } from './source.js'
import { databaseTarget } from './target.js'

/** What a drill found of one resource, in records. */
export interface DrilledResource {
  /** Records that the backup has. */
  readonly records: number
  /** Of these, the ones that were found in the scratch database. */
  readonly compared: number
  /** Records that came back otherwise, did not come back, or came from nowhere. */
  readonly different: number
  /** Ids of the first ten of those. */
  readonly examples: readonly string[]
}

/** What came of a drill, ready for `JSON.stringify`. */
export interface DrillReport {
  readonly id: string
  readonly level: 'restore'
  readonly ok: boolean
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** In ms. */
  readonly duration: number
  readonly resources: Readonly<Record<string, DrilledResource>>
  /** Why there is nothing to compare, if so. */
  readonly problems: readonly BackupError[]
}

/** Options of `verify()` with level `restore`. */
export interface DrillOptions {
  readonly level: 'restore'
  /** Take a backup that is not encrypted although the plugin encrypts. Default `false`. */
  readonly allowPlain?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export interface DrillCall {
  readonly allowPlain: boolean
  readonly signal: AbortSignal
}

/** Failures that are the backup's own. Anything else says nothing about it. */
const faults = new Set(['corrupt', 'not_found', 'broken_chain', 'incomplete', 'incompatible_format'])

/**
 * Restores a backup into a new database in memory, reads that as any backup does, and compares it with the backup
 * record by record. The database in memory takes as much of it as all the records do.
 */
export async function drill(context: PluginContext, id: string, call: DrillCall): Promise<DrillReport> {
  const started = Date.now()
  const startedAt = new Date(started).toISOString()
  const report = (resources: DrillReport['resources'], problems: readonly BackupError[] = []) => {
    const ok = problems.length === 0 && Object.values(resources).every(({ different }) => different === 0)
    return {
      id,
      level: 'restore' as const,
      ok,
      startedAt,
      duration: Date.now() - started,
      resources,
      problems,
    }
  }
  const address = `memory://drill-${randomUUID()}/scratch`
  try {
    const { allowPlain, signal } = call
    const stored = { driver: context.destination.driver, id, ...encrypting(context), allowPlain, signal }
    await readManifests({ ...stored, operation: 'verify' })
    const scratch = await openTarget(address, context.database(), { dryRun: false, signal: call.signal })
    try {
      await restore({ ...stored, target: databaseTarget(scratch.database) })
      const comparison = comparing(scratch.database)
      await restore({ ...stored, target: comparison.target, verify: false })
      return report(comparison.resources())
    } finally {
      await scratch.close()
    }
  } catch (error) {
    if (!isBackupError(error) || !faults.has(error.code)) throw error
    return report({}, [error.with({ operation: 'verify' })])
  }
}

/** A target that writes nothing: it compares what it is given with what a database has. */
function comparing(database: Database): {
  readonly target: Target
  readonly resources: () => Record<string, DrilledResource>
} {
  const source = databaseSource(database)
  const found = new Map<string, DrilledResource>()
  const target: Target = {
    open: async () => undefined,
    async write(resource, batches, call) {
      const restored = new Map<string, string>()
      for await (const { rows, raw } of source.read(resource, call))
        for (const row of rows) restored.set(row.id, fingerprint([row, raw?.get(row.id)]))
      const different: string[] = []
      let records = 0
      let compared = 0
      for await (const { rows, raw } of batches) {
        for (const row of rows) {
          records += 1
          const other = restored.get(row.id)
          if (other !== undefined) compared += 1
          if (other !== fingerprint([row, raw?.get(row.id)])) different.push(row.id)
          restored.delete(row.id)
        }
      }
      different.push(...restored.keys())
      found.set(resource, {
        records,
        compared,
        different: different.length,
        examples: different.slice(0, 10),
      })
      return { restored: 0, replaced: 0, skipped: records, removed: 0, failed: [] }
    },
  }
  return { target, resources: () => Object.fromEntries(found) }
}

/** Of JSON values, whatever the order of their fields. */
function fingerprint(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
  return createHash('sha256').update(text).digest('base64')
}
