import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { published } from './packages.mjs'
import { pack, scenarioNames, smoke } from './run.mjs'

// Needs dist with its declarations (`pnpm test:all` builds first).
let folder: string
let tarballs: Map<string, string>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 's3db-backup-tarballs-'))
  tarballs = await pack(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('every package packs', () => {
  expect([...tarballs.keys()].sort()).toEqual(published.map(({ manifest }) => manifest.name).sort())
})

test.each(scenarioNames)('outside the workspace: %s', async (name) => {
  await smoke(tarballs, name)
})
