import type { BackupDetails } from '../../../api/backups.js'
import { useAnswer } from '../../ask.js'
import { Badge, StateWord, Text, Waiting, Wrong } from '../../parts/basic.js'
import { Link } from '../../place.js'
import { counted } from '../../words.js'
import { Chain } from './chain.js'
import { Checks } from './checks.js'
import { Parts } from './parts.js'
import { Resources } from './resources.js'
import { WhatItIs } from './what-it-is.js'

export function BackupPage({ id }: { readonly id: string }) {
  const { data, problem, loading } = useAnswer<BackupDetails>(`/api/backup?${new URLSearchParams({ id })}`)
  if (data === undefined)
    return (
      <>
        <h1 class="mono">
          <Text of={id} mono />
        </h1>
        <Waiting on={loading} />
        <Wrong problem={problem} />
      </>
    )
  const { backup } = data
  const restorable = backup.state === 'complete' || backup.state === 'incomplete'
  const records = data.resources.filter((one) => !one.internal)
  const internal = data.resources.filter((one) => one.internal)
  return (
    <>
      <h1>
        <Text of={id} />
      </h1>
      <div class="row">
        <StateWord of={backup.state} />
        {backup.encrypted && <Badge level="plain">encrypted</Badge>}
        {backup.locked && <Badge level="warn">no key here opens it</Badge>}
        <span class="quiet">{sentence(data)}</span>
      </div>
      {backup.why !== null && data.error === null && (
        <div class="note warn">
          <Text of={backup.why} />
        </div>
      )}
      {data.error !== null && <Wrong problem={data.error} />}
      {data.error === null && (
        <div class="row">
          {restorable && !backup.locked && (
            <>
              <Link class="button main" to="/restore" query={{ backup: id }}>
                Restore…
              </Link>
              <Link class="button" to="/records" query={{ backup: id }}>
                Show the records
              </Link>
            </>
          )}
        </div>
      )}
      {backup.series !== null && <Checks id={id} />}
      {data.error === null && <WhatItIs of={data} />}
      {(data.chain.length > 1 || data.children.length > 0) && <Chain of={data} />}
      {records.length > 0 && <Resources of={records} id={id} title="Resources" links={!backup.locked} />}
      {internal.length > 0 && <Resources of={internal} id={id} title="Internal data" links={false} />}
      {data.parts.length > 0 && <Parts of={data} />}
    </>
  )
}

function sentence({ backup, resources, chain }: BackupDetails): string {
  const total = resources.filter((one) => !one.internal).reduce((sum, one) => sum + one.total, 0)
  const kind = chain.length > 1 ? `Incremental, ${chain.length - 1} after its full backup` : 'Full'
  if (backup.series === null) return ''
  if (backup.locked) return `${kind}; what it holds can be seen with the key alone`
  return `${kind}; the database had ${counted(total, 'record')} in ${counted(resources.filter((one) => !one.internal).length, 'resource')}`
}
