import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { requireDuckDb } from '../src/duckdb-peer.js'
import { temporaryFolder } from './backups.js'

it('without DuckDB a query names the package to install', async () => {
  const elsewhere = pathToFileURL(join(await temporaryFolder(), 'index.js'))
  const thrown = expect.objectContaining({
    code: 'unsupported',
    message: expect.stringContaining('@duckdb/node-api'),
    suggestion: 'Run: npm install @duckdb/node-api',
  })
  expect(() => requireDuckDb(elsewhere)).toThrow(thrown)
  expect(() => requireDuckDb()).not.toThrow()
})

// All versions of DuckDB's package are prereleases, such as 1.5.6-r.1, and a range accepts only prereleases of its
// own version. With `^1.5.0-r.1` npm refused the newest, so the installation advice failed.
it.each(['packages/query', 'apps/plugin', 'apps/cli'])('npm accepts any DuckDB next to %s', (folder) => {
  const manifest = new URL(`../../../${folder}/package.json`, import.meta.url)
  const { peerDependencies } = JSON.parse(readFileSync(manifest, 'utf8'))
  expect(peerDependencies['@duckdb/node-api']).toBe('*')
})
