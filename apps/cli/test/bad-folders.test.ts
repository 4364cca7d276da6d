import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exitCodes } from '../src/exit-codes.js'
import { command } from './command.js'
import { makeDatabase } from './databases.js'

let cwd: string

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  await makeDatabase(join(cwd, 'database'))
  await writeFile(join(cwd, 'file'), 'in the way')
  await mkdir(join(cwd, 'closed'))
  await chmod(join(cwd, 'closed'), 0o500)
  await command(['backup', '-q'], surroundings())
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

const surroundings = (TMPDIR = cwd) => ({ cwd, env: { S3DB_CONNECTION: `file://${cwd}/database`, TMPDIR } })

/** Commands that make a folder, by what they are told. */
const inTemporaryFolder = {
  'verify --level restore': ['verify', 'latest', '--level', 'restore'],
  query: ['query', 'latest', 'SELECT 1'],
  export: ['export', 'latest', '--to', 'out', '--format', 'csv'],
  demo: ['demo', '--quiet'],
}
const inGivenFolder = {
  'demo --dir': (folder: string) => ['demo', '--quiet', '--dir', folder],
  'export --to': (folder: string) => ['export', 'latest', '--to', folder, '--format', 'csv'],
  'salvage --to': (folder: string) => ['salvage', 'latest', '--to', folder],
  'restore --target': (folder: string) => ['restore', 'latest', '--target', `file://${folder}`],
  'backup --path': (folder: string) => ['backup', '--path', folder],
  'keygen --out': (folder: string) => ['keygen', '--out', join(folder, 'key')],
}

const places = [
  {
    where: 'below a file',
    cause: () => join(cwd, 'file'),
    code: 'conflict',
  },
  {
    where: 'where the file system takes no folders',
    cause: () => '/proc/no-such',
    code: 'invalid_options',
    only: process.platform === 'linux',
  },
  {
    where: 'where this user may not write',
    cause: () => join(cwd, 'closed'),
    code: 'permission_denied',
    only: process.getuid !== undefined && process.getuid() !== 0,
  },
] as const

const all = places
  .filter((place) => !('only' in place) || place.only)
  .flatMap((place) => [
    ...Object.entries(inTemporaryFolder).map(([name, args]) => ({
      ...place,
      name: `${name}, TMPDIR`,
      args: () => args,
      temporary: true,
    })),
    ...Object.entries(inGivenFolder).map(([name, args]) => ({ ...place, name, args, temporary: false })),
  ])

describe('a folder that cannot be made', () => {
  test.each(all)(
    '$name $where: the error names it, its cause and what to do',
    async ({ cause, args, temporary, code }) => {
      const path = join(cause(), 'deep', 'er')
      const outcome = await command(args(path), surroundings(temporary ? path : cwd))
      expect(outcome.stderr).toContain(cause())
      expect(outcome.stderr).toContain(`(${code})`)
      if (temporary) expect(outcome.stderr).toContain('TMPDIR')
      expect(outcome.code).toBe(exitCodes[code])
    },
  )
})
