import type { PluginVerify } from '@s3db-backup/plugin-adapter'
import { copied } from '../backups.js'
import type { Terminal } from '../terminal.js'
import { bytes, counted } from '../units.js'
import { wrapped, wrappedReport } from '../wrapped.js'

const looked = {
  quick: 'looks complete: every file exists and has the right size; contents were not read',
  stored: 'is intact: every stored byte was read and compared',
  full: 'is intact: every byte was read and compared',
} as const

/** Says what a verification saw, and what is wrong. */
export function printVerified(terminal: Terminal, report: PluginVerify, subset: string | undefined) {
  const { id, level, ok, files, bytes: size, records, problems } = report
  for (const copy of report.copies ?? []) terminal.warn(copied(copy.id, copy.directory, copy.complete))
  if (ok) {
    if (terminal.quiet) return
    const how =
      subset === undefined
        ? looked[level]
        : `looks complete: every file has the right size, and ${subset} of them were read`
    // Without the key of an encrypted backup, records are not counted.
    const counts = level === 'full' || records > 0 ? [counted(records, 'record')] : []
    const seen = [counted(files, 'file'), bytes(size), ...counts].join(', ')
    const width = (terminal.width ?? Number.POSITIVE_INFINITY) - 2
    const [first = '', ...more] = wrapped(`${id} ${how} (${seen})`, width)
    terminal.print(`${terminal.colors.green('✓')} ${first}`)
    for (const line of more) terminal.print(`  ${line}`)
    if (report.ancestors.length > 0)
      for (const line of wrapped(ancestorsInWords(report), width)) terminal.print(`  ${line}`)
    return
  }
  terminal.complain(
    `${terminal.errorColors.red('✗')} ${id} ${whatIsWrong(problems)} (${counted(problems.length, 'problem')})`,
  )
  const width = terminal.errorWidth ?? Number.POSITIVE_INFINITY
  for (const { message } of problems) terminal.complain(wrappedReport(`  ${message}`, width))
}

function ancestorsInWords({ ancestors, level }: PluginVerify): string {
  const were = ancestors.length === 1 ? 'which was' : 'which were'
  const how = level === 'quick' ? 'looked at' : 'read'
  return `It builds on ${ancestors.join(', ')}, ${were} ${how} as well.`
}

function whatIsWrong(problems: PluginVerify['problems']): string {
  return problems.every(({ code }) => code === 'broken_chain') ? 'cannot be restored' : 'is damaged'
}
