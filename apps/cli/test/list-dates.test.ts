import { expect, test } from 'vitest'
import { command } from './command.js'
import { temporaryFolder } from './surroundings.js'

test.each(['--since', '--until'])('list %s takes a date, a time or an age, and says so', async (option) => {
  const cwd = await temporaryFolder()
  const list = (time: string) => command(['list', option, time, '--path', cwd], { cwd })
  for (const time of ['2024-03-01', '2024-03-01T10:00:00Z', '26 hours ago'])
    expect(await list(time)).toMatchObject({ code: 0, stderr: '' })
  const { code, stderr } = await list('yesterday')
  expect(code).toBe(2)
  const words = stderr.replaceAll(/\s+/g, ' ')
  expect(words).toContain(`Invalid ${option}: must be a date such as 2024-03-01, or a time with its zone`)
  expect(words).toContain('or a distance such as "26 hours ago"')
  expect((await list('26 moons ago')).code).toBe(2)
})
