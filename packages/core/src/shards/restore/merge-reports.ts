import type { Shortfall, WriteReport } from '../../ports/target.js'

/** Ids that a shortfall names, at most. */
const mostIds = 100

/** What several writes of one resource came to together. */
export function mergeReports(reports: readonly WriteReport[]): WriteReport {
  const sum = (count: (report: WriteReport) => number) =>
    reports.reduce((total, report) => total + count(report), 0)
  const kept = reports.flatMap((report) => report.kept ?? [])
  const refused = reports.find((report) => report.refused !== undefined)?.refused
  const shortfalls = mergeShortfalls(reports.flatMap((report) => report.shortfalls ?? []))
  return {
    restored: sum(({ restored }) => restored),
    replaced: sum(({ replaced }) => replaced),
    skipped: sum(({ skipped }) => skipped),
    removed: sum(({ removed }) => removed),
    failed: reports.flatMap(({ failed }) => failed),
    ...(kept.length === 0
      ? {}
      : {
          kept: { count: kept.reduce((total, { count }) => total + count, 0), reason: kept[0]?.reason ?? '' },
        }),
    ...(refused === undefined ? {} : { refused }),
    ...(shortfalls.length === 0 ? {} : { shortfalls }),
  }
}

function mergeShortfalls(all: readonly Shortfall[]): Shortfall[] {
  const byReason = new Map<string, Shortfall>()
  for (const { reason, records, ids, missing } of all) {
    const before = byReason.get(reason)
    byReason.set(reason, {
      reason,
      records: records + (before?.records ?? 0),
      ids: [...(before?.ids ?? []), ...ids].slice(0, mostIds),
      ...(missing === true ? { missing } : {}),
    })
  }
  return [...byReason.values()]
}
