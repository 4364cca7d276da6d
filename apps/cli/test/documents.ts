import { commands } from '../src/command-list.js'
import { documents } from '../src/json/documents.js'
import type { Outcome } from './surroundings.js'

/** Checks whatever a command printed with `--json` against the published layout. */
export function checkDocuments(args: readonly string[], { stdout, stderr }: Outcome): void {
  if (!args.includes('--json')) return
  const [command] = args.flatMap(
    (word) => commands.find(({ name, alias }) => word === name || word === alias) ?? [],
  )
  if (command === undefined) return
  const asLines =
    ['schedule', 'worker'].includes(command.name) || (command.name === 'diff' && !args.includes('--summary'))
  const texts = (asLines ? stdout.split('\n') : [stdout]).filter((text) => text.trim() !== '')
  for (const text of texts) check(command.name, text)
  for (const line of stderr.split('\n')) {
    if (line.startsWith('{"error"')) check('error', line)
    else if (line.includes('"phase"')) check('progress', line)
  }
}

function check(name: string, text: string): void {
  const { success, error } = documents[name]?.safeParse(JSON.parse(text)) ?? { success: true }
  if (success) return
  throw new Error(`What ${name} printed is not as its schema says: ${JSON.stringify(error?.issues)}\n${text}`)
}
