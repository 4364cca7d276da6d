import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase } from './databases.js'

test('diff does not call a record removed that the later backup could not read, and exits with 12', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  const run = (...args: string[]) =>
    command(args, { cwd, env: { S3DB_CONNECTION: `file://${cwd}/database`, TMPDIR: cwd } })
  try {
    await makeDatabase(join(cwd, 'database'))
    const whole = (await run('backup', '-q')).stdout.trim()
    await rm(join(cwd, 'database/resource=people/data/id=person-1.meta.json'))
    expect(await run('backup')).toMatchObject({ code: 12 })
    const { id } = JSON.parse((await run('list', '--json')).stdout).backups[0]
    expect(id).not.toBe(whole)
    const [compared, counted, live] = await Promise.all([
      run('diff', whole, id),
      run('diff', whole, id, '--summary', '--json'),
      run('diff', id, '--live'),
    ])
    for (const { code, stdout } of [compared, counted, live]) {
      expect(code).toBe(12)
      expect(stdout).not.toContain('person-1')
      expect(stdout).not.toContain('Both contain the same records')
    }
    expect(compared.stderr).toContain(`'${id}' lacks 1 record that could not be read`)
    expect(counted.stdout).toContain('"resources"')
  } finally {
    await rm(cwd, { recursive: true, force: true })
  }
})
