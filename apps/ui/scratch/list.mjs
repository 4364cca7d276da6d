import { lstatSync, readdirSync } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { inventory } from '@s3db-backup/core/internal'
import { filesystem } from '@s3db-backup/driver-filesystem'

const path = '/tmp/ui500'
const d = filesystem({ path })
for (let i = 0; i < 4; i++) {
  let t = performance.now()
  let n = 0
  for await (const o of d.list('', { signal: new AbortController().signal })) n++
  console.log('list', n, Math.round(performance.now() - t))
  t = performance.now()
  const c = new Map()
  await inventory(d, {})
  console.log('inventory', Math.round(performance.now() - t))
  t = performance.now()
  for (const x of readdirSync(path))
    for (const y of readdirSync(path + '/' + x)) lstatSync(path + '/' + x + '/' + y, { bigint: true })
  console.log('sync', Math.round(performance.now() - t))
  t = performance.now()
  for (const x of await readdir(path, { withFileTypes: true }))
    await Promise.all(
      (await readdir(path + '/' + x.name, { withFileTypes: true })).map((y) =>
        lstat(path + '/' + x.name + '/' + y.name, { bigint: true }),
      ),
    )
  console.log('batched', Math.round(performance.now() - t))
}
