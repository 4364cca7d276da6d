import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { blocksOf, documents, readDocument } from '../../../tooling/docs/blocks.ts'
import { buildProgram } from '../src/program.js'
import { openTerminal } from '../src/terminal/terminal.js'

const root = join(import.meta.dirname, '../../..')
const pages = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
const all = [...new Set([...documents(), ...pages('docs'), ...pages('.'), 'deploy/README.md'])]

/** What stands after `s3db-backup` in the blocks and the code of a document, up to the end of the command. */
function commandLines(document: string): string[] {
  const text = readDocument(document)
  const blocks = blocksOf(document, text).filter(({ language }) => !['js', 'ts', 'json'].includes(language))
  const inBlocks = blocks.flatMap((block) => [
    ...block.text.replaceAll('\\\n', ' ').matchAll(/(?:^|[\s("])s3db-backup ([^\n|;&)#]*)/gm),
  ])
  const prose = text.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, '').replaceAll(/\s+/g, ' ')
  return [...inBlocks, ...prose.matchAll(/`s3db-backup ([^`]*)`/g)].map(([, rest = '']) => rest)
}

const terminal = openTerminal({ ...process, env: {} }, [])

async function commandNamed(name: string): Promise<Command | undefined> {
  const session = { terminal, signal: new AbortController().signal, exitCode: 0 }
  const program = await buildProgram(session, [name])
  return program.commands.find((each) => each.name() === name || each.aliases().includes(name))
}

const everywhere = ['--help', '--version', '--json', '--quiet', '--strict', '--no-color']

/** What a command line names that the command does not have. */
async function unknownIn(line: string): Promise<string | undefined> {
  const words = line.split(/\s+/).map((word) => word.replace(/[=,.:].*$/, ''))
  const name = words.find((word) => word !== '' && !word.startsWith('-'))
  if (name === undefined || !/^[a-z][a-z-]*$/.test(name) || name === 'help') return undefined
  const command = await commandNamed(name)
  if (command === undefined) return name
  const known = [...everywhere, ...command.options.map(({ long }) => long)]
  return words.find((word) => /^--[a-z]/.test(word) && !known.includes(word))
}

test.each(all)('%s names only commands and options that exist', async (document) => {
  const unknown: string[] = []
  for (const line of new Set(commandLines(document))) {
    const word = await unknownIn(line)
    if (word !== undefined) unknown.push(`${word} in: s3db-backup ${line}`)
  }
  expect(unknown).toEqual([])
})

test('a command or an option that does not exist is found', async () => {
  expect(await unknownIn('keys recovery')).toBe('keys')
  expect(await unknownIn('backup --incrementally')).toBe('--incrementally')
  expect(await unknownIn('backup incremental --quiet --strict')).toBeUndefined()
  expect(commandLines('README.md')).toContain('verify latest --level restore    ')
})
