import { backup, open, records } from '@s3db-backup/core'
import { expect, it } from 'vitest'
import { s3Server } from '../../../tooling/s3/test-server.ts'
import { s3 } from './index.js'

const { endpoint, bucket, proxy, requests } = await s3Server()

it('one record of a large backup costs at most three extra requests, and little is read', async () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => ({
    id: `u${String(i).padStart(6, '0')}`,
    value: i,
    text: `some text that fills the members ${(i * 7919) % 10_007} `.repeat(6),
  }))
  const driver = s3({
    bucket: bucket.name,
    prefix: 'one-record',
    endpoint: proxy.url,
    region: endpoint.region,
    credentials: endpoint.credentials,
    forcePathStyle: true,
  })
  const { id, manifest } = await backup({ source: records({ users: { records: rows } }), driver })
  const rowsPart = manifest.parts.find(({ holds }) => holds === 'rows')
  expect(rowsPart?.contentBytes).toBeGreaterThan(4 * 1024 * 1024)

  let read = 0
  const counted = {
    ...driver,
    async *get(...asked: Parameters<typeof driver.get>) {
      for await (const piece of driver.get(...asked)) {
        read += piece.byteLength
        yield piece
      }
    },
  }
  proxy.clear()
  const opened = await open({ driver: counted, id })
  expect(await opened.get('users', 'u012345')).toEqual(rows[12_345])
  // A listing, the manifest, the offsets, and the member that has the record.
  expect(requests()).toEqual({ list: 1, get: 3, head: 0, put: 0, delete: 0 })
  expect(read).toBeLessThan(512 * 1024)
  expect(read).toBeLessThan((rowsPart?.bytes ?? 0) / 2)
})
