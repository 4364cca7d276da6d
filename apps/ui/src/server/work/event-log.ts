import type { BackupPlugin } from '@s3db-backup/plugin'
import * as z from 'zod'
import type { ScheduleAndLog } from '../../api/schedule.js'
import { plainText } from '../plain-text.js'

type Line = ScheduleAndLog['log'][number]

/** The events of the plugin in this process, newest first. */
export interface EventLog {
  lines(): readonly Line[]
  close(): void
}

const most = 500

const payload = z.looseObject({
  id: z.string().optional(),
  ok: z.boolean().optional(),
  dryRun: z.boolean().optional(),
  count: z.number().optional(),
  message: z.string().optional(),
  schedule: z.array(z.string()).optional(),
  error: z.unknown().optional(),
})
type Payload = z.output<typeof payload>

const words = {
  start: ({ id }: Payload) => `Backup ${id} started`,
  complete: ({ id }: Payload) => `Backup ${id} is complete`,
  cancelled: ({ id }: Payload) => `Backup ${id} was stopped`,
  'schedule-error': ({ schedule = [], error }: Payload) =>
    `No backup was made for ${schedule.join(', ')}: ${said(error)}`,
  error: ({ id, error }: Payload) => `Backup ${id ?? ''} failed: ${said(error)}`,
  'restore-complete': (payload: Payload) => `${restoreOf(payload)} has ended`,
  'restore-error': ({ error, ...payload }: Payload) =>
    isStop(error) ? `${restoreOf(payload)} was stopped` : `${restoreOf(payload)} failed: ${said(error)}`,
  drill: ({ id, ok }: Payload) => `Drill of ${id} ${ok === true ? 'passed' : 'found differences'}`,
  'drill-error': ({ error }: Payload) => `The drill could not run: ${said(error)}`,
  'drill-report-error': ({ id, error }: Payload) =>
    `The report of the drill of ${id} could not be stored: ${said(error)}`,
  cleanup: ({ count = 0 }: Payload) => `Retention removed ${count} ${count === 1 ? 'backup' : 'backups'}`,
  'cleanup-error': ({ error }: Payload) => `Old backups could not be removed: ${said(error)}`,
  deleted: ({ id }: Payload) => `Backup ${id} was deleted`,
  warning: ({ message = '' }: Payload) => `Warning: ${message}`,
}

const good = new Set(['complete', 'restore-complete'])
const bad = new Set([
  'schedule-error',
  'error',
  'restore-error',
  'drill-error',
  'drill-report-error',
  'cleanup-error',
  'warning',
])

export function eventLog(plugin: BackupPlugin): EventLog {
  const lines: Line[] = []
  const followed = Object.entries(words).map(([event, sentence]) => {
    const name = `plg:backup:${event}` as 'plg:backup:start'
    const listener = (given: unknown) => {
      const known = payload.safeParse(given).data
      if (known === undefined) return
      const isGood = (good.has(event) && known.dryRun !== true) || (event === 'drill' && known.ok === true)
      const isBad = bad.has(event) || (event === 'drill' && known.ok !== true)
      lines.unshift({
        at: new Date().toISOString(),
        event,
        text: plainText(sentence(known)),
        level: isGood ? 'good' : isBad ? 'bad' : 'plain',
      })
      if (lines.length > most) lines.pop()
    }
    plugin.on(name, listener)
    return () => plugin.off(name, listener)
  })
  return {
    lines: () => lines,
    close() {
      for (const stop of followed) stop()
    },
  }
}

function restoreOf({ id, dryRun }: Pick<Payload, 'id' | 'dryRun'>): string {
  return dryRun === true ? `Dry run of a restore of ${id}` : `Restore of ${id}`
}

function isStop(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
