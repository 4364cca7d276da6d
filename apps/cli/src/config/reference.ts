import { exec } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { BackupError } from '@s3db-backup/core'
import * as z from 'zod'

const words = z.string().min(1)

/**
 * A text of the configuration, or where it is: in a variable of the environment, in a file, or on the output of a command. So
 * a configuration can be kept where others read it.
 */
export const referenceSchema = z.union([
  words,
  z.strictObject({ env: words }),
  z.strictObject({ file: words }),
  z.strictObject({ command: words }),
])

export type Reference = z.output<typeof referenceSchema>

/**
 * The text itself, without the line end that files and commands end with.
 *
 * @throws BackupError `invalid_options` if there is none. No message holds the text, nor what a command printed.
 */
export async function readReference(reference: Reference, what: string): Promise<string> {
  if (typeof reference === 'string') return reference
  const [text, where] = await lookUp(reference, what)
  const value = text.replace(/\r?\n$/, '')
  if (value === '') throw unreadable(`${what}: ${where} is empty`)
  return value
}

async function lookUp(
  reference: Exclude<Reference, string>,
  what: string,
): Promise<[text: string, where: string]> {
  if ('env' in reference) return [process.env[reference.env] ?? '', `the variable ${reference.env}`]
  if ('command' in reference) return [await printedBy(reference.command, what), 'what the command printed']
  try {
    return [await readFile(reference.file, 'utf8'), `the file ${reference.file}`]
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw unreadable(`${what}: cannot read the file ${reference.file} (${code})`, cause)
  }
}

function printedBy(command: string, what: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = exec(command, { encoding: 'utf8' }, (error, stdout) => {
      // The error itself quotes what the command printed.
      if (error === null) resolve(stdout)
      else reject(unreadable(`${what}: the command failed (exit code ${error.code ?? error.signal})`))
    })
    // A command that asks for a passphrase talks to the terminal, not to us.
    child.stdin?.end()
  })
}

function unreadable(message: string, cause?: unknown): BackupError {
  return new BackupError('invalid_options', message, {
    operation: 'validateConfig',
    suggestion: 'Set the variable, or check the file or the command that the configuration names.',
    ...(cause === undefined ? {} : { cause }),
  })
}
