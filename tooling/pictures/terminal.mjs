// Draws docs/pictures/terminal.svg from a real run of the built command: node tooling/pictures/terminal.mjs
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { workplace } from '../docs/workplace.ts'
import { terminalPicture } from './draw-terminal.mjs'

export const terminalFile = join(import.meta.dirname, '../../docs/pictures/terminal.svg')

const shop = `
import { Database } from 's3db.js'
const db = new Database({ connectionString: 'file://./shop', logLevel: 'silent' })
await db.connect()
const users = await db.createResource({ name: 'users', attributes: { name: 'string', city: 'string' } })
await users.insertMany(Array.from({ length: 1200 }, (_, n) => ({ id: 'u' + n, name: 'User ' + n, city: 'Lima' })))
await db.disconnect()
`
const later = `
import { Database } from 's3db.js'
const db = new Database({ connectionString: 'file://./shop', logLevel: 'silent' })
await db.connect()
await db.resources.users.update('u42', { city: 'Bonn' })
await db.resources.users.delete('u41')
await db.disconnect()
`

/** What is done, in order. Only what has `shown` is in the picture. */
const steps = [
  { program: shop },
  { typed: 's3db-backup backup', shown: true },
  { program: later },
  { typed: 's3db-backup backup incremental' },
  { typed: 's3db-backup history users u42 --diff', shown: true },
  { typed: 's3db-backup verify latest --level restore', shown: true },
]

/** Runs the commands: what was typed, and what each printed, colours included. */
export async function terminalRun() {
  const place = workplace()
  const js = (text) => place.run({ document: 'terminal', line: 1, language: 'js', text })
  const shell = (text) =>
    place.run({
      document: 'terminal',
      line: 1,
      language: 'bash',
      text: `unset NO_COLOR; export FORCE_COLOR=1 COLUMNS=88 S3DB_CONNECTION=file://$PWD/shop S3DB_BACKUP_PATH=./backups\n${text} 2>&1`,
    })
  try {
    const all = []
    for (const { program, typed, shown } of steps) {
      if (program !== undefined) await js(program)
      else {
        const printed = (await shell(typed)).trimEnd().replaceAll(place.folder, '/srv/app')
        if (shown) all.push({ typed, printed })
      }
    }
    return all
  } finally {
    place.remove()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const shown = await terminalRun()
  for (const { typed, printed } of shown) console.log(`$ ${typed}\n${printed}\n`)
  mkdirSync(join(terminalFile, '..'), { recursive: true })
  writeFileSync(terminalFile, terminalPicture(shown))
}
