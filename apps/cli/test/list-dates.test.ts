import { expect, test } from 'vitest'
import { command } from './command.js'
import { temporaryFolder } from './surroundings.js'

test.each(['--since', '--until'])('list %s says what it takes', async (option) => {
  const cwd = await temporaryFolder()
  const { code, stderr } = await command(['list', option, '26 hours ago', '--path', cwd], { cwd })
  expect(code).toBe(2)
  const words = stderr.replaceAll(/\s+/g, ' ')
  expect(words).toContain(`Invalid ${option}: Neither a date, such as 2024-03-01, nor a time with its zone`)
})
