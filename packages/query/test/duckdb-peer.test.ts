import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { requireDuckDb } from '../src/duckdb-peer.js'
import { temporaryFolder } from './backups.js'

it('without DuckDB a query says what to install', async () => {
  const elsewhere = pathToFileURL(join(await temporaryFolder(), 'index.js'))
  const thrown = expect.objectContaining({
    code: 'unsupported',
    message: expect.stringContaining('@duckdb/node-api'),
    suggestion: 'Run: npm install @duckdb/node-api',
  })
  expect(() => requireDuckDb(elsewhere)).toThrow(thrown)
  expect(() => requireDuckDb()).not.toThrow()
})
