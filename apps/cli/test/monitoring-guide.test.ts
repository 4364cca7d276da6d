import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const read = (file: string) => readFileSync(join(import.meta.dirname, '../../..', file), 'utf8')

test('a schedule serves every metric of the monitoring guide', () => {
  const served = [
    ...read('apps/cli/src/schedule/metrics.ts').matchAll(/(?:gauge|counter)\(\s*'([a-z_]+)'/g),
  ].map(([, name]) => `s3db_backup_${name}`)
  const asked = [...read('docs/guides/monitoring.md').matchAll(/s3db_backup_[a-z_]+/g)].map(([name]) => name)
  expect(served.length).toBeGreaterThan(15)
  expect(asked.length).toBeGreaterThan(5)
  for (const name of asked) expect(served).toContain(name)
})
