import type { ContractCase } from '@s3db-backup/driver-testkit'

/** The text of docs/driver-contract.md, made from the contract cases. */
export function contractPage(cases: readonly ContractCase[]): string {
  return [
    '# The driver contract',
    'What a driver must do. Each row is a case of `@s3db-backup/driver-testkit`, which runs them all against your driver: in\nyour own tests (`testDriver`) or against a storage (`checkDriver`, `s3db-backup check-driver <package>`).\n`vitest run tooling/docs/contract-page.test.ts --update` writes this page from the cases. To start, see\n[Write a driver](guides/write-a-driver.md).',
    table([
      ['case', 'what it requires', 'only if the driver declares'],
      ...cases.map(({ id, title, requires }) => [
        `\`${id}\``,
        title,
        requires === undefined ? '' : `\`${requires}\``,
      ]),
    ]),
    'A case is skipped only for a capability that the driver does not declare. "Through core\'s guard" means that the case runs a\nsecond time with the driver wrapped as core wraps every driver: the guard may help, but must not break the driver.',
    '## What a driver need not do',
    '- Know what an object is: `call.kind` names it (`part`, `index`, `keys`, `manifest`, `note`, `lease`, `report`), and may be ignored. A driver\n  that uses it treats an unknown kind as `index`, and finds every object by its key alone.\n- Check keys: the guard accepts only keys of at most 1,024 bytes without empty, `.` or `..` segments, backslashes and\n  control characters.\n- Hash, compress, encrypt, count or report progress: core does all of it.\n- Retry whole operations. A client may repeat a request that is safe to repeat.\n- Overwrite objects: core stores each key once. The safe choice is to reject an existing key with `conflict`.',
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
