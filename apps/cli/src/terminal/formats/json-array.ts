import type { Terminal } from '../terminal.js'

/** Prints items as one JSON array, a line each, as they come. Ends quietly if nobody reads on. */
export async function writeJsonArray(terminal: Terminal, items: AsyncIterable<unknown>): Promise<void> {
  let before = '['
  for await (const item of items) {
    if (terminal.unread) return
    await terminal.write(`${before}\n  ${JSON.stringify(item)}`)
    before = ','
  }
  await terminal.write(before === '[' ? '[]\n' : '\n]\n')
}
