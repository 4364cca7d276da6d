import { expect, test } from 'vitest'
import { commands } from '../command-list.js'
import { buildProgram } from '../program.js'
import { openTerminal } from './terminal.js'

const opened = openTerminal({ ...process, env: { NO_COLOR: '1' } }, [])

/** The lines of a help text on a screen of that width. */
async function helpOn(width: number, argv: readonly string[]): Promise<string[]> {
  const lines: string[] = []
  const print = (text = '') => lines.push(...text.split('\n'))
  const terminal = Object.defineProperties({ ...opened, print }, { width: { value: width } })
  const session = { terminal, signal: new AbortController().signal, exitCode: 0 }
  const program = await buildProgram(session, argv)
  await program.parseAsync([...argv], { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof Error && /outputHelp|help/i.test(error.message))) throw error
  })
  return lines
}

const helps = [['--help'], ...commands.map(({ name }) => [name, '--help'])]

test.each([40, 60, 80])('no help breaks a word at the end of a screen of %i columns', async (width) => {
  for (const argv of helps) {
    const lines = await helpOn(width, argv)
    expect(lines.length).toBeGreaterThan(10)
    const long = lines.filter((line) => line.length > width)
    // A command is to be copied as a whole; a word that is longer than the screen cannot be helped.
    const breakable = long.filter((line) => !/^ *s3db-backup /.test(line) && /\S \S/.test(line))
    expect({ argv, breakable }).toEqual({ argv, breakable: [] })
  }
})
