import { execFile } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Block } from './blocks.ts'

const root = join(import.meta.dirname, '../..')

/** A folder outside the workspace in which the built packages, s3db.js and the command are installed. */
export interface Workplace {
  readonly folder: string
  /**
   * Runs a `js` block with Node, a `bash` block with bash, with `input` to read from stdin. Resolves with what it
   * printed, rejects if it fails.
   */
  run(block: Block, args?: readonly string[], input?: string): Promise<string>
  /** Checks a `js` block without running it: its syntax, and that all that it imports is there. */
  check(block: Block): Promise<string>
  remove(): void
}

interface Place {
  /** An existing folder in which the packages are installed already. */
  readonly installed?: string | undefined
  /** Where the Node to run with lies. */
  readonly node?: string | undefined
}

export function workplace({ installed, node = dirname(process.execPath) }: Place = {}): Workplace {
  const folder = installed ?? mkdtempSync(join(tmpdir(), 's3db-backup-docs-'))
  if (installed === undefined) install(folder)
  const environment = {
    PATH: [join(folder, 'node_modules/.bin'), node, '/usr/bin', '/bin'].join(':'),
    HOME: folder,
    NO_COLOR: '1',
  }
  const execute = async (command: string, args: string[], input = '') => {
    const running = promisify(execFile)(command, args, { cwd: folder, env: environment })
    // A program that does not read its input may end before it is written.
    running.child.stdin?.on('error', () => undefined).end(input)
    return (await running).stdout
  }
  const save = ({ line }: Block, text: string) => {
    const file = join(folder, `block-${line}.mjs`)
    writeFileSync(file, text)
    return file
  }
  return {
    folder,
    run: (block, args = [], input = '') =>
      block.language === 'bash'
        ? execute('bash', ['-euo', 'pipefail', '-c', asPasted(block.text, folder)], input)
        : execute(join(node, 'node'), [save(block, block.text), ...args], input),
    async check(block) {
      await execute(join(node, 'node'), ['--check', save(block, block.text)])
      return execute(join(node, 'node'), [save(block, importsOf(block.text))])
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function install(folder: string): void {
  const scope = join(folder, 'node_modules/@s3db-backup')
  const bin = join(folder, 'node_modules/.bin')
  mkdirSync(scope, { recursive: true })
  mkdirSync(bin)
  for (const group of ['packages', 'apps']) {
    for (const name of readdirSync(join(root, group))) symlinkSync(join(root, group, name), join(scope, name))
  }
  symlinkSync(realpathSync(join(root, 'apps/cli/node_modules/s3db.js')), join(folder, 'node_modules/s3db.js'))
  symlinkSync(join(root, 'apps/cli/dist/bin.js'), join(bin, 's3db-backup'))
}

/**
 * A block as people paste it, one after the other into the same terminal: it must end in the folder in which it began,
 * and `command || test $? = 7` must see that code, not a success.
 */
function asPasted(text: string, folder: string): string {
  const codes = text.replace(
    /^(.+) \|\| test \$\? = (\d+)$/gm,
    'code=0; $1 || code=$?; test $code = $2 || { echo "expected exit code $2, not $code" >&2; exit 1; }',
  )
  return `${codes}\n[ . -ef '${folder}' ] || { echo 'The next block would run in another folder' >&2; exit 1; }`
}

/** The imports of a program, without the program. Node refuses those that lead nowhere. */
function importsOf(text: string): string {
  return (text.match(/^import [\s\S]*? from '[^']+'$/gm) ?? []).join('\n')
}
