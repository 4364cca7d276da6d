import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, it, onTestFinished } from 'vitest'
import { BackupPlugin } from '../src/index.js'
import { connected, filled, scratch } from './scene.js'

async function countOf(file: string): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  onTestFinished(() => {
    connection.closeSync()
    instance.closeSync()
  })
  const result = await connection.runAndReadAll(
    `select count(*), count(distinct id) from read_json('${file}')`,
  )
  const [all, distinct] = result.getRows()[0] ?? []
  expect(all).toBe(distinct)
  return Number(all)
}

it('zcat shows one JSON record per line', async () => {
  const plugin = new BackupPlugin({ config: { path: scratch() }, database: await filled(3) })
  const { path } = await plugin.backup('full')
  const line = execFileSync('sh', [
    '-c',
    'zcat "$1" | head -1',
    'sh',
    join(path, 'users.jsonl.gz'),
  ]).toString()
  expect(JSON.parse(line)).toEqual({ id: 'u0', name: 'Zoë 0', n: 0 })
  expect(line.endsWith('\n')).toBe(true)
})

it('DuckDB reads the file and counts the same, even with many gzip members', async () => {
  const small = new BackupPlugin({ config: { path: scratch() }, database: await filled(7) })
  const few = await small.backup('full')
  expect(await countOf(join(few.path, 'users.jsonl.gz'))).toBe(few.records)

  const database = await connected()
  const users = await database.createResource({
    name: 'users',
    attributes: { name: 'string', noise: 'string' },
  })
  for (let n = 0; n < 2_500; n++) {
    // Hardly compressible, so that the file grows beyond 1 MiB.
    const noise = Array.from({ length: 60 }, () => Math.random().toString(36).slice(2)).join('')
    const metadata = await users.schema.mapper({ name: `Zoë ${n}`, noise })
    await database.client.putObject({
      key: users.getResourceKey(`u${n}`),
      metadata: { ...metadata, _v: 'v1' },
      body: '',
    })
  }
  const large = new BackupPlugin({ config: { path: scratch() }, database })
  const many = await large.backup('full')
  const file = join(many.path, 'users.jsonl.gz')
  expect(statSync(file).size).toBeGreaterThan(1024 * 1024)
  expect(many.records).toBe(2_500)
  expect(await countOf(file)).toBe(2_500)
})
