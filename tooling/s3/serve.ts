// The small S3 server with quirks, to test a program against: `node tooling/s3/serve.ts [quirk ...]`. Port: $PORT, or
// any.
import { openEndpoint } from './endpoint.ts'
import { startFaultProxy } from './fault-proxy.ts'
import { addQuirk, isQuirk, type Quirk, quirks } from './quirks.ts'
import { send } from './signed-request.ts'

const names = process.argv.slice(2)
const unknown = names.filter((name) => !isQuirk(name))
if (unknown.length > 0) {
  const all: [string, Quirk][] = Object.entries(quirks)
  const table = all.map(([name, { says }]) => `  ${name.padEnd(30)}${says}`)
  console.error(`No such quirk: ${unknown.join(', ')}. There are:\n${table.join('\n')}`)
  process.exit(2)
}

const endpoint = await openEndpoint()
const bucket = 'backups'
await send(endpoint, { method: 'PUT', path: `/${bucket}`, query: {}, body: '', headers: {} }).catch(
  thereAlready,
)
const proxy = await startFaultProxy(endpoint.url, { port: Number(process.env.PORT ?? 0) })
for (const name of names) if (isQuirk(name)) addQuirk(proxy, name)
const { accessKeyId, secretAccessKey } = endpoint.credentials
console.log(`endpoint ${proxy.url}, bucket ${bucket}, region ${endpoint.region}`)
console.log(`AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`)

function thereAlready(error: unknown): void {
  if (!String(error).includes('BucketAlreadyOwnedByYou')) throw error
}
