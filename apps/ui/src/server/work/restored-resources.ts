import type { OnEvent, WriteReport } from '@s3db-backup/core'
import { isBackupError } from '@s3db-backup/core'
import * as z from 'zod'
import type { RestoreReport } from '../../api/work.js'
import { plainText } from '../plain-text.js'

type Restored = RestoreReport['resources'][number]

/** Failed records that are named, of each resource. */
const failuresShown = 20

/** The resources of a restore that came to its end, its failures included. */
export function restoredResources(reports: Iterable<readonly [string, WriteReport]>): Restored[] {
  return [...reports].map(([name, report]) => restored(name, report))
}

function restored(name: string, report: WriteReport): Restored {
  const { failed, refused, kept, shortfalls = [] } = report
  return {
    name,
    restored: report.restored,
    replaced: report.replaced,
    skipped: report.skipped,
    removed: report.removed,
    failed: failed.length + (refused?.records ?? 0),
    reason: refused === undefined ? null : plainText(refused.reason),
    written: 'all',
    upTo: null,
    expected: null,
    failures: failed.slice(0, failuresShown).map(({ id, reason }) => ({ id, reason: plainText(reason) })),
    notes: [
      ...(kept === undefined ? [] : [`${kept.count} stayed: ${plainText(kept.reason)}`]),
      ...shortfalls.map(({ reason, records }) =>
        records === 0 ? plainText(reason) : `${plainText(reason)} (${records} records)`,
      ),
    ],
  }
}

/** Follows a restore by its events, so that one that is stopped or fails can say what it has written. */
export interface Written {
  readonly onEvent: OnEvent
  /** What was written when the restore threw; nothing if it had not begun to write. */
  resources(error: unknown): Restored[] | undefined
}

export function watchWritten(): Written {
  let planned: readonly string[] | undefined
  const whole = new Map<string, WriteReport>()
  const begun = new Map<string, { readonly upTo: number; readonly expected: number | null }>()
  return {
    onEvent(event) {
      if (event.type === 'restore-start') planned = event.resources
      if (event.type === 'restore-resource') whole.set(event.resource, event.report)
      if (event.type === 'restore-progress')
        begun.set(event.resource, { upTo: event.selected, expected: event.expected ?? null })
    },
    resources(error) {
      const all = resultIn(error)
      if (all !== undefined) return restoredResources(all)
      return planned?.map((name) => {
        const report = whole.get(name)
        if (report !== undefined) return restored(name, report)
        const part = begun.get(name)
        return {
          ...restored(name, nothing),
          ...(part === undefined ? { written: 'none' } : { written: 'part', ...part }),
        }
      })
    },
  }
}

const nothing: WriteReport = { restored: 0, replaced: 0, skipped: 0, removed: 0, failed: [] }

const loss = z.looseObject({ id: z.string(), reason: z.string() })
const writeReport = z.looseObject({
  restored: z.number(),
  replaced: z.number(),
  skipped: z.number(),
  removed: z.number(),
  failed: z.array(loss),
  refused: z.looseObject({ reason: z.string(), records: z.number() }).optional(),
  kept: z.looseObject({ count: z.number(), reason: z.string() }).optional(),
  shortfalls: z
    .array(z.looseObject({ reason: z.string(), records: z.number(), ids: z.array(z.string()) }))
    .optional(),
})
const reports = z.record(z.string(), writeReport)
const result = z.looseObject({ resources: reports, internal: reports })

/** The result that an error of a restore has with it, which went on after its failures to the end. */
function resultIn(error: unknown): (readonly [string, WriteReport])[] | undefined {
  if (!isBackupError(error, 'incomplete')) return undefined
  const found = result.safeParse(error.metadata.result).data
  return found && [...Object.entries(found.resources), ...Object.entries(found.internal)]
}
