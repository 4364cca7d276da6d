// Lists a directory of 1,000 files, of which every hundredth is deleted after the first is listed. Prints how many of
// the others were listed, and how many were listed twice.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesystem } from '@s3db-backup/driver-filesystem'

const [, , path] = process.argv
const names = Array.from({ length: 1000 }, (_, at) => `f${at}`)
mkdirSync(join(path, 'd'), { recursive: true })
for (const name of names) writeFileSync(join(path, 'd', name), '')
const deleted = new Set(names.filter((_, at) => at % 100 === 0))
const listed = []
for await (const { key } of filesystem({ path }).list('', { signal: new AbortController().signal })) {
  if (listed.length === 0) for (const name of deleted) rmSync(join(path, 'd', name))
  listed.push(key.slice(2))
}
const stayed = listed.filter((name) => !deleted.has(name))
console.log(JSON.stringify({ stayed: new Set(stayed).size, twice: listed.length - new Set(listed).size }))
