import type { Running } from '../context/running.js'
import { type DrillContext, drill } from '../drill/drill.js'
import type { DrillReport } from '../drill/drill-report.js'
import { type KeptDrill, keptDrills, keptReport } from '../drill/stored-reports.js'
import type { TendCall } from '../operations/destination-maintenance.js'
import { type DrillOptions, parseDrillOptions } from '../options/drill-options.js'

/** `plugin.drills`: backups tried out by a restore, and the reports of that. */
export interface DrillMethods {
  /**
   * Restores a backup into a new database of its own and compares it there record by record. Resolves with a report,
   * also of a damaged backup.
   */
  run(backupId: string, options?: DrillOptions): Promise<DrillReport>
  /** The drills whose reports were kept at the destination, newest first. */
  list(options?: TendCall): Promise<KeptDrill[]>
  /** The report under a key of `list()`, as JSON. Where the backup is encrypted, it is without names. */
  read(key: string, options?: TendCall): Promise<unknown>
}

export function drillMethods(context: DrillContext & { readonly running: Running }): DrillMethods {
  return {
    async run(backupId, options = {}) {
      const call = parseDrillOptions(options)
      return context.running.during(backupId, call.signal, (signal) =>
        drill(context, backupId, { ...call, signal }),
      )
    },
    list: ({ signal = new AbortController().signal } = {}) =>
      keptDrills(context.destination.driver, { signal }),
    read: (key, { signal = new AbortController().signal } = {}) =>
      keptReport(context.destination.driver, key, { signal }),
  }
}
