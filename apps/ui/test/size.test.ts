import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

const client = (file: string) => readFileSync(join(import.meta.dirname, '../dist/client', file))

test('the browser loads less than 60 kB gzipped, and nothing from other hosts', () => {
  const files = ['client.js', 'client.css'].map(client)
  const size = files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0)
  expect(size).toBeLessThan(60 * 1024)
  const hosts = files.flatMap(
    (file) => file.toString('utf8').match(/(?:src|url|import)\(?["' (]*https?:\/\/[^"') ]+/g) ?? [],
  )
  expect(hosts).toEqual([])
})
