// A process that makes random writes to a database until it is told to stop: `writer.mjs <order as JSON>`. Before and
// after each write it reports the resulting record and the time.
import { setTimeout } from 'node:timers/promises'
import { Database } from 's3db.js'

const { connectionString, options, name, seed, own, shared, replacesOnly, pause } = JSON.parse(
  process.argv[2],
)
const database = new Database({ connectionString, logLevel: 'silent', exitOnSignal: false, ...options })
await database.connect()

const now = () => Number(process.hrtime.bigint() / 1000n)
const say = (message) => process.send(message)
let random = seed
const chance = () => {
  random = (Math.imul(random, 1664525) + 1013904223) >>> 0
  return random / 2 ** 32
}
const below = (limit) => Math.floor(chance() * limit)

let state = 'running'
process.on('message', (asked) => {
  if (asked === 'ping') return say({ said: 'pong' })
  state = asked
})
process.on('disconnect', () => process.exit(1))

/** What this process has written and nobody else has. */
const known = new Map()
let number = 0

function fieldsFor(resource, mark) {
  const fields = { mark, n: number }
  if (resource === 'users') return { ...fields, name: `name of ${mark}`, team: `team-${below(4)}` }
  // Some texts fit into the metadata of an object, others need its body.
  const words = chance() < 0.3 ? 3 : 1 + below(900)
  return { ...fields, text: Array(words).fill(`text-${mark}`).join(' ') }
}

async function write(resource, id, isShared) {
  number += 1
  const key = `${resource}/${id}`
  const before = known.get(key)
  const mark = `${name}.${number}`
  const fields = fieldsFor(resource, mark)
  const rolled = chance()
  const records = database.resources[resource]
  let after = fields
  let work = () => records.replace(id, fields)
  if (isShared) {
    if (rolled < 0.3) work = () => records.insert({ id, ...fields })
    else if (rolled < 0.5 && shared.deletes) [after, work] = [null, () => records.delete(id)]
  } else if (before === undefined) work = () => records.insert({ id, ...fields })
  else if (rolled < 0.3) [after, work] = [null, () => records.delete(id)]
  else if (rolled < 0.65 && !replacesOnly) {
    const { mark: _, n, ...others } = fields
    const changed = chance() < 0.5 ? { mark, n } : { mark, n, ...others }
    after = { ...before, ...changed }
    work = () => records.update(id, changed)
  }
  const about = { number, resource, id, state: after }
  say({ began: now(), ...about })
  try {
    await work()
    if (after === null) known.delete(key)
    else if (!isShared) known.set(key, after)
    say({ ended: now(), ...about })
  } catch (error) {
    // A record shared by both writers may be gone already, or exist already.
    const refused = isShared && /Precondition|already exists/.test(error.message)
    say({ ended: now(), ...about, failed: refused ? 'refused' : isShared ? 'perhaps' : `${error.stack}` })
  }
}

function choose() {
  if (chance() < 0.2) return ['users', `shared-${below(shared.ids)}`, true]
  const resource = ['users', 'notes', 'pages'][below(3)]
  // Some records are written again and again, most of them rarely.
  return [resource, `${name}-${chance() < 0.3 ? below(4) : below(own)}`, false]
}

say({ said: 'ready' })
while (state !== 'stop') {
  if (state === 'pause') {
    say({ said: 'paused' })
    while (state === 'pause') await setTimeout(5)
    say({ said: 'going on' })
    continue
  }
  const [resource, id, isShared] = choose()
  const times = chance() < 0.2 ? 25 : 1
  for (let time = 0; time < times && state === 'running'; time++) await write(resource, id, isShared)
  await setTimeout(below(pause))
}
await database.disconnect()
process.exit(0)
