import type { TransientKind } from '@s3db-backup/s3db/internal'
import type { Lie } from '../../packages/s3db/test/lying-clients/lies.ts'
import type { TargetLie } from '../../packages/s3db/test/lying-clients/target-lies.ts'
import { table } from './contract-page.ts'

/** The text of docs/source-contract.md, made from the rules that the source itself uses. */
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
    'Which objects of an s3db.js database are in a backup, and which answers of the storage a backup and a restore check or trust.\n`vitest run tooling/docs/source-contract.test.ts --update` writes this page from the code.',
    '## What is never backed up, restored or overwritten',
    'Records are always in a backup, whatever their ids and the name of their resource. Of the other objects (counters, history,\ndata of plugins), these are left out. A restore skips them if an older backup has them.',
    table([
      ['what', 'keys', 'why'],
      ...transient.map(({ what, keys, why }) => [what, keys.map((key) => `\`${key}\``).join(', '), why]),
    ]),
    '## Which answers of the storage are checked',
    'Tests give the source each of these wrong answers from databases in memory, in files and on S3, during a full backup, a full\nbackup after another one, an incremental backup and a dry run (`packages/s3db/test/lying-clients`). For S3 a proxy in front of\na real server also gives them. Then the backup contains what the database contains, or it fails or is `incomplete` and names\nthe problem.',
    lies.map(({ what }) => `- ${what}.`).join('\n'),
    '## Which wrong answers are trusted',
    'If a wrong answer leaves no trace, the backup trusts it. These are all known cases; the tests fail if one of them is detected\nafter all and is still listed here.',
    table([
      ['wrong answer', 'given by', 'during', 'why it is trusted'],
      ...believed.map(({ what, clients, operations, why }) => [
        what,
        clients.join(', '),
        operations.join(', '),
        why,
      ]),
    ]),
    '## Ranges of ids',
    'A backup in shards reads a resource in ranges: after one id, up to and including another. On S3 a listing starts after the first\nkey of its range and ends with the page that passes the last; a memory or file database is listed completely, and only the range is\nused. A listing that is not in order is refused there as `unsupported`, because its end would not be known. The checks above\napply to each range. A second listing of the database covers only the range, and so does the comparison with an earlier backup.\nCore refuses a record outside its range.',
    '## Which answers of a target are checked',
    'Tests give a restore these wrong answers from the target database, in memory, in files and on S3, with each mode: `skip`,\n`merge` and `replace`. A drill gets them from its scratch database (`tooling/source-contract`). Then the target contains what\nthe mode promises, or the restore fails, or its report is incomplete and names the problem. A drill against such a database\npasses only if that database contains the backup.',
    targetLies.map(({ what }) => `- ${what}.`).join('\n'),
    '## Which wrong answers of a target are trusted',
    'As above, these are all known cases, and the tests fail if one of them is detected and still listed here.',
    table([
      ['wrong answer', 'given by', 'during', 'why it is trusted'],
      ...targetLies.flatMap(({ what, believed = [] }) =>
        believed.map(({ clients, restores, why }) => [what, clients.join(', '), restores.join(', '), why]),
      ),
    ]),
  ]
    .join('\n\n')
    .concat('\n')
}
