import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

test('no source makes folders with the recursive mkdir of Node, which never ends below /proc', () => {
  const sources = globSync('{packages,apps}/*/src/**/*.{ts,tsx,mjs}', { cwd: root })
  expect(sources.length).toBeGreaterThan(500)
  const recursive = sources
    .filter((file) => !/\.test\.tsx?$/.test(file))
    .filter((file) => /\bmkdir(Sync)?\([^)]*\brecursive\b/.test(readFileSync(join(root, file), 'utf8')))
  // makeFolder of @s3db-backup/core/internal does it safely.
  expect(recursive).toEqual([])
})
