// A process that runs one operation and may kill itself at a step of it: `child.mjs <order as JSON>`. Prints `ready`,
// starts once its input ends, and prints `done`.
import { once } from 'node:events'
import { operation } from './operations.ts'
import { openAddress } from './places.ts'
import { stepping } from './steps.ts'
import { shelfIn, targetOver } from './target.ts'

const { name, addresses, days, shelf, killAt } = JSON.parse(process.argv[2])
const steps = stepping(({ number }) => {
  if (number !== killAt) return undefined
  process.kill(process.pid, 'SIGKILL')
  // This process must not continue before the signal arrives.
  return new Promise(() => undefined)
})
const [driver, second] = addresses.map((address) => steps.driver(openAddress(address)))
process.stdout.write('ready\n')
process.stdin.resume()
await once(process.stdin, 'end')
await operation(name).run({
  history: { days },
  driver,
  second,
  target: steps.target(targetOver(shelfIn(shelf))),
  signal: new AbortController().signal,
})
process.stdout.write('done\n')
process.exit(0)
