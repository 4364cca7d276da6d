// A process that uses directories as a driver does. Its argument is a JSON list of `{ path, key, refuse }`. For each
// it puts, puts again, puts another, lists, reads, deletes and examines, and prints the outcome as JSON. `refuse`
// names the calls that a library in LD_PRELOAD makes fail below the path meanwhile.
import { guard } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'

const call = { signal: new AbortController().signal, kind: 'part' }

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

async function use({ path, key, refuse }) {
  process.env.BELOW = path
  process.env.REFUSE = refuse
  const warnings = []
  const driver = filesystem({ path, permissions: 0o640, onWarning: (warning) => warnings.push(warning) })
  const guarded = guard(driver)
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
  const removed = await outcome(() => guarded.delete(key, call))
  const findings = await outcome(() => driver.doctor(call))
  return { put, again, second, listed, read, removed, warnings, findings }
}

const outcomes = []
for (const one of JSON.parse(process.argv[2])) outcomes.push(await use(one))
console.log(JSON.stringify(outcomes))
