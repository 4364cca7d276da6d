import { type BackupError, isBackupError, type Manifest } from '@s3db-backup/core'
import { leastLost } from '@s3db-backup/core/internal'
import type { BackupDescription } from '@s3db-backup/plugin-adapter'
import type { Hono } from 'hono'
import * as z from 'zod'
import { about } from '../../api/about.js'
import {
  type BackupDetails,
  backupDetails,
  backupList,
  type Comparison,
  comparison,
  retention,
} from '../../api/backups.js'
import { home } from '../../api/home.js'
import { version } from '../../version.js'
import { answer, problemOf, queryOf } from '../answer.js'
import type { Page } from '../page.js'
import { homeView } from '../views/home-view.js'
import { listed, ofBackup } from '../views/listed.js'
import { scheduleLines } from '../views/schedule-lines.js'
import type { Visit } from '../visit.js'
import { wanted } from '../wanted.js'

const oneBackup = z.object({ id: z.string().min(1).max(200) })
/** `known`: the last known state, so that there is something to show at once. */
const homeQuery = z.object({ known: z.literal('1').optional() })
const twoBackups = z.object({ from: z.string().max(200), to: z.string().max(200) })

/** The content of the destination. */
export function backupRoutes(app: Hono<Visit>, page: Page): void {
  const { plugin, redactor } = page

  app.get('/api/about', (context) =>
    answer(context, redactor, about, {
      version,
      writes: page.allowWrites,
      place: plugin.driver.getStorageInfo().path,
      placeOptions: page.placeOptions,
      database: page.database?.label ?? null,
      operator: context.get('operator').name,
    }),
  )

  app.get('/api/home', async (context) => {
    const { known } = queryOf(context, homeQuery)
    const [seen, drills] = await Promise.all([
      known === undefined ? page.overview.now() : page.overview.known(),
      plugin.drills.list({ signal: wanted(context, page) }),
    ])
    const now = new Date()
    const running = page.jobs.list().flatMap(({ state, title }) => (state === 'running' ? [title] : []))
    const schedule = scheduleLines(plugin, now)
    return answer(context, redactor, home, {
      ...homeView({
        ...{ backups: listed(seen.overview), drills, schedule, now, running },
        gone: seen.gone,
      }),
      ...{ lookedAt: new Date(seen.at).toISOString(), fresh: seen.fresh },
    })
  })

  app.get('/api/backups', async (context) => {
    const { overview } = await page.overview.now()
    const backups = listed(overview)
    return answer(context, redactor, backupList, { backups, now: new Date().toISOString() })
  })

  app.get('/api/retention', async (context) => {
    const policy = plugin.config.retention !== undefined
    if (!policy) return answer(context, redactor, retention, { policy, removed: {}, kept: {}, blocked: null })
    const { removed, kept, blocked } = await plugin.cleanupBackups({
      dryRun: true,
      signal: wanted(context, page),
    })
    return answer(context, redactor, retention, {
      policy,
      blocked,
      removed: byId(removed),
      kept: byId(kept),
    })
  })

  app.get('/api/backup', async (context) => {
    const { id } = queryOf(context, oneBackup)
    return answer(context, redactor, backupDetails, await details(page, id, wanted(context, page)))
  })

  app.get('/api/compare', async (context) => {
    const { from, to } = queryOf(context, twoBackups)
    return answer(context, redactor, comparison, await compared(page, { from, to }, wanted(context, page)))
  })
}

function byId(
  decisions: readonly { readonly id: string; readonly reasons: readonly string[] }[],
): Record<string, string> {
  return Object.fromEntries(decisions.map(({ id, reasons }) => [id, reasons.join('; ')]))
}

const partsShown = 1000

async function details({ plugin, overview }: Page, id: string, signal: AbortSignal): Promise<BackupDetails> {
  try {
    return await described({ overview }, await plugin.describe(id, { signal }))
  } catch (error) {
    if (isBackupError(error, 'invalid_options')) throw error
    const known = listed(await plugin.overview({ signal })).find((one) => one.id === id)
    if (known === undefined || !isBackupError(error)) throw error
    return undescribed(known, error)
  }
}

