import { join } from 'node:path'
import { backup, type Driver, openCatalog } from '@s3db-backup/core'
import { type MemoryDriver, memory } from '@s3db-backup/driver-testkit'
import { encryption, keygen } from '@s3db-backup/encryption'
import { expect, test } from 'vitest'
import { filesBelow } from '../../../tooling/test/frozen-files.ts'
import { call, growing } from '../test/scene.js'
import { once } from './copies/object-copy.js'
import { multi } from './multi.js'
import { repair } from './replicas/repair.js'
import { sync } from './replicas/sync.js'

/** Remembers what each object was said to be when it was put, but for leases, which are of no backup. */
function noting(inner: MemoryDriver): Driver & { readonly kinds: Map<string, string> } {
  const kinds = new Map<string, string>()
  return {
    ...inner,
    kinds,
    put(key, body, given) {
      if (given.kind !== 'lease') kinds.set(key, given.kind)
      return inner.put(key, body, given)
    },
  }
}

test('copying an encrypted backup without its key keeps the kind of each object', async () => {
  const first = noting(memory())
  const key = { encryption: encryption({ algorithm: 'AES-256-GCM', key: keygen() }) }
  await backup({ source: growing(), driver: first, ...key })
  await backup({ source: growing(), driver: first, incremental: {}, ...key })
  const second = noting(memory())
  await sync({ multi: multi({ drivers: [first, second] }) })

  const copied = [...second.kinds.keys()]
  expect(copied.map((each) => [each, second.kinds.get(each)])).toEqual(
    copied.map((each) => [each, first.kinds.get(each)]),
  )
  expect(new Set(second.kinds.values())).toEqual(new Set(['part', 'index', 'keys', 'manifest']))

  const healed = copied.filter((each) => second.kinds.get(each) === 'part')
  for (const each of healed) await second.delete(each, call)
  second.kinds.clear()
  for (const { id } of (await openCatalog(first).list()).backups)
    await repair({ multi: multi({ drivers: [first, second] }), id })
  expect(second.kinds).toEqual(new Map(healed.map((each) => [each, 'part'])))
})

test('the parts of an encrypted backup of an earlier version, which has no kinds, are copied as index', async () => {
  const folder = join(import.meta.dirname, '../../encryption/fixtures/3')
  const first = memory()
  for (const [key, bytes] of filesBelow(folder)) {
    if (key !== 'secrets.json') await first.put(key, once(bytes), call)
  }
  const second = noting(memory())
  await sync({ multi: multi({ drivers: [first, second] }) })
  const parts = [...second.kinds].filter(([key]) => key.includes('/p0'))
  expect(parts.length).toBeGreaterThan(6)
  expect(new Set(parts.map(([, kind]) => kind))).toEqual(new Set(['index']))
})
