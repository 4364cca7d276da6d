import { describe, expect, it } from 'vitest'
import { incrementalSource, type Records } from '../../test/incremental-source.js'
import { memoryDriver } from '../../test/memory-driver.js'
import { backup, type Source } from '../index.js'
import { diffLive, type LiveDifference } from './diff-live.js'

async function aBackup() {
  const driver = memoryDriver()
  const users = new Map([
    ['a', { id: 'a', n: 1 }],
    ['b', { id: 'b', n: 2 }],
    ['c', { id: 'c', n: 3 }],
  ])
  const records: Records = new Map([
    ['users', users],
    ['old', new Map([['o', { id: 'o' }]])],
  ])
  const source = incrementalSource(records)
  const { id } = await backup({ driver, source })
  users.set('b', { id: 'b', n: 20 })
  users.delete('c')
  users.set('d', { id: 'd', n: 4 })
  records.delete('old')
  records.set('new', new Map([['x', { id: 'x' }]]))
  return { driver, id, source }
}

const expected: LiveDifference[] = [
  { resource: 'users', id: 'b', change: 'changed', now: { id: 'b', n: 20 } },
  { resource: 'users', id: 'c', change: 'removed' },
  { resource: 'users', id: 'd', change: 'added', now: { id: 'd', n: 4 } },
  { resource: 'old', id: 'o', change: 'removed' },
  { resource: 'new', id: 'x', change: 'added', now: { id: 'x' } },
]

async function all(items: AsyncIterable<LiveDifference>) {
  const found: LiveDifference[] = []
  for await (const item of items) found.push(item)
  return found
}

describe('a backup compared with the live database', () => {
  it('lists what was added, changed and removed since', async () => {
    const { driver, id, source } = await aBackup()
    expect(await all(diffLive({ driver, id, source }))).toEqual(expected)
    expect(await all(diffLive({ driver, id, source, resources: ['new'] }))).toEqual(expected.slice(4))
  })

  it('works even if the source cannot tell what changed', async () => {
    const { driver, id, source } = await aBackup()
    const plain: Source = {
      describe: source.describe,
      read: (name, { signal }) => source.read(name, { signal }),
    }
    expect(await all(diffLive({ driver, id, source: plain }))).toEqual(expected)
  })

  it('reports at the end the records of which nothing is known', async () => {
    const { driver, id, source } = await aBackup()
    const partly: Source = {
      ...source,
      async *read(name, call) {
        for await (const batch of source.read(name, call))
          yield { ...batch, ...(name === 'users' ? { lost: [{ id: 'a', reason: 'no metadata' }] } : {}) }
      },
    }
    const found: LiveDifference[] = []
    const reading = (async () => {
      for await (const one of diffLive({ driver, id, source: partly })) found.push(one)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'incomplete' })
    expect(found).toEqual(expected)
  })

  it('reports a missing backup as missing', async () => {
    const { driver, source } = await aBackup()
    await expect(all(diffLive({ driver, id: 'none', source }))).rejects.toMatchObject({ code: 'not_found' })
  })
})
