// A function as AWS Lambda runs it: `lambda.mjs <remaining time of each invocation in ms, as JSON>`. The handler is
// the TypeScript text in `HANDLER`. Prints one line of JSON: the outcome of the invocations, and with `READ_ONLY` the
// places where nothing could be written.
import { readdirSync, writeFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { homedir } from 'node:os'
import { peakMiB } from '../../../tooling/test/peak-memory.ts'

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)
const s3db = import.meta.resolve('s3db.js')

registerHooks({
  resolve: (specifier, context, next) => next(specifier === 's3db.js' ? s3db : specifier, context),
})

/** Why a file cannot be written there, or nothing. */
function refusal(path) {
  try {
    writeFileSync(path, 'x')
    return null
  } catch (error) {
    return error.code
  }
}

const code = stripTypeScriptTypes(process.env.HANDLER)
const { handler } = await import(`data:text/javascript,${encodeURIComponent(code)}`)

const invocations = []
for (const remaining of JSON.parse(process.argv[2])) {
  const deadline = performance.now() + remaining
  const context = { getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())) }
  try {
    invocations.push({ made: await handler({}, context) })
  } catch ({ name, message }) {
    invocations.push({ error: { name, message } })
  }
}
const peak = peakMiB()
const written = readdirSync('/tmp')
const elsewhere = [`${process.cwd()}/x`, `${homedir()}/x`, '/x', '/var/x']
const refused = process.env.READ_ONLY === undefined ? [] : elsewhere.map(refusal)
say({ result: { invocations, peak, written, refused, home: process.env.HOME ?? null } })
process.exit()
