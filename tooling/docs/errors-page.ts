import { exitCodes } from '../../apps/cli/src/exit-codes.ts'
import { type ErrorCode, errorTable, operationTable } from '../../packages/core/src/error-table.ts'

/** The text of docs/errors.md, from the tables that the code itself uses. */
export function errorsPage(): string {
  return [
    '# Errors',
    'Everything that fails ends in a `BackupError` (or, after an abort, in the reason of the signal). Match on `code`: it is\nstable, messages are not. This page is written from the tables in `packages/core/src/error-table.ts` and\n`apps/cli/src/exit-codes.ts` by `pnpm exec node tooling/docs/write-errors.mjs`.',
    'An error has `code`, `message`, `operation`, `driver`, `description`, `statusCode` (for an API to answer with), `retriable`\n(whether the same call may succeed later without a change), `suggestion`, `metadata` (facts for logs, never a secret)\nand `cause`. `isBackupError(error, code?)` tells one, also when a program holds two copies of the package. The exit code is\nwhat the command ends with.',
    '## Codes: what is the matter',
    table(
      ['`code`', 'meaning', 'status', 'retriable', 'exit code', 'suggestion'],
      Object.entries(errorTable).map(([code, { meaning, statusCode, retriable, suggestion }]) => [
        `\`${code}\``,
        meaning,
        String(statusCode),
        yesNo(retriable),
        String(exitCodes[code as ErrorCode]),
        suggestion,
      ]),
    ),
    'The command also ends with 0 (done), 130 (stopped by Ctrl-C), 143 (by SIGTERM) and 129 (by SIGHUP: its terminal was closed).',
    '## Operations: what was being done',
    table(
      ['`operation`', '`description`'],
      Object.entries(operationTable).map(([operation, { description }]) => [`\`${operation}\``, description]),
    ),
    ...Object.entries(operationTable).flatMap(([operation, entry]) =>
      'statusCode' in entry
        ? [
            `\`${operation}\` is documented with a status of its own: where the storage is at fault, such an error has \`statusCode\`\n${entry.statusCode} and \`retriable: ${entry.retriable}\`, whatever its code ([ADR 0006](adr/0006-errors-by-cause.md)).`,
          ]
        : [],
    ),
  ]
    .join('\n\n')
    .concat('\n')
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no'
}

/** A table in the form that the formatter leaves alone: columns as wide as their widest cell. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(3, name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
