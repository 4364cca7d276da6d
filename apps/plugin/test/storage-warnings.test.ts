import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { startFaultProxy } from '../../../tooling/s3/fault-proxy.ts'
import { addQuirk } from '../../../tooling/s3/quirks.ts'
import { s3Server } from '../../../tooling/s3/test-server.ts'
import { BackupPlugin } from '../src/index.js'
import { filled, scratch } from './scene.js'

const server = await s3Server()
const proxy = await startFaultProxy(server.endpoint.url)
afterAll(() => proxy.close())

it('foreign files beside the backups are an event, in the result and in doctor, and stop nothing', async () => {
  const path = scratch()
  await mkdir(join(path, 'lost+found'))
  const plugin = new BackupPlugin({ database: await filled(2), config: { path } })
  const told: unknown[] = []
  plugin.on('plg:backup:warning', (warning) => told.push(warning))
  await plugin.backup('full')
  // A full backup does not look at other backups; an incremental one looks for its parent.
  const made = await plugin.backup('incremental')
  expect(made).toMatchObject({ status: 'completed', warnings: [{ code: 'passed_by', driver: 'filesystem' }] })
  expect(told).toMatchObject([{ code: 'passed_by', message: expect.stringContaining('lost+found') }])
  expect(await plugin.list()).toHaveLength(2)
  expect(await plugin.destination.check()).toContainEqual(
    expect.objectContaining({ check: 'others', level: 'note' }),
  )
})

it('a bucket without checksums and conditions can store backups, with one warning', async () => {
  addQuirk(proxy, 'conditions-and-checksums-400')
  const { credentials, region } = server.endpoint
  const config = { bucket: server.bucket.name, path: 'quirky', endpoint: proxy.url, region, credentials }
  const plugin = new BackupPlugin({ database: await filled(2), driver: 's3', config })
  const told: string[] = []
  plugin.on('plg:backup:warning', ({ code }) => told.push(code))
  const { id, warnings } = await plugin.backup('full')
  expect(told.sort()).toEqual(['checksums_refused', 'conditions_refused'])
  expect(warnings).toHaveLength(2)
  expect(await plugin.verify(id)).toMatchObject({ ok: true })
  const again = await plugin.backup('full')
  expect(again.warnings).toHaveLength(2)
  expect(told).toHaveLength(2)
})

it('a path that is an address is refused, and the driver for it is named', () => {
  expect(() => new BackupPlugin({ config: { path: 's3://backups/x' } })).toThrow(
    /driver 's3', with bucket 'backups' and path 'x'/,
  )
})
