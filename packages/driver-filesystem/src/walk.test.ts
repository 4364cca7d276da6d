import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { call, scratch } from '../test/scratch.js'
import { filesystem } from './filesystem.js'

/** How many files and directories below a path this process has open. */
function openBelow(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(path)
    } catch {
      return false
    }
  }).length
}

test.runIf(process.platform === 'linux')(
  'a tree of folders is listed in order with few of them open at once',
  async () => {
    const path = scratch()
    const names = Array.from({ length: 6 }, (_, n) => String(n))
    const wanted: string[] = []
    for (const year of names)
      for (const month of names)
        for (const day of names) {
          mkdirSync(join(path, year, month, day), { recursive: true })
          writeFileSync(join(path, year, month, day, 'file'), '')
          wanted.push(`${year}/${month}/${day}/file`)
        }
    const found: string[] = []
    let most = 0
    for await (const { key } of filesystem({ path }).list('', call)) {
      found.push(key)
      most = Math.max(most, openBelow(path))
    }
    expect(found.sort()).toEqual(wanted)
    expect(most).toBeLessThan(20)
  },
)
