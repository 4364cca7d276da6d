import { parseOptions } from '@s3db-backup/core/internal'
import * as z from 'zod'

export type ExportFormat = 'parquet' | 'csv' | 'jsonl'

export interface ExportOptions {
  /** The folder that the files are put into. It is made where it is missing; no file in it is replaced. */
  readonly to: string
  readonly format: ExportFormat
  /** Names of resources; all if left out. */
  readonly resources?: readonly string[] | undefined
  /** Only the records that this condition of SQL holds for: `active AND city = 'Berlin'`. */
  readonly where?: string | undefined
  /**
   * CSV only: puts an apostrophe before texts that begin with `=`, `+`, `-`, `@`, a tab or a carriage return, which
   * spreadsheets take for formulas. The file then no longer holds these texts as they were. Default `false`.
   */
  readonly neutralizeFormulas?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

const exportSchema = z.strictObject({
  to: z.string().min(1),
  format: z.enum(['parquet', 'csv', 'jsonl']),
  resources: z.array(z.string()).min(1, 'names no resource').readonly().optional(),
  where: z.string().optional(),
  neutralizeFormulas: z.boolean().default(false),
  signal: z.instanceof(AbortSignal).optional(),
})

export type CheckedExport = z.output<typeof exportSchema>

export function parseExportOptions(options: ExportOptions): CheckedExport {
  return parseOptions(exportSchema, options, { what: 'export options', operation: 'download' })
}
