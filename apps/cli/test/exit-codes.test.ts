import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorTable } from '@s3db-backup/core'
import { expect, test } from 'vitest'

interface Row {
  readonly exitCode: number
  readonly code: string
  readonly meaning: string
}

/** What the README has to say, from the table that also decides it. */
function exitCodeTable(): string {
  const rows = Object.entries(errorTable)
    .map(([code, { exitCode, meaning }]): Row => ({ exitCode, code: `\`${code}\``, meaning }))
    .concat([
      { exitCode: 0, code: '', meaning: 'Done.' },
      { exitCode: 130, code: '`interrupted`', meaning: 'Stopped by Ctrl-C (143: by SIGTERM).' },
    ])
    .sort((a, b) => a.exitCode - b.exitCode)
    .map(({ exitCode, code, meaning }) => `| ${exitCode} | ${code} | ${meaning} |`)
  return ['| Exit code | `code` | Meaning |', '|---|---|---|', ...rows].join('\n')
}

test('the README has every exit code', async () => {
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8')
  expect(unaligned(readme)).toContain(unaligned(exitCodeTable()))
})

/** Formatting lines up the columns of a table; that is not what is compared. */
function unaligned(markdown: string): string {
  return markdown.replaceAll(/ +/g, ' ').replaceAll(/\| ?-+ ?(?=\|)/g, '|-')
}
