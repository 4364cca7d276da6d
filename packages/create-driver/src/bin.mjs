#!/usr/bin/env node
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { scaffold, spellings } from './scaffold.mjs'
import { wantedVersions } from './versions.mjs'

const usage = 'npm create @s3db-backup/driver <name> [-- --into <directory>]'

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { into: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) process.stdout.write(`Makes a package for an s3db-backup driver:\n\n  ${usage}\n`)
  else make(positionals, values.into)
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

function make([given, ...more], into) {
  if (given === undefined) throw new Error(`Give a name. For example: ${usage.replace('<name>', 'web-dav')}`)
  if (more.length > 0) throw new Error(`One name at a time; also given: ${more.join(' ')}. Usage: ${usage}`)
  const names = spellings(given)
  // npm and pnpm run scripts in another directory; the path is relative to where the command was typed.
  const directory = resolve(process.env.INIT_CWD ?? '.', into ?? names.folder)
  scaffold(names, directory, wantedVersions())
  process.stdout.write(`${names.package} is in ${directory}
It keeps backups in an SQLite file until you change src/index.ts. Next:

  cd ${directory}
  npm install
  npm test
`)
}
