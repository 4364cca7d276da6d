// One process that uses a directory as a driver does: `on-file-system.mjs <root> <key>`. Puts, puts again, lists, reads, deletes
// if told to by a third argument, and prints how it went as JSON.
import { guard } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'

const [path, key, remove] = process.argv.slice(2)
const call = { signal: new AbortController().signal, kind: 'part' }
const warnings = []
const driver = filesystem({ path, permissions: 0o640, onWarning: (warning) => warnings.push(warning) })
const guarded = guard(driver)

async function* body() {
  yield Buffer.from('some bytes')
}

async function outcome(work) {
  try {
    return (await work()) ?? 'done'
  } catch (error) {
    return { code: error.code, message: error.message, retriable: error.retriable }
  }
}

const put = await outcome(() => guarded.put(key, body(), call))
const again = await outcome(() => guarded.put(key, body(), call))
const second = await outcome(() => guarded.put(`${key}-2`, body(), call))
const listed = await outcome(async () => {
  const keys = []
  for await (const info of guarded.list('', call)) keys.push(info.key)
  return keys.sort()
})
const read = await outcome(async () => {
  let text = ''
  for await (const chunk of guarded.get(key, call)) text += Buffer.from(chunk).toString()
  return text
})
const removed = remove === undefined ? undefined : await outcome(() => guarded.delete(key, call))
const findings = await outcome(() => driver.doctor(call))
console.log(JSON.stringify({ put, again, second, listed, read, removed, warnings, findings }))
