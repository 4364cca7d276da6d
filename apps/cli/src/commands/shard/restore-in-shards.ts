import { spawn } from 'node:child_process'
import { BackupError } from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import { openPlugin } from '../../access/open-plugin.js'
import { resolveId } from '../../access/resolve-id.js'
import { type ThawOptions, thawFirst } from '../../access/thaw.js'
import { checkConnection } from '../../config/connection.js'
import type { PlaceOptions } from '../../config/options.js'
import { readSettings } from '../../config/settings.js'
import type { Session } from '../../session.js'
import { finish, openForOthers } from './restore-actions.js'

/** The options of `restore` that work with `--shards`. */
interface RestoreInShards extends PlaceOptions, ThawOptions {
  readonly allowPlain?: boolean | undefined
  readonly shards: number
  readonly connection?: string | undefined
  readonly target?: string | undefined
  readonly overwrite?: boolean | undefined
  readonly mode?: 'skip' | 'merge' | 'replace' | undefined
  readonly resources?: string[] | undefined
  readonly exclude?: string[] | undefined
  readonly yes?: boolean | undefined
  readonly verify: boolean
  readonly progress: 'auto' | 'json' | 'none'
}

/** A worker that was killed, or met what may pass, is started again so often. */
const attempts = 5

/** Exit codes of workers that may pass. */
const passing = new Set<number | null>([null, 1, 5, 6])

/** `s3db-backup restore --shards <n>`: opens the restore, has as many processes write it, and finishes it. */
export async function restoreInShards(
  session: Session,
  given: string,
  options: RestoreInShards,
): Promise<void> {
  const { terminal, signal } = session
  const { target, connection, ...others } = options
  const settings = await readSettings(options, terminal)
  const into = checkConnection(target ?? settings.connection)
  terminal.redactor.hideConnection(into)
  const plugin = openPlugin(settings)
  const id = await resolveId(plugin, given, 'restore')
  await thawFirst(session, plugin, id, options)
  const mode = options.mode ?? (options.overwrite === true ? ('merge' as const) : undefined)
  const shardOptions = { ...others, connection: into, mode }
  const { restore, shards } = await openForOthers(session, id, { ...shardOptions, shards: options.shards })
  const all = Array.from({ length: shards }, (_, index) => index)
  const work = async (index: number) => {
    await inProcess(restore, index, { into, options, signal, note: (text) => terminal.note(text) })
    return index
  }
  for await (const index of ordered(all, shards, work)) terminal.note(`Shard ${index} is written.`)
  await finish(session, restore, shardOptions)
}

interface Worker {
  readonly into: string
  readonly options: RestoreInShards
  readonly signal: AbortSignal
  readonly note: (text: string) => void
}

async function inProcess(restore: string, index: number, worker: Worker): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { code, said } = await once(restore, index, worker)
    if (code === 0) return
    worker.signal.throwIfAborted()
    if (attempt < attempts && passing.has(code)) {
      worker.note(`Shard ${index} ended with ${code ?? 'a signal'} and is being retried.`)
      continue
    }
    throw new BackupError('incomplete', `Shard ${index} of ${restore} could not be written: ${said.trim()}`, {
      operation: 'restore',
      suggestion: `Fix the cause, run 's3db-backup shard write ${restore} --index ${index}', and then 's3db-backup shard finish ${restore}'.`,
    })
  }
}

/** The connection is in the environment: other users can see command lines. */
function once(
  restore: string,
  index: number,
  { into, options, signal }: Worker,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const [, command = ''] = process.argv
  const { path, driver, config, keyFile, keyCommand, allowPlain } = options
  const place = Object.entries({ path, driver, config, 'key-file': keyFile, 'key-command': keyCommand })
  const typed = place.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]))
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [
        ...[command, 'shard', 'write', restore, '--index', String(index), '--quiet'],
        ...(allowPlain === true ? ['--allow-plain'] : []),
        ...typed,
      ],
      { env: { ...process.env, S3DB_CONNECTION: into }, stdio: ['ignore', 'ignore', 'pipe'], signal },
    )
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000)
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, said }))
  })
}
