import { isBackupError, type VerifyLevel } from '@s3db-backup/core'
import type { DrillReport as FoundInDrill } from '@s3db-backup/plugin-adapter'
import * as z from 'zod'
import type { DrillReport, VerifyReport } from '../../api/work.js'
import { problemOf } from '../answer.js'
import type { Page } from '../page.js'
import type { NewJob } from './jobs.js'

interface Wanted {
  readonly id: string
  readonly by: string
}

/** Reads a backup and compares it with its manifest. Changes nothing. */
export function verifyWork(
  { plugin }: Page,
  { id, level, by }: Wanted & { readonly level: VerifyLevel },
): NewJob {
  return {
    kind: 'verify',
    title: `Verify ${id}`,
    backup: id,
    by,
    async work(tell): Promise<VerifyReport> {
      tell.phase('Reading')
      const report = await plugin.verify(id, {
        level,
        signal: tell.signal,
        onEvent(event) {
          if (event.type === 'verify-progress') tell.progress(event.file, event.bytes, event.expected)
        },
      })
      const { ok, files, bytes, records, ancestors, problems } = report
      return {
        ...{ kind: 'verify', backup: id, level, ok, files, bytes, records },
        ancestors: [...ancestors],
        problems: problems.slice(0, 200).map(problemOf),
      }
    },
  }
}

/** Restores a backup into a database that is there for this alone, compares every record, and keeps the report. */
export function drillWork({ plugin, drills }: Page, { id, by }: Wanted): NewJob {
  return {
    kind: 'drill',
    title: `Drill of ${id}`,
    backup: id,
    by,
    lock: { key: `drill ${id}`, busy: `A drill of ${id} is running already` },
    async work(tell): Promise<DrillReport> {
      tell.phase('Restoring into a database of its own, and comparing')
      const call = { storeReport: true, signedOffBy: by, signal: tell.signal }
      const report = await plugin.drills.run(id, call).finally(drills.forget)
      return { ...reported(report), stored: true }
    },
    // What was found is so, even if the report could not be stored.
    doneBefore(error) {
      const found = isBackupError(error) ? keptDrill.safeParse(error.metadata.report).data : undefined
      return found === undefined ? null : { ...reported(found), stored: false }
    },
  }
}

/** A report in an error that its storage threw. */
const keptDrill = z.looseObject({
  id: z.string(),
  ok: z.boolean(),
  startedAt: z.string(),
  duration: z.number(),
  scratch: z.string(),
  resources: z.record(
    z.string(),
    z.looseObject({ records: z.number(), compared: z.number(), different: z.number() }),
  ),
  problems: z.array(z.unknown()),
})

function reported({
  id,
  ok,
  startedAt,
  duration,
  scratch,
  resources,
  problems,
}: z.output<typeof keptDrill> | FoundInDrill): Omit<DrillReport, 'stored'> {
  return {
    ...{ kind: 'drill', backup: id, ok, at: startedAt, duration, scratch },
    resources: Object.entries(resources).map(([name, { records, compared, different }]) => ({
      ...{ name, records, compared, different },
    })),
    problems: problems.slice(0, 200).map(problemOf),
  }
}
