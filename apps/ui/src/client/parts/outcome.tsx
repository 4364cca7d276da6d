import type { Job } from '../../api/work.js'
import { Badge } from './basic.js'

export function Outcome({ of }: { readonly of: Job }) {
  const { report, state } = of
  if (state === 'running') return <Badge level="plain">running</Badge>
  // It went on after the records that failed, to the end.
  if (state === 'failed' && report?.kind === 'restore' && report.resources.every(isWhole))
    return <Badge level="bad">not all restored</Badge>
  if (state === 'stopped') return <Badge level="warn">stopped</Badge>
  if (state === 'failed' || report === null) return <Badge level="bad">failed</Badge>
  if (report.kind === 'verify' || report.kind === 'drill')
    return report.ok ? <Badge level="good">sound</Badge> : <Badge level="bad">not sound</Badge>
  if (report.kind === 'dry-run') return <Badge level="plain">counted</Badge>
  return <Badge level="good">restored</Badge>
}

const isWhole = ({ written }: { readonly written: string }): boolean => written === 'all'
