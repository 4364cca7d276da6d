import type { DrilledResource, DrillReport } from './drill-report.js'

/** The report of a drill as a text for people and files, without anything that a terminal would obey. */
export function formatDrillReport(report: DrillReport): string {
  const lines = [
    `Restore drill of ${report.id}: ${report.ok ? 'passed' : 'FAILED'}`,
    '',
    ...aligned(factsOf(report)),
    '',
    ...aligned(tableOf(report)),
    ...differencesOf(report),
    ...problemsOf(report),
    '',
    ...aligned(signOffOf(report)),
  ]
  return `${lines.map((line) => shown(line.trimEnd())).join('\n')}\n`
}

function factsOf(report: DrillReport): string[][] {
  const { durations, versions, selection, chain } = report
  const { resources, exclude } = selection
  const chosen = resources === null ? 'all' : resources.join(', ')
  return [
    // One id per line: two are wider than a screen.
    ...(chain.length === 0 ? ['none'] : chain).map((id, at) => [at === 0 ? 'Backups read' : '', id]),
    ['Started', report.startedAt],
    [
      'Took',
      `${seconds(report.duration)} (restore ${seconds(durations.restore)}, comparison ${seconds(durations.compare)})`,
    ],
    ['Restored to', scratchNames[report.scratch]],
    ['Resources', exclude.length === 0 ? chosen : `${chosen} without ${exclude.join(', ')}`],
    [
      'Versions',
      `s3db-backup ${versions.backup}, s3db.js ${versions.s3db ?? 'unknown'}, Node.js ${versions.node}`,
    ],
  ]
}

const scratchNames: Readonly<Record<DrillReport['scratch'], string>> = {
  disk: 'a temporary database on disk',
  memory: 'a temporary database in memory',
  database: 'the database given as scratch',
}

function tableOf({ resources }: DrillReport): string[][] {
  const rows = Object.entries(resources).map(([name, { records, compared, different }]) => [
    name,
    ...[records, compared, different].map(String),
  ])
  return [['Resource', 'Records', 'Found', 'Different'], ...rows]
}

function differencesOf({ resources }: DrillReport): string[] {
  const differing = Object.entries(resources).filter(([, { different }]) => different > 0)
  if (differing.length === 0) return []
  return ['', 'Different', ...differing.map(([name, found]) => `  ${name}: ${namesOf(found)}`)]
}

function namesOf({ examples, different }: DrilledResource): string {
  const more = different - examples.length
  return `${examples.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function problemsOf({ problems }: DrillReport): string[] {
  if (problems.length === 0) return []
  return ['', 'Problems', ...problems.map(({ message, code }) => `  ${message} (${code})`)]
}

function signOffOf({ signOff: { by, sha256, signature } }: DrillReport): string[][] {
  return [
    ['Signed off by', by ?? 'nobody (set signedOffBy, or --signed-off-by)'],
    ['SHA-256', sha256],
    ['Signature', signature === null ? 'none' : `Ed25519, key ${signature.keyId}: ${signature.value}`],
  ]
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** Columns, all but the last as wide as their widest cell. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '))
}

/** Names come from a backup, which is untrusted. */
function shown(line: string): string {
  return line.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\uFFFD')
}
