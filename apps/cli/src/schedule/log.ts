import type { EventEmitter } from 'node:events'
import * as z from 'zod'
import type { Terminal } from '../terminal/terminal.js'
import { bytes, counted, duration, instant } from '../terminal/units.js'

/** Writes one line for each thing that happens: words, or JSON with `--json`. */
export type Log = (event: string, payload?: Readonly<Record<string, unknown>>) => void

const payloadSchema = z.looseObject({
  id: z.string().optional(),
  type: z.string().optional(),
  records: z.number().optional(),
  compressed: z.number().optional(),
  duration: z.number().optional(),
  count: z.number().optional(),
  purged: z.array(z.unknown()).optional(),
  schedule: z.array(z.string()).optional(),
  underWay: z.array(z.string()).optional(),
  error: z.unknown().optional(),
  ok: z.boolean().optional(),
  message: z.string().optional(),
  suggestion: z.string().optional(),
})

type Payload = z.output<typeof payloadSchema>

/** The plugin's events that are logged, in words. */
const sentences: Readonly<Record<string, (payload: Payload) => string>> = {
  start: ({ id }) => `${id} started`,
  complete: ({ id, records, compressed, duration: ms }) => {
    const known = [
      ...(records === undefined ? [] : [counted(records, 'record')]),
      ...(compressed === undefined ? [] : [bytes(compressed)]),
      ...(ms === undefined ? [] : [duration(ms)]),
    ]
    return `${id} complete: ${known.join(', ')}`
  },
  cancelled: ({ id }) => `${id} stopped`,
  'schedule-error': ({ schedule = [], error }) =>
    `backup failed (${schedule.join(', ')}): ${messageOf(error)}`,
  drill: ({ id, ok, duration: ms = 0 }) =>
    `drill of ${id} ${ok === true ? 'passed' : 'FAILED'}: ${duration(ms)}`,
  'drill-report-error': ({ id, error }) =>
    `the report of the drill of ${id} could not be stored: ${messageOf(error)}`,
  'drill-error': ({ error }) => `the drill could not run: ${messageOf(error)}`,
  cleanup: ({ count = 0, purged = [] }) =>
    [
      ...(count > 0 ? [`${counted(count, 'old backup')} removed`] : []),
      ...(purged.length > 0 ? [`${counted(purged.length, 'deleted backup')} purged`] : []),
    ].join(', '),
  warning: ({ message, suggestion }) => `warning: ${message}. ${suggestion}`,
  'cleanup-error': ({ error }) => `old backups could not be removed: ${messageOf(error)}`,
  'broken-chain': ({ id, lacks }) => `${id} cannot be restored: it needs ${String(lacks)}, which is missing`,
  listening: ({ url }) => `health and metrics at ${url}`,
  page: ({ url }) => `page at ${String(url)}`,
  waiting: ({ schedule = [], at }) => `next: ${schedule.join(', ')} at ${instant(String(at))}`,
  stopping: ({ underWay = [] }) =>
    underWay.length === 0 ? 'stopping' : `stopping when ${underWay.join(', ')} has ended`,
  aborting: ({ underWay = [] }) => `ending ${underWay.join(', ')}: it takes longer than --stop-timeout`,
  stopped: () => 'stopped',
}

/** Logs what a plugin's schedule does. */
export function logEvents(plugin: EventEmitter, terminal: Terminal): Log {
  const log: Log = (event, payload = {}) => {
    const time = new Date().toISOString()
    if (terminal.json) return terminal.record({ time, event, ...withErrors(payload) })
    const sentence = sentences[event]?.(payloadSchema.parse(payload))
    if (sentence !== undefined && !terminal.quiet) terminal.print(`${instant(time)}  ${sentence}`)
  }
  for (const event of Object.keys(sentences))
    plugin.on(`plg:backup:${event}`, (payload: unknown) => log(event, z.looseObject({}).parse(payload)))
  return log
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Errors that JSON would show as `{}`. */
function withErrors(payload: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]) => [
      name,
      value instanceof Error && !('toJSON' in value) ? { message: value.message } : value,
    ]),
  )
}
