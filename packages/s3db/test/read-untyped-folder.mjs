// Reads a folder of 1,000 files, of which every hundredth is deleted meanwhile, as a quick disk is read and as a slow one.
// Prints how many of the others were seen.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { disk } from '../src/client/files/disk.ts'

const [, , path] = process.argv
const names = Array.from({ length: 1000 }, (_, at) => `f${at}`)
const deleted = new Set(names.filter((_, at) => at % 100 === 0))

async function seen(files) {
  mkdirSync(path, { recursive: true })
  for (const name of names) writeFileSync(join(path, name), '')
  const found = new Set()
  for await (const entries of files.entries(path, { signal: new AbortController().signal })) {
    if (found.size === 0) for (const name of deleted) rmSync(join(path, name))
    for (const { name } of entries) found.add(name)
  }
  return names.filter((name) => found.has(name) && !deleted.has(name)).length
}

let time = 0
const slow = disk(() => (time += 10))
for (let at = 0; at < 100; at++) await slow.stat(path, { signal: new AbortController().signal })
console.log(JSON.stringify({ atOnce: await seen(disk()), slowly: await seen(slow) }))
