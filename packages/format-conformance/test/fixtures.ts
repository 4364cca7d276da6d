import { join } from 'node:path'
import type { Case } from './case.ts'

export const fixtures = join(import.meta.dirname, '../fixtures')

/** `index.json`: every case, without the function that made its files. */
export function indexText(cases: readonly Case[]): string {
  const listed = cases.map(({ files: _files, ...one }) => one)
  return `${JSON.stringify({ format: 's3db-backup-conformance/1', cases: listed }, null, 1)}\n`
}
