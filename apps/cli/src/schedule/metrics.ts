import type { Health } from './health.js'

type Labels = Readonly<Record<string, string>>

interface Sample {
  readonly labels?: Labels | undefined
  readonly value: number
}

/**
 * The state of the backups for Prometheus: text format 0.0.4, base units, so seconds and bytes
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). Unknown values are omitted.
 */
export function metrics(health: Health): string {
  const { lastSuccess, lastFailure, age, successes, failures, running, healthy, warnings, broken, nextRuns } =
    health
  const { lastDrill, lastDrillSuccess, drillAge } = health
  const one = (value: number | null | undefined): Sample[] => (value == null ? [] : [{ value }])
  const seconds = (ms: number | undefined) => one(ms === undefined ? undefined : ms / 1000)
  const verified = lastSuccess?.verified
  return [
    gauge('healthy', 'Whether the backups are healthy.', one(Number(healthy))),
    gauge('last_success_timestamp_seconds', 'When the newest backup completed.', seconds(lastSuccess?.at)),
    gauge('last_success_age_seconds', 'Age of the newest complete backup.', seconds(age)),
    gauge(
      'last_success_size_bytes',
      'Bytes of the newest backup at its destination.',
      one(lastSuccess?.bytes),
    ),
    gauge('last_success_records', 'Records in the newest backup.', one(lastSuccess?.records)),
    gauge(
      'last_success_duration_seconds',
      'How long the newest backup took.',
      seconds(lastSuccess?.duration),
    ),
    gauge(
      'last_success_verified',
      'Whether the newest backup was read back after it was written.',
      one(verified === undefined ? undefined : Number(verified)),
    ),
    gauge(
      'last_failure_timestamp_seconds',
      'When a backup failed, if none succeeded since.',
      seconds(lastFailure?.at),
    ),
    gauge(
      'last_drill_ok',
      'Whether the newest drill found every record unchanged.',
      one(lastDrill === undefined ? undefined : Number(lastDrill.ok)),
    ),
    gauge('last_drill_timestamp_seconds', 'When the newest drill began.', seconds(lastDrill?.at)),
    gauge(
      'last_drill_success_timestamp_seconds',
      'Start of the newest drill that found every record unchanged.',
      seconds(lastDrillSuccess),
    ),
    gauge(
      'last_drill_success_age_seconds',
      'Age of the newest drill that found every record unchanged.',
      seconds(drillAge),
    ),
    gauge(
      'recoverable_since_timestamp_seconds',
      'Earliest time that the versions of the bucket can restore.',
      seconds(health.recoverableSince),
    ),
    gauge('running', 'Whether a backup is being made.', one(Number(running))),
    gauge('warnings', 'Number of warnings of the newest backup.', one(warnings.length)),
    gauge(
      'broken_chains',
      'Backups that cannot be restored because one they build on is missing.',
      one(broken.length),
    ),
    gauge(
      'next_run_timestamp_seconds',
      'When the next backup is due.',
      nextRuns.map(({ name, type, at }) => ({
        labels: { schedule: name, type },
        value: at.getTime() / 1000,
      })),
    ),
    counter('successes_total', 'Backups made since the start of this process.', one(successes)),
    counter('failures_total', 'Backups that failed since the start of this process.', one(failures)),
  ].join('')
}

function gauge(name: string, help: string, samples: readonly Sample[]): string {
  return family('gauge', `s3db_backup_${name}`, help, samples)
}

function counter(name: string, help: string, samples: readonly Sample[]): string {
  return family('counter', `s3db_backup_${name}`, help, samples)
}

function family(type: string, name: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return ''
  const lines = samples.map(({ labels = {}, value }) => `${name}${labelText(labels)} ${value}`)
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n')
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
