import { exec } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { BackupError } from '@s3db-backup/core'
import type { Redactor } from '@s3db-backup/core/internal'
import { makeReadable, whyUnreadable } from './unreadable-file.js'

/** Where a key may come from, the first that is given. Never from the command line, which others can see. */
export interface KeySources {
  readonly file?: string | undefined
  /** A command of the shell that prints the key. */
  readonly command?: string | undefined
  readonly environment?: string | undefined
}

/**
 * Reads a key; `undefined` if no source is given. A line end at its end is not part of it.
 *
 * @throws BackupError `invalid_options` if the source gives nothing or cannot be read. No message holds the key,
 * nor what a command printed.
 */
export async function readKey({ file, command, environment }: KeySources): Promise<string | undefined> {
  if (file !== undefined) return notEmpty(await fromFile(file), `in the key file ${file}`)
  if (command !== undefined) return notEmpty(await fromCommand(command), 'from the command for the key')
  return environment === undefined || environment === '' ? undefined : environment
}

/** From now on no output contains the key, with or without its prefix. */
export function hideKey(redactor: Redactor, key: string): void {
  const [, form, bare = key] = /^(base64|hex|passphrase):(.*)$/s.exec(key) ?? []
  redactor.hide(key, bare, ...(form === 'base64' ? [Buffer.from(bare, 'base64').toString('hex')] : []))
}

async function fromFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const why = whyUnreadable(cause) ?? 'unknown'
    const suggestion = why === 'no such file' ? undefined : makeReadable
    throw unreadable(`Cannot read the key file ${file} (${why})`, cause, suggestion)
  }
}

function fromCommand(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = exec(command, { encoding: 'utf8' }, (error, stdout) => {
      // The error itself quotes what the command printed.
      if (error === null) resolve(stdout)
      else reject(unreadable(`The command for the key failed (exit code ${error.code ?? error.signal})`))
    })
    // A command that asks for a passphrase talks to the terminal, not to us.
    child.stdin?.end()
  })
}

function notEmpty(text: string, where: string): string {
  const key = text.replace(/\r?\n$/, '')
  if (key === '') throw unreadable(`No key ${where}`)
  return key
}

const checkKey =
  'Check --key-file, --key-command or S3DB_BACKUP_KEY. For a first backup, make a key with s3db-backup keygen.'

function unreadable(message: string, cause?: unknown, suggestion = checkKey): BackupError {
  return new BackupError('invalid_options', message, {
    operation: 'validateConfig',
    suggestion,
    ...(cause === undefined ? {} : { cause }),
  })
}
