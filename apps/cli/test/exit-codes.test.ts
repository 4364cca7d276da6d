import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ErrorCode } from '@s3db-backup/core'
import { errorTable } from '@s3db-backup/core/internal'
import { expect, test } from 'vitest'
import { exitCodes } from '../src/exit-codes.js'

interface Row {
  readonly exitCode: number
  readonly code: string
  readonly meaning: string
}

const codes = Object.keys(errorTable) as ErrorCode[]

/** What the README has to say, from the tables that also decide it. */
function exitCodeTable(): string {
  const rows = codes
    .map(
      (code): Row => ({ exitCode: exitCodes[code], code: `\`${code}\``, meaning: errorTable[code].meaning }),
    )
    .concat([
      { exitCode: 0, code: '', meaning: 'Done.' },
      {
        exitCode: 130,
        code: '`interrupted`',
        meaning: 'Stopped by Ctrl-C (143: by SIGTERM, 129: by SIGHUP).',
      },
    ])
    .sort((a, b) => a.exitCode - b.exitCode)
    .map(({ exitCode, code, meaning }) => `| ${exitCode} | ${code} | ${meaning} |`)
  return ['| Exit code | `code` | Meaning |', '|---|---|---|', ...rows].join('\n')
}

test('every cause has its own exit code, except the two for wrong use', () => {
  expect(new Set(Object.values(exitCodes)).size).toBe(codes.length - 1)
  expect(Math.min(...Object.values(exitCodes))).toBeGreaterThan(0)
  expect(exitCodes.unsupported).toBe(exitCodes.invalid_options)
})

test('the README has every exit code', async () => {
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8')
  expect(unaligned(readme)).toContain(unaligned(exitCodeTable()))
})

/** Formatting lines up the columns of a table; that is not what is compared. */
function unaligned(markdown: string): string {
  return markdown.replaceAll(/ +/g, ' ').replaceAll(/\| ?-+ ?(?=\|)/g, '|-')
}
