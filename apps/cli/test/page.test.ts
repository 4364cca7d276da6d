import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase } from './databases.js'
import { start } from './program.js'
import { temporaryFolder } from './surroundings.js'

test('ui serves a page that opens once with its link, and exits with 0 when stopped', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  await command(['backup', '--connection', `file://${cwd}/database`], { cwd })
  const { child, outcome } = start(['ui', '--port', '0', '--json'], { cwd })
  if (child.stdout === null) throw new Error('no output')
  for await (const line of createInterface({ input: child.stdout })) {
    const { link, url } = JSON.parse(line)
    const opened = await fetch(link)
    expect(opened.status).toBe(200)
    expect((await fetch(link)).status).toBe(401)
    const cookie = opened.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
    const home = await fetch(`${url}/api/home`, { headers: { cookie, 'x-s3db-backup-page': '1' } })
    expect(await home.json()).toMatchObject({ answer: 'yes', backups: 1 })
    child.kill('SIGTERM')
  }
  const { code, stderr } = await outcome
  expect(code).toBe(0)
  expect(stderr).not.toContain('once=')
})

test('schedule --ui serves the page on a port of its own, where no probe is answered, and logs no link', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  const settings = { connection: `file://${cwd}/database`, schedule: { yearly: '0 0 1 1 *' } }
  await writeFile(join(cwd, 's3db-backup.config.json'), JSON.stringify(settings))
  await writeFile(join(cwd, 'password'), 'correct horse battery staple\n')
  const refused = await command(['schedule', '--ui', '0', '--json'], { cwd })
  expect(refused).toMatchObject({ code: 2 })
  expect(refused.stdout + refused.stderr).toContain('--password-file')
  const args = ['schedule', '--port', '0', '--ui', '0', '--password-file', 'password', '--json']
  const { child, outcome } = start(args, { cwd })
  if (child.stdout === null) throw new Error('no output')
  const urls: Record<string, string> = {}
  for await (const line of createInterface({ input: child.stdout })) {
    expect(line).not.toMatch(/once=|battery/)
    const { event, url } = JSON.parse(line)
    urls[event] = url
    if (event !== 'waiting') continue
    expect((await fetch(`${urls.listening}/healthz`)).status).toBe(200)
    expect((await fetch(`${urls.page}/healthz`)).status).toBe(401)
    expect((await fetch(`${urls.listening}/open`)).status).toBe(404)
    expect(await (await fetch(`${urls.page}/`)).text()).toContain('type="password"')
    child.kill('SIGTERM')
  }
  expect((await outcome).code).toBe(0)
})

test('no file that the command loads at start imports the page', () => {
  const dist = join(import.meta.dirname, '../dist')
  const read = (file: string) => readFileSync(join(dist, file), 'utf8')
  const seen = new Set<string>()
  const open = ['bin.js']
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    const text = read(file)
    expect(text).not.toMatch(/(?:from|import) ?["'](?:hono|@hono|preact|uplot|@s3db-backup\/ui)/)
    open.push(
      ...[...text.matchAll(/(?:from|import) ?["']\.\/([^"']+\.js)["']/g)].map(([, name = '']) => name),
    )
  }
  expect(readdirSync(dist).some((file) => read(file).includes('@s3db-backup/ui'))).toBe(true)
})
