import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase } from './databases.js'
import { temporaryFolder } from './surroundings.js'

test('stored text cannot control a terminal or fake our lines', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  const note = 'note=\x1b[2J\x07all gone\n✓ full-x is intact'
  const there = ['--connection', `file://${cwd}/database`, '--metadata', note]
  const made = await command(['backup', ...there], { cwd })
  const shown = await command(['show', 'latest'], { cwd })
  const grouped = await command(['list', '--group-by', 'note'], { cwd })
  const json = await command(['list', '--json'], { cwd })
  for (const { stdout } of [made, shown, grouped]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there.
    expect(stdout).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/)
    expect(stdout).toContain('\\x1b[2J\\x07all gone\\n✓ full-x is intact')
  }
  expect(JSON.parse(json.stdout).backups[0].metadata.note).toBe(note.slice('note='.length))
})

test('suggested commands can be pasted: they have the given destination, quoted for the shell', async () => {
  const cwd = await temporaryFolder()
  const path = 'my $HOME "backups"!'
  await makeDatabase(join(cwd, 'database'))
  await command(['backup', '--connection', `file://${cwd}/database`, '--path', path], { cwd })
  const { stderr } = await command(['show', 'nothing', '--path', path, '--json'], { cwd })
  const { suggestion } = JSON.parse(stderr).error
  const [, advised = ''] = /'s3db-backup (list .*)' shows/.exec(suggestion) ?? []
  const words = execFileSync('bash', ['-c', `printf '%s\\n' ${advised}`])
    .toString()
    .trimEnd()
    .split('\n')
  expect(words).toEqual(['list', '--path', path])
  expect((await command(words, { cwd })).stdout).toContain('full-')
})
