import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase } from './databases.js'
import { start } from './program.js'
import { temporaryFolder } from './surroundings.js'

const guide = readFileSync(join(import.meta.dirname, '../../../docs/guides/the-page.md'), 'utf8')
const lines = [...guide.matchAll(/^s3db-backup (ui .*)$/gm)].map(([, words = '']) => words)

test('every command of the guide the-page.md serves the page', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  await writeFile(join(cwd, 'password'), 'correct horse battery staple\n')
  await command(['backup', '--connection', `file://${cwd}/database`], { cwd })
  expect(lines.length).toBe(3)
  for (const line of lines) {
    const here = line
      .replace('file:///srv/app', `file://${cwd}/database`)
      .replace('/etc/s3db-backup.password', join(cwd, 'password'))
      .replace('10.0.0.5', '127.0.0.1')
    const { child, outcome } = start([...here.split(' '), '--port', '0', '--json'], { cwd })
    if (child.stdout === null) throw new Error('no output')
    for await (const said of createInterface({ input: child.stdout })) {
      const { url } = JSON.parse(said)
      expect([line, (await fetch(url)).status]).toEqual([line, 401])
      child.kill('SIGTERM')
    }
    expect([line, (await outcome).code]).toEqual([line, 0])
  }
})
