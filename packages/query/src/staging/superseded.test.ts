import { describe, expect, it } from 'vitest'
import { supersededIds } from './superseded.js'

describe('the ids of newer backups', () => {
  it('are those of all backups read before', () => {
    const ids = supersededIds(10_000)
    ids.add('b')
    ids.add('d')
    ids.next()
    for (const id of ['a', 'd']) ids.add(id)
    ids.next()
    const isSuperseded = ids.cursor()
    expect(['', 'a', 'b', 'c', 'd', 'e'].filter((id) => isSuperseded?.(id))).toEqual(['a', 'b', 'd'])
  })

  it('do not count before their backup was read', () => {
    const ids = supersededIds(10_000)
    ids.add('a')
    expect(ids.cursor()?.('a')).toBe(false)
  })

  it('are dropped once they are too many', () => {
    const ids = supersededIds(100)
    ids.add('a')
    ids.next()
    expect(ids.cursor()?.('a')).toBe(true)
    for (const id of ['b', 'c', 'd']) ids.add(id)
    ids.next()
    expect(ids.cursor()).toBeUndefined()
  })
})
