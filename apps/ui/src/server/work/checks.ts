import type { VerifyLevel } from '@s3db-backup/core'
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
export function drillWork({ plugin }: Page, { id, by }: Wanted): NewJob {
  return {
    kind: 'drill',
    title: `Drill of ${id}`,
    backup: id,
    by,
    lock: `drill ${id}`,
    async work(tell): Promise<DrillReport> {
      tell.phase('Restoring into a database of its own, and comparing')
      const report = await plugin.drills.run(id, { storeReport: true, signedOffBy: by, signal: tell.signal })
      const { ok, startedAt, duration, scratch, resources, problems } = report
      return {
        ...{ kind: 'drill', backup: id, ok, at: startedAt, duration, scratch },
        resources: Object.entries(resources).map(([name, { records, compared, different }]) => ({
          ...{ name, records, compared, different },
        })),
        problems: problems.slice(0, 200).map(problemOf),
      }
    },
  }
}
