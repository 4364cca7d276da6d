import type { Job } from '../../api/work.js'
import { Badge } from './basic.js'

export function Outcome({ of }: { readonly of: Job }) {
  const { report, state } = of
  if (state === 'running') return <Badge level="plain">running</Badge>
  if (state === 'stopped') return <Badge level="warn">stopped</Badge>
  if (state === 'failed' || report === null) return <Badge level="bad">failed</Badge>
  if (report.kind === 'verify' || report.kind === 'drill')
    return report.ok ? <Badge level="good">sound</Badge> : <Badge level="bad">not sound</Badge>
  const lacks = report.resources.some(({ failed }) => failed > 0)
  if (report.kind === 'dry-run') return <Badge level="plain">counted</Badge>
  return lacks ? <Badge level="warn">not all restored</Badge> : <Badge level="good">restored</Badge>
}