/** A backup without a readable manifest. */
function undescribed(backup: BackupDetails['backup'], error: BackupError): BackupDetails {
  return {
    backup,
    path: '',
    ...{ compared: null, began: backup.at, ended: null, contentBytes: null, checksum: null, writer: null },
    ...{ encryption: null, storage: {}, selection: null, chain: [], children: [], copies: [], resources: [] },
    ...{ parts: [], partCount: 0, error: problemOf(error) },
  }
}

async function described(
  { overview }: Pick<Page, 'overview'>,
  { manifest, ...backup }: BackupDescription,
): Promise<BackupDetails> {
  const {
    overview: { backups },
  } = await overview.now()
  const all = backups.flatMap((one) => (one.status === 'damaged' ? [] : [one]))
  const chain = [{ id: backup.id, type: backup.type, at: backup.timestamp, bytes: backup.compressed }]
  const seen = new Set([backup.id])
  for (let parent = backup.parent; parent !== null && !seen.has(parent); ) {
    seen.add(parent)
    const found = all.find(({ id }) => id === parent)
    if (found === undefined) break
    chain.unshift({ id: found.id, type: found.type, at: found.timestamp, bytes: found.compressed })
    parent = found.parent
  }
  return {
    backup: ofBackup({ ...backup, error: null }),
    path: backup.path,
    compared: manifest.compared ?? null,
    began: manifest.exportedAt,
    ended: manifest.completedAt,
    contentBytes: backup.size,
    checksum: backup.checksum,
    writer: `${manifest.writer.name} ${manifest.writer.version}`,
    encryption: encryptionOf(manifest),
    storage: storageOf(backup.driverInfo),
    selection: selectionOf(manifest),
    chain,
    children: all.filter(({ parent }) => parent === backup.id).map(({ id }) => id),
    copies: [...(backup.copies ?? [])],
    resources: [...resourcesOf(manifest.resources, false), ...resourcesOf(manifest.internal, true)],
    parts: manifest.parts.slice(0, partsShown).map(({ file, resource, holds, bytes, records }) => ({
      ...{ file, resource, holds, bytes, records: backup.unread === undefined ? records : null },
    })),
    partCount: manifest.parts.length,
    error: null,
  }
}

function resourcesOf(entries: Manifest['resources'], internal: boolean): BackupDetails['resources'] {
  return Object.values(entries).map((entry) => ({
    name: entry.name,
    internal,
    total: entry.totalCount,
    added: entry.recordCount - entry.replacedCount,
    replaced: entry.replacedCount,
    deleted: entry.deletedCount,
    lost: leastLost(entry),
    bytes: entry.bytesWritten,
  }))
}

function encryptionOf({ encryption }: Manifest): string | null {
  if (encryption === undefined) return null
  const { algorithm, keyring } = encryption
  return typeof keyring === 'string' ? `${algorithm}, ${keyring}` : algorithm
}

function selectionOf({ selection }: Manifest): string | null {
  if (selection === undefined) return null
  const { resources, exclude, filter } = selection
  return [
    resources === null ? 'all resources' : `only ${resources.join(', ')}`,
    ...(exclude.length === 0 ? [] : [`without ${exclude.join(', ')}`]),
    ...(filter === null ? [] : [`filtered: ${JSON.stringify(filter)}`]),
  ].join('; ')
}

/** The driver's description of the destination, as far as it consists of texts and numbers. */
function storageOf(info: unknown): Record<string, string> {
  const known = z.record(z.string(), z.unknown()).safeParse(info).data ?? {}
  return Object.fromEntries(
    Object.entries(known).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[name, String(value)]]
        : [],
    ),
  )
}

const sampleSize = 100
/** Differences that are counted at most. */
const counted = 200_000

async function compared(
  { plugin }: Page,
  { from, to }: { readonly from: string; readonly to: string },
  signal: AbortSignal,
): Promise<Comparison> {
  const resources = new Map<string, { added: number; changed: number; removed: number }>()
  const sample: Comparison['sample'] = []
  let seen = 0
  for await (const { resource, id, change } of plugin.diff(from, to, { signal })) {
    const counts = resources.get(resource) ?? { added: 0, changed: 0, removed: 0 }
    counts[change] += 1
    resources.set(resource, counts)
    if (sample.length < sampleSize) sample.push({ resource, id, change })
    seen += 1
    if (seen >= counted) break
  }
  return {
    ...{ from, to, sample },
    resources: [...resources].map(([name, counts]) => ({ name, ...counts })),
    cut: seen >= counted,
  }
}
