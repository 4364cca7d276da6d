import { type BackupError, isBackupError, type Manifest } from '@s3db-backup/core'
import { leastLost } from '@s3db-backup/core/internal'
import type { BackupDescription } from '@s3db-backup/plugin-adapter'
import * as z from 'zod'
import type { BackupDetails } from '../../api/backups.js'
import { problemOf } from '../answer.js'
import type { Page } from '../page.js'
import { listed, ofBackup } from './listed.js'

/** Parts of a backup that are listed at most; `partCount` says how many there are. */
const partsShown = 1000

/** A backup, file by file, and the chain it belongs to. One with a damaged manifest is shown with the problem. */
export async function detailsOf(
  { plugin, overview }: Page,
  id: string,
  signal: AbortSignal,
): Promise<BackupDetails> {
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
