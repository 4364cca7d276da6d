import { globSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { describe, expect, it } from 'vitest'
import { has, long, onS3, slow, suiteIn } from './suites.ts'

const files = globSync(['{packages,apps}/*/{src,test}/**/*.test.ts', 'tooling/**/*.test.ts'], {
  cwd: join(import.meta.dirname, '../..'),
  exclude: ['**/node_modules/**'],
})

describe('the suites', () => {
  it('together have every file of tests', () => {
    const missing = files.filter((file) => !has('all', file, {}) && !has('long', file, {}))
    expect(missing).toEqual([])
  })

  it('that .ci/run runs one after the other have every file of one run of all, and none twice', () => {
    for (const file of files) {
      const times = (['quick', 'rest'] as const).filter((suite) => has(suite, file, {})).length
      expect([file, times]).toEqual([file, has('all', file, {}) ? 1 : 0])
    }
  })

  it('have what talks to an S3 server once more where there is another server', () => {
    const env = { S3_ENDPOINT: 'http://127.0.0.1:1' }
    const again = files.filter((file) => has('quick', file, env) && has('rest', file, env))
    expect(again.length).toBeGreaterThan(10)
    for (const file of again) expect(onS3.some((pattern) => matchesGlob(file, pattern))).toBe(true)
  })

  it.each([...Object.keys(slow), ...Object.keys(long), ...onS3])('name what is there: %s', (pattern) => {
    expect(files.filter((file) => matchesGlob(file, pattern))).not.toEqual([])
  })

  it('are those four', () => {
    expect(suiteIn({ SUITE: 'rest' })).toBe('rest')
    expect(suiteIn({})).toBeUndefined()
    expect(() => suiteIn({ SUITE: 'everything' })).toThrow('quick, all, rest or long')
  })
})
