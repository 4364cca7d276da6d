// Writes the fixtures of cases that have none yet, and the index of all cases. Existing files stay unchanged: node
// packages/format-conformance/test/write-fixtures.ts
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cases } from './cases.ts'
import { fixtures, indexText } from './fixtures.ts'

for (const one of cases) {
  const folder = join(fixtures, one.name)
  if (existsSync(folder)) continue
  for (const [key, bytes] of one.files()) {
    const path = join(folder, key)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
  }
}
writeFileSync(join(fixtures, 'index.json'), indexText(cases))
