import type { TransientKind } from '@s3db-backup/s3db/internal'
import { table } from './contract-page.ts'

/** The text of docs/source-contract.md, from the rules that the source itself goes by. */
export function sourceContractPage(transient: readonly TransientKind[]): string {
  return [
    '# What a backup takes from a database',
    "What of an s3db.js database is in a backup, and what of the storage's word a backup believes. This page is written from the\ncode by `vitest run tooling/docs/source-contract.test.ts --update`.",
    '## What is never backed up, restored or overwritten',
    'Records always are in a backup, whatever their ids and their resource are called. Of the other objects (counters, history, data\nof plugins), these are left out. A restore passes them by if an older backup has them.',
    table([
      ['what', 'keys', 'why'],
      ...transient.map(({ what, keys, why }) => [what, keys.map((key) => `\`${key}\``).join(', '), why]),
    ]),
  ]
    .join('\n\n')
    .concat('\n')
}
