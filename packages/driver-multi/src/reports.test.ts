import { type MemoryDriver, memory } from '@s3db-backup/driver-testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { backUp, body, call, keysOf, rejection } from '../test/scene.js'
import { multi } from './multi.js'
import { sync } from './replicas/sync.js'

let a: MemoryDriver
let b: MemoryDriver

beforeEach(() => {
  a = memory({ name: 'a' })
  b = memory({ name: 'b' })
})

describe('reports beside the backups', () => {
  test('one that cannot be stored removes no other one, and does not stop the next', async () => {
    let refused = 1
    const moody = {
      ...b,
      async put(...given: Parameters<MemoryDriver['put']>) {
        if (given[0].includes('second') && refused-- > 0) throw new Error('not now')
        return b.put(...given)
      },
    }
    const both = multi({ drivers: [a, moody] })
    await both.put('reports/first.json', body(20), { ...call, kind: 'report' })
    await rejection(both.put('reports/second.json', body(20), { ...call, kind: 'report' }))
    expect([keysOf(a), keysOf(b)]).toEqual([['reports/first.json'], ['reports/first.json']])
    await both.put('reports/third.json', body(20), { ...call, kind: 'report' })
    expect(keysOf(b)).toEqual(['reports/first.json', 'reports/third.json'])
  })

  test('are not backups: a sync ignores them', async () => {
    await backUp(a)
    await a.put('reports/drill.json', body(20), { ...call, kind: 'report' })
    const { copied } = await sync({ multi: multi({ drivers: [a, b] }) })
    expect(copied).toHaveLength(1)
    expect(keysOf(b).filter((key) => key.startsWith('reports/'))).toEqual([])
  })
})
