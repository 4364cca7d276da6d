// Removes a scratch folder with so many files: `node large-scratch.mjs <files>`. Prints how much memory that took, in MiB,
// and what is left of it.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { peakMiB } from '../../../tooling/test/peak-memory.ts'
import { scratchFolder } from '../src/scratch-folder.ts'

const { path, remove } = await scratchFolder({})
const data = join(path, 'scratch', 'data')
mkdirSync(data, { recursive: true })
for (let file = 0; file < Number(process.argv[2]); file++) writeFileSync(join(data, `file-${file}`), '')
const before = peakMiB()
await remove()
console.log(JSON.stringify({ MiB: peakMiB() - before, left: existsSync(path) }))
