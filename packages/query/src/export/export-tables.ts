import fs, { rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { BackupError } from '@s3db-backup/core'
import { followSignal, makeFolder, partNames, untilAborted } from '@s3db-backup/core/internal'
import { cannotWrite } from '../disk-error.js'
import { type QueryScene, runQuery } from '../query-session.js'
import type { Table } from '../tables.js'
import { copyWhole } from './copy-whole.js'
import { type CheckedExport, type ExportOptions, parseExportOptions } from './export-options.js'
import { copyOptions, exportSql } from './export-sql.js'

/** A file that an export wrote. */
export interface ExportedFile {
  readonly resource: string
  /** Its path. */
  readonly file: string
  readonly records: number
  readonly bytes: number
}

export interface ExportReport {
  readonly files: readonly ExportedFile[]
}

let exports = 0

/**
 * Writes one file for each resource. The process of the query writes it into the private folder; it is copied out once
 * it is whole.
 */
export async function exportTables(scene: QueryScene, options: ExportOptions): Promise<ExportReport> {
  const checked = parseExportOptions(options)
  const to = resolve(checked.to)
  const names = partNames()
  const files: ExportedFile[] = []
  // An export is for others to read, as far as the umask allows.
  await makeFolder(fs, to, purpose, 0o777)
  for (const table of chosen(scene.tables.list(), checked)) {
    const { resource } = table
    const [stem] = names(resource, 'rows', 1, '').split('.')
    const file = join(to, `${stem}.${checked.format}`)
    files.push({ resource, file, ...(await exportTable(scene, { table, file, checked })) })
  }
  return { files }
}

interface TableExport {
  readonly table: Table
  readonly file: string
  readonly checked: CheckedExport
}

async function exportTable(scene: QueryScene, { table, file, checked }: TableExport) {
  const { signal, format } = checked
  const { name } = table
  await untilAborted(() => scene.tables.read([name]), followSignal(scene.signal, signal))
  // Reading the table may have changed its types.
  const read = scene.tables.list().find((other) => other.name === name) ?? table
  const own = join(scene.folder, `export-${++exports}`)
  const sql = exportSql(read, checked)
  try {
    const records = await runQuery(scene, {
      sql,
      signal,
      file: own,
      work: async (query) => {
        const copied = await query.ask(
          { type: 'copy', sql, file: own, options: copyOptions[format] },
          'copied',
        )
        await query.done()
        return copied.records
      },
    })
    await copyWhole(own, file).catch((cause: unknown) => {
      throw isThere(cause) ? taken(file, cause) : cannotWrite(file, cause)
    })
    return { records, bytes: (await stat(file)).size }
  } finally {
    await rm(own, { force: true })
  }
}

const purpose = {
  what: 'the folder of the export',
  suggestion: 'Choose another folder.',
  operation: 'download',
} as const

function chosen(tables: readonly Table[], { resources }: CheckedExport): Table[] {
  const missing = resources?.filter((name) => !tables.some(({ resource }) => resource === name)) ?? []
  if (missing.length > 0) throw unknown(missing)
  return tables.filter(({ resource }) => resources?.includes(resource) ?? true)
}

function unknown(names: readonly string[]): BackupError {
  return new BackupError(
    'not_found',
    `The backup has no resource ${names.map((name) => JSON.stringify(name)).join(', ')}`,
    {
      operation: 'download',
      suggestion: 'tables() lists the resources.',
      metadata: { resources: names },
    },
  )
}

function isThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}

function taken(file: string, cause: unknown): BackupError {
  return new BackupError('conflict', `${file} already exists, and export replaces no file`, {
    operation: 'download',
    suggestion: 'Choose another folder, or remove the file.',
    metadata: { file },
    cause,
  })
}
