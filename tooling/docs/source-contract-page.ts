import type { TransientKind } from '@s3db-backup/s3db/internal'
import type { Lie } from '../../packages/s3db/test/lying-clients/lies.ts'
import type { TargetLie } from '../../packages/s3db/test/lying-clients/target-lies.ts'
import { table } from './contract-page.ts'

/** The text of docs/source-contract.md, from the rules that the source itself goes by. */
export function sourceContractPage(
  transient: readonly TransientKind[],
  lies: readonly Pick<Lie, 'what' | 'believed'>[],
  targetLies: readonly TargetLie[],
): string {
  const believed = lies.flatMap(({ what, believed }) =>
    believed === undefined ? [] : [{ what, ...believed }],
  )
  return [
    '# What a backup takes from a database',
    "What of an s3db.js database is in a backup, and what of the storage's word a backup and a restore believe. This page is written from the\ncode by `vitest run tooling/docs/source-contract.test.ts --update`.",
    '## What is never backed up, restored or overwritten',
    'Records always are in a backup, whatever their ids and their resource are called. Of the other objects (counters, history, data\nof plugins), these are left out. A restore passes them by if an older backup has them.',
    table([
      ['what', 'keys', 'why'],
      ...transient.map(({ what, keys, why }) => [what, keys.map((key) => `\`${key}\``).join(', '), why]),
    ]),
    "## What of the storage's word is checked",
    'Each of these is told to the source by databases in memory, in files and on S3, during a full backup, a full backup after another\none, an incremental backup and a dry run (`packages/s3db/test/lying-clients`); of S3 also in the words of a server, before a real one. The backup then contains what the\ndatabase contains, or it fails, or is `incomplete`, and names the problem.',
    lies.map(({ what }) => `- ${what}.`).join('\n'),
    '## What is believed',
    'Where a lie leaves no trace, the backup believes it. These are all the cases that are known; the tests fail if one of them is\nnoticed after all and still stands here.',
    table([
      ['lie', 'told by', 'during', 'why it is believed'],
      ...believed.map(({ what, clients, operations, why }) => [
        what,
        clients.join(', '),
        operations.join(', '),
        why,
      ]),
    ]),
    '## Ranges of ids',
    'A backup in shards reads a resource in ranges: after one id, up to and with another. On S3 a listing begins after the first key of its\nrange and ends with the page that passes the last; a memory or file database is listed whole and cut. A listing that is not in order is\nrefused there as `unsupported`, since its end would not be known. What is checked above is checked in each range, a second listing of the\ndatabase covers the range alone, and so does the comparison with an earlier backup; core refuses a record outside its range.',
    "## What of a target's word is checked",
    'A restore is told these by the database that it restores into, in memory, in files and on S3, with each mode: `skip`, `merge`\nand `replace`; and a drill by its scratch database (`tooling/source-contract`). The target then contains what the mode promises, or the restore fails, or\nits report is incomplete and names the problem. A drill of a lying database passes only if that database contains the backup.',
    targetLies.map(({ what }) => `- ${what}.`).join('\n'),
    '## What is believed of a target',
    'As above: all the cases that are known, and no more than the tests see.',
    table([
      ['lie', 'told by', 'during', 'why it is believed'],
      ...targetLies.flatMap(({ what, believed = [] }) =>
        believed.map(({ clients, restores, why }) => [what, clients.join(', '), restores.join(', '), why]),
      ),
    ]),
  ]
    .join('\n\n')
    .concat('\n')
}
