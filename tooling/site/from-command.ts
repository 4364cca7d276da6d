import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './sources.ts'

const bin = join(root, 'apps/cli/dist/bin.js')
const schemas = join(root, 'apps/cli/schemas')

async function help(...words: string[]): Promise<string> {
  const env = { ...process.env, NO_COLOR: '1', COLUMNS: '80' }
  const { stdout } = await promisify(execFile)(process.execPath, [bin, ...words, '--help'], { env })
  return stdout.trimEnd()
}

/** Every command with its help, as the built command prints it. */
export async function commandsPage(): Promise<string> {
  const top = await help()
  const [, list = ''] = /^Commands:\n((?: {2}.*\n)+)/m.exec(top) ?? []
  const names = [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name = '']) => name)
  const commands = names.filter((name) => name !== 'help')
  const texts: string[] = []
  for (let index = 0; index < commands.length; index += 2) {
    const pair = commands.slice(index, index + 2)
    texts.push(...(await Promise.all(pair.map(async (name) => `## ${name}\n\n${fence(await help(name))}`))))
  }
  return [
    '# Commands',
    'What `s3db-backup` prints when it is asked for help. Recipes and exit codes are in [the README of the command](/packages/cli).',
    fence(top),
    ...texts,
  ].join('\n\n')
}

const fence = (text: string) => `\`\`\`text\n${text}\n\`\`\``

/** The schemas of what commands print with `--json`. */
export function schemasPage(): string {
  const parts = readdirSync(schemas)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const text = readFileSync(join(schemas, name), 'utf8').trim()
      return `## ${basename(name, '.json')}\n\n<details>\n<summary>Schema</summary>\n\n\`\`\`json\n${text}\n\`\`\`\n\n</details>`
    })
  return [
    '# JSON of the commands',
    'With `--json` a command prints one document, whose schema is here and in the package `@s3db-backup/cli`, in `schemas/`. Fields may be added; a reader ignores those that it does not know. An error is a document too: [error](#error).',
    ...parts,
  ].join('\n\n')
}
