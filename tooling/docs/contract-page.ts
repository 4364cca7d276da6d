import type { ContractCase } from '@s3db-backup/driver-testkit'

/** The text of docs/driver-contract.md, from the cases that drivers are tested with. */
export function contractPage(cases: readonly ContractCase[]): string {
  return [
    '# The driver contract',
    'What a driver has to do, sentence by sentence. Each one is a case of `@s3db-backup/driver-testkit`, which runs them all\nagainst your driver in your own tests (`testDriver`) or against a storage (`checkDriver`,\n`s3db-backup check-driver <package>`). This page is written from the cases by\n`vitest run tooling/docs/contract-page.test.ts --update`. How to go about it: [Write a driver](guides/write-a-driver.md).',
    table([
      ['case', 'what it requires', 'only if the driver declares'],
      ...cases.map(({ id, title, requires }) => [
        `\`${id}\``,
        title,
        requires === undefined ? '' : `\`${requires}\``,
      ]),
    ]),
    'A case is skipped only for a capability that the driver does not declare. "Through core\'s guard" means that the case runs a\nsecond time with the driver wrapped as core wraps every driver: the guard may help, but must not get in the way.',
    '## What a driver need not do',
    '- Know what an object is: `call.kind` says it (`part`, `index`, `keys`, `manifest`, `note`, `lease`, `report`), and may be ignored. A driver\n  that acts on it treats a kind that it does not know as `index`, and finds every object by its key alone.\n- Check keys: the guard lets only keys through that have no empty, `.` or `..` segment, no backslash, no control characters\n  and at most 1,024 bytes.\n- Hash, compress, encrypt, count or report progress: core has done it, or does it, before and after.\n- Retry whole operations. A client may repeat a request that it knows to be safe to repeat.\n- Write over objects: core stores each key once. Rejecting a key that is taken with `conflict` is the safe choice.',
  ]
    .join('\n\n')
    .concat('\n')
}

/** A table in the form that the formatter leaves alone: columns as wide as their widest cell. */
export function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(3, name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
