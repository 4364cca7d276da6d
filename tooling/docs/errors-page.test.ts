import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { errorsPage } from './errors-page.ts'

it('docs/errors.md says what the code does; if not, run pnpm exec node tooling/docs/write-errors.mjs', () => {
  expect(readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')).toBe(errorsPage())
})
