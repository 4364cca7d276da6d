// A process that runs operations while it may open only a few files: `starve.mjs <orders as JSON>`. Prints one line
// for each: its code, or `done`. Run it below a small `ulimit -n`.
import { closeSync, openSync } from 'node:fs'
import { operation } from './operations.ts'
import { openAddress } from './places.ts'
import { shelfIn, targetOver } from './target.ts'

/** Opens files until there is room for so many more only. */
function leaveRoomFor(free) {
  const open = []
  try {
    for (;;) open.push(openSync('/dev/null'))
  } catch {
    // No more files can be opened.
  }
  for (const descriptor of open.splice(0, free)) closeSync(descriptor)
  return () => {
    for (const descriptor of open) closeSync(descriptor)
  }
}

const run = ({ name, addresses, days, shelf }) => {
  const [driver, second] = addresses.map(openAddress)
  const target = targetOver(shelfIn(shelf))
  const signal = new AbortController().signal
  return operation(name).run({ history: { days }, driver, second, target, signal })
}

const { rehearsals, orders } = JSON.parse(process.argv[2])
// Modules that a program loads on first use are loaded while there is room for them.
for (const order of rehearsals) await run(order)
for (const order of orders) {
  const giveBack = leaveRoomFor(order.free)
  const outcome = await run(order).then(
    () => 'done',
    (error) => error.code ?? String(error),
  )
  giveBack()
  console.log(outcome)
}
