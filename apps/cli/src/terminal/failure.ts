import { BackupError, isBackupError } from '@s3db-backup/core/messages'
import { CommanderError } from 'commander'
import { exitCodes } from '../exit-codes.js'
import type { Session, StoppedWork } from '../session.js'
import { inTheCommandsWords } from './command-words.js'
import { asInstalled } from './install-words.js'
import { atPlace } from './shell-words.js'
import type { Terminal } from './terminal.js'
import { inOneLine } from './visible.js'
import { wrapped } from './wrapped.js'

/** Names of lost records shown before the rest is only counted. */
const shownRecords = 10

/** The parts of the command line that the advice depends on. */
type Typed = Pick<Session, 'command' | 'place'>

/** Says what went wrong and what to do about it, and returns the exit code. */
export function report(error: unknown, terminal: Terminal, typed: Typed = {}): number {
  terminal.live.clear()
  const failure = asAdvised(toBackupError(error, typed), typed)
  if (terminal.json) terminal.event({ error: { ...failure.toJSON(), exitCode: exitCodes[failure.code] } })
  else describe(failure, terminal)
  return exitCodes[failure.code]
}

/** The work was stopped by a signal and has cleaned up. */
export function reportInterrupt(
  exitCode: number,
  terminal: Terminal,
  work?: StoppedWork | undefined,
): number {
  terminal.live.clear()
  if (terminal.json) {
    const { details, suggestion } = work ?? {}
    terminal.event({ error: { code: 'interrupted', message: 'Stopped', exitCode, ...details, suggestion } })
    return exitCode
  }
  terminal.complain('Stopped.')
  for (const sentence of work?.done ?? []) terminal.complain(`  ${inOneLine(sentence)}`)
  if (work !== undefined) terminal.complain(`  ${work.suggestion}`)
  return exitCode
}

function describe(error: BackupError, terminal: Terminal): void {
  const { red, dim } = terminal.errorColors
  // Redacted before the text is wrapped: a secret may be split across lines and would not be found.
  const [first = '', ...rest] = terminal.redactor.text(error.message).split('\n')
  const suggestion = terminal.redactor.text(error.suggestion)
  const width = (terminal.errorWidth ?? Number.POSITIVE_INFINITY) - 2
  const [start = '', ...more] = wrapped(first, width)
  terminal.complain(`${red('✗')} ${start}`)
  for (const line of more) terminal.complain(`  ${line}`)
  for (const line of lostRecords(error)) terminal.complain(`    ${inOneLine(line)}`)
  for (const line of [...rest, ...wrapped(suggestion, width)]) terminal.complain(`  ${line}`)
  terminal.complain(dim(`  (${error.code})`))
}

/** `metadata.lost` and `metadata.failed` name records by resource; `metadata.lostWithoutId` counts further ones. */
function lostRecords({ metadata }: BackupError): string[] {
  const lines = byResource(metadata.lost ?? metadata.failed, ({ id, reason }) => `${id}: ${reason}`)
  const more = lines.length - shownRecords
  return [
    ...lines.slice(0, shownRecords),
    ...(more > 0 ? [`and ${more} more (--json names them all)`] : []),
    ...byResource(
      metadata.lostWithoutId,
      ({ reason, count }) => `${count ?? 'an unknown number'} without a name: ${reason}`,
    ),
  ]
}

interface Loss {
  readonly id?: unknown
  readonly reason?: unknown
  readonly count?: unknown
}

function byResource(losses: unknown, describeLoss: (loss: Loss) => string): string[] {
  if (typeof losses !== 'object' || losses === null) return []
  return Object.entries(losses).flatMap(([resource, records]) =>
    (Array.isArray(records) ? records : []).map((loss: Loss) => `${resource} ${describeLoss(loss)}`),
  )
}

function toBackupError(error: unknown, typed: Typed): BackupError {
  if (isBackupError(error)) return inTheCommandsWords(error)
  if (error instanceof CommanderError) {
    if (error.code === 'commander.help') return unparsed('No command was given', typed)
    const [first = '', ...hints] = error.message.replace(/^error: /, '').split('\n')
    return unparsed(capitalised([first, ...hints].join(' ')), typed)
  }
  const message = error instanceof Error ? error.message : String(error)
  return new BackupError('internal', message, { cause: error })
}

/** Commands that are advised find the backups where this one looked for them, and packages where it does. */
function asAdvised(error: BackupError, { place = '' }: Typed): BackupError {
  const installed = asInstalled(error.suggestion)
  const suggestion = place === '' ? installed : atPlace(installed, place)
  return suggestion === error.suggestion ? error : error.with({ suggestion })
}

function unparsed(message: string, { command }: Typed): BackupError {
  return new BackupError('invalid_options', message, {
    operation: 'validateConfig',
    suggestion: `See 's3db-backup${command === undefined ? '' : ` ${command}`} --help'.`,
  })
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
